"""AN-19: the record itself is not as it should be."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tasks.domain.anomalies.detector import Deadlines, Detector, Settings
from tasks.domain.anomalies.finding import Found, Place
from tasks.domain.anomalies.rule import Level, Rule, Status
from tasks.domain.audit import Event, EventType
from tasks.domain.remembered import moment_of
from tasks.domain.rollback import TREE_DIFFERS

LONGEST_LANDING = timedelta(minutes=15)
_OUTCOMES = frozenset({EventType.MERGE_COMPLETED, EventType.MERGE_FAILED})


class LogIntegrity(Detector):
    rule = Rule(
        id="AN-19",
        uuid="79735031-9324-4ae0-af34-32fae3421932",
        title="The evidence is not as it should be",
        level=Level.CRITICAL,
        status=Status.STABLE,
        description="The store is not as its last look should find it (another version of an object, a delete marker, "
        "a lock that is off, an anchor that is too old), the chain of a branch's updates is broken, or a landing was "
        "announced and nobody said for 15 minutes what came of it.",
        false_positives=("A machine that died in the middle of a landing, until the next run",),
        tags=("attack.defense-evasion", "attack.t1070", "attack.impact", "attack.t1565.001"),
        who="whoever is on call for merge-hub",
        step="Run `merge-hub verify` on the store; start a run, which closes what another one left open",
        limits="Of the store it says what the daily look at its posture found.",
    )
    sees = frozenset(
        {
            EventType.STORAGE_POSTURE,
            EventType.RECONCILIATION_COMPLETED,
            EventType.MERGE_INTENT,
            EventType.ALERT_RAISED,
            *_OUTCOMES,
        }
    )

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._announced = Deadlines()

    def seen(self, event: Event) -> Iterable[Found]:
        match event.type:
            case EventType.STORAGE_POSTURE if event.data.get("ok") is not True:
                yield self._posture(event)
            case EventType.RECONCILIATION_COMPLETED if event.data.get("chain_ok") is not True:
                yield self._chain(event)
            case EventType.MERGE_INTENT:
                self._announce(event)
            case kind if kind in _OUTCOMES:
                yield from self._announced.met((str(event.data["intent"]),), moment_of(event))
            case EventType.ALERT_RAISED if event.data.get("alert") == TREE_DIFFERS:
                yield from self._announced.met((str(event.data.get("intent")),), moment_of(event))
            case _:
                pass

    def overdue(self, now: datetime) -> Iterable[Found]:
        return self._announced.overdue(now)

    def due_after(self, now: datetime) -> datetime | None:
        return self._announced.due_after(now)

    def _posture(self, event: Event) -> Found:
        told = event.data.get("problems")
        problems = "; ".join(map(str, told)) if isinstance(told, list) else ""
        store = str(event.subject.get("store"))
        message = f"the evidence store {store} is not as it should be: {problems or 'nobody says what is wrong'}"
        return Found(self.rule, ("posture", store), moment_of(event), (event.id,), message)

    def _chain(self, event: Event) -> Found:
        place, ref = Place.of(event), str(event.subject.get("ref"))
        message = f"the updates of {ref} of {place.name} do not follow from each other"
        return Found(self.rule, ("chain", place.key, ref), moment_of(event), (event.id,), message, place)

    def _announce(self, event: Event) -> None:
        place, due = Place.of(event), moment_of(event) + LONGEST_LANDING
        message = (
            f"the landing of {place.name}#{event.subject['pull_request']} was announced, and for 15 minutes nobody "
            "said what came of it"
        )
        missed = Found(self.rule, ("intent", event.id), due, (event.id,), message, place, quiet=None)
        self._announced.wait((event.id,), due, missed)
