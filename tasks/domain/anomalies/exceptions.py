"""AN-17 and AN-18: what was let pass, when it becomes a habit, and when nobody looks at it afterwards."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tasks.domain.anomalies.detector import Deadlines, Detector, Settings
from tasks.domain.anomalies.finding import Found, Place
from tasks.domain.anomalies.landing import Landing
from tasks.domain.anomalies.rule import Level, Rule, Status
from tasks.domain.audit import Event, EventType
from tasks.domain.emergency_records import owed_for
from tasks.domain.reasons import told_moment
from tasks.domain.remembered import moment_of

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Exception:
    """`what` is the same for the same waiver or emergency of the same pull request, at whatever head."""

    what: tuple[str, str, str]
    at: datetime
    event: str


class WaiverSurge(Detector):
    rule = Rule(
        id="AN-17",
        uuid="ea36aa6f-11f3-4433-879e-6b0a829ea06a",
        title="A team lets much pass in one week",
        level=Level.MEDIUM,
        status=Status.STABLE,
        description="At least three waivers and emergencies of one team in seven days, each counted once a pull "
        "request.",
        false_positives=("A move for which the waivers were granted",),
        tags=("attack.defense-evasion", "attack.t1562.001"),
        who="whoever keeps the policies",
        step="Look whether the rules that are waived are right, and whether the exceptions were",
    )
    sees = frozenset({EventType.WAIVER_USED, EventType.EMERGENCY_USED})

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._latest: dict[str, deque[_Exception]] = {}

    def seen(self, event: Event) -> Iterable[Found]:
        team, at, place = event.team or "", moment_of(event), Place.of(event)
        what = (place.key, str(event.subject["pull_request"]), str(event.subject.get("waiver", "emergency")))
        latest = self._latest.setdefault(team, deque())
        while latest and latest[0].at < at - WEEK:
            latest.popleft()
        if what not in {each.what for each in latest}:
            latest.append(_Exception(what, at, event.id))
            if len(latest) >= self.settings.anomalies.exceptions_per_week:
                message = f"{len(latest)} waivers and emergencies of {team} in seven days"
                ids = tuple(each.event for each in latest)
                yield Found(self.rule, (team,), at, ids, message, Place(event.team), quiet=WEEK)


class UnreviewedEmergency(Detector):
    rule = Rule(
        id="AN-18",
        uuid="0b91f65f-f8f9-46f0-b495-62a06f3b5e29",
        title="What landed in an emergency has not been reviewed",
        level=Level.HIGH,
        status=Status.STABLE,
        description="Nobody independent has reviewed a landing for which rules were let pass, until the time for it "
        "was over: 72 hours at most.",
        false_positives=("A review that nobody gave on the head that landed",),
        tags=("attack.defense-evasion", "attack.t1078"),
        who="somebody who neither wrote, asked for nor approved it",
        step="Review the head that landed at the code host; the next run finds the review",
    )
    sees = frozenset({EventType.EMERGENCY_USED, EventType.EMERGENCY_REVIEWED})

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._used: dict[tuple[str, ...], Event] = {}
        self._owed = Deadlines()

    def seen(self, event: Event) -> Iterable[Found]:
        key = (Place.of(event).key, str(event.subject["pull_request"]), str(event.subject["head"]))
        if event.type is EventType.EMERGENCY_REVIEWED:
            return self._owed.met(key, moment_of(event))
        self._used[key] = event
        return ()

    def landed(self, landing: Landing) -> Iterable[Found]:
        key = (landing.place.key, str(landing.number), landing.head)
        if (used := self._used.pop(key, None)) is not None:
            owed = owed_for(used, landing.event, landing.place.name)
            people = ", ".join(sorted(owed.people))
            message = (
                f"{landing.name} landed as an emergency and nobody independent has reviewed {landing.head[:7]} until "
                f"{told_moment(owed.due)}; {people} cannot"
            )
            missed = Found(self.rule, key, owed.due, (used.id, *landing.events), message, landing.place, quiet=None)
            self._owed.wait(key, owed.due, missed)
        return ()

    def overdue(self, now: datetime) -> Iterable[Found]:
        return self._owed.overdue(now)

    def due_after(self, now: datetime) -> datetime | None:
        return self._owed.due_after(now)
