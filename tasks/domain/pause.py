"""
Whether landings are stopped: of everything, of a team or of a repository, by whom, why and until when.

A pause stands in a file of the configuration, where it lasts as it says, or was given by command, where it lasts until
somebody resumes or its time has come. Nothing is excepted from it, not even the hotfix lane. What is rolled back is: to
take back what does harm lands nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from config.schema import Pause
from tasks.domain.audit import Event, EventType
from tasks.domain.bounds import bounded
from tasks.domain.reasons import Reason, ReasonCode, told_moment
from tasks.domain.records import Recorder
from tasks.domain.rules import Rules

PAUSE_EVENTS = frozenset({EventType.LANDING_PAUSED, EventType.LANDING_RESUMED})
USUAL = timedelta(hours=24)
"""How long a pause by command lasts where nobody says how long."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is paused; both None: everything."""

    team: str | None = None
    repository: str | None = None

    @property
    def key(self) -> str:
        if self.repository is not None:
            return f"repository {self.repository.casefold()}"
        return "everything" if self.team is None else f"team {self.team}"

    @property
    def words(self) -> str:
        if self.repository is not None:
            return f"repository {self.repository}"
        return "everything" if self.team is None else f"team {self.team}"

    def holds(self, team: str, repository: str) -> bool:
        if self.repository is not None:
            return self.repository.casefold() == repository.casefold()
        return self.team is None or self.team == team


@dataclass(frozen=True, slots=True)
class Stop:
    """A pause that somebody gave."""

    scope: Scope
    reason: str
    owner: str
    until: datetime

    def document(self, given: str) -> dict[str, JsonValue]:
        scope = {"team": self.scope.team, "repository": self.scope.repository, "scope": self.scope.words}
        return {**scope, "reason": self.reason, "owner": self.owner, "until": told_moment(self.until), "stated": given}


@dataclass(frozen=True, slots=True)
class PauseLedger:
    """`stops` are those that nobody has resumed, by scope; `turns` how often each scope was paused."""

    stops: Mapping[str, Stop]
    turns: Mapping[str, int]

    def holding(self, at: datetime) -> tuple[Stop, ...]:
        return tuple(stop for stop in self.stops.values() if at < stop.until)


def pauses_in(events: Iterable[Event]) -> PauseLedger:
    stops: dict[str, Stop] = {}
    turns: dict[str, int] = {}
    for event in events:
        key = str(event.subject.get("scope"))
        if event.type is EventType.LANDING_PAUSED:
            stops[key] = _parsed(event)
            turns[key] = turns.get(key, 0) + 1
        elif event.type is EventType.LANDING_RESUMED:
            stops.pop(key, None)
    return PauseLedger(stops, turns)


def paused_event(recorder: Recorder, stop: Stop, ledger: PauseLedger, stated: str) -> Event | None:
    """None where it is paused so already. Another reason or another end is another pause, in the place of the first."""
    if ledger.stops.get(stop.scope.key) == stop:
        return None
    turn = ledger.turns.get(stop.scope.key, 0)
    data = {**stop.document(stated), "reason": bounded(stop.reason), "owner": bounded(stop.owner), "turn": turn}
    return recorder.event(EventType.LANDING_PAUSED, {"scope": stop.scope.key}, data, {"turn": turn})


def resumed_event(recorder: Recorder, scope: Scope, owner: str, ledger: PauseLedger, stated: str) -> Event | None:
    """None where nobody has paused that by command."""
    if scope.key not in ledger.stops:
        return None
    turn = ledger.turns[scope.key]
    data: dict[str, JsonValue] = {"owner": bounded(owner), "stated": stated, "turn": turn}
    return recorder.event(EventType.LANDING_RESUMED, {"scope": scope.key}, data, {"turn": turn})


def reasons_of_pauses(rules: Rules, given: PauseLedger, at: datetime) -> tuple[Reason, ...]:
    """Every pause that holds this repository at that moment."""
    here = [stop for stop in given.holding(at) if stop.scope.holds(rules.team, rules.repository)]
    written = [_reason(pause.reason, pause.owner, pause.end) for pause in rules.pauses if pause.holds(at)]
    return (*written, *(_reason(stop.reason, stop.owner, stop.until, f" of {stop.scope.words}") for stop in here))


def told_pauses(written: Sequence[tuple[str, Pause]], given: PauseLedger, at: datetime) -> tuple[str, ...]:
    """As the doctor tells them; `written` are those of the configuration, with what each is about."""
    in_files = [(about, _reason(each.reason, each.owner, each.end)) for about, each in written if each.holds(at)]
    by_command = [(each.scope.words, _reason(each.reason, each.owner, each.until)) for each in given.holding(at)]
    return tuple(f"{about}: {reason.message}" for about, reason in (*in_files, *by_command))


def _reason(reason: str, owner: str, until: datetime | None, of: str = "") -> Reason:
    end = "until somebody resumes" if until is None else f"until {told_moment(until)}"
    return Reason(ReasonCode.PAUSED, f"landings{of} are paused {end} by {owner}: {reason}", owner, until)


def _parsed(event: Event) -> Stop:
    data = event.data
    team, repository = (None if data[name] is None else str(data[name]) for name in ("team", "repository"))
    until = datetime.fromisoformat(str(data["until"]))
    return Stop(Scope(team, repository), str(data["reason"]), str(data["owner"]), until)
