"""AN-15 and AN-16: the credential that the hub acts with, when it is too old, and when it is another one."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tasks.domain.anomalies.detector import Deadlines, Detector, Settings
from tasks.domain.anomalies.finding import Found
from tasks.domain.anomalies.rule import Level, Rule, Status
from tasks.domain.audit import Event, EventType
from tasks.domain.credentials import ConcernKind
from tasks.domain.remembered import moment_of

TO_STATE_ITS_AGE = timedelta(days=7)
LEARNING = timedelta(days=7)
_AT_ONCE = {
    ConcernKind.TOO_OLD.value: "is older than 90 days",
    ConcernKind.EXPIRED.value: "has expired",
}


class CredentialAge(Detector):
    rule = Rule(
        id="AN-15",
        uuid="22bf1185-f230-464c-aa29-85df3beef86b",
        title="The credential of the hub is too old",
        level=Level.HIGH,
        status=Status.STABLE,
        description="What the hub acts with is older than 90 days or has expired, or nobody has said how old it is for "
        "a week.",
        false_positives=("A token whose day of making is written down nowhere",),
        tags=("attack.credential-access", "attack.t1528"),
        who="whoever is on call for merge-hub",
        step="Make a new one and put it where the old one was, write the day as `credentials.made_on`, or use an App",
    )
    sees = frozenset({EventType.TOKEN_CHECKED})

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._unknown = Deadlines()

    def seen(self, event: Event) -> Iterable[Found]:
        told, at = event.data.get("concerns"), moment_of(event)
        concerns = set(map(str, told)) if isinstance(told, list) else set()
        for concern in sorted(concerns & _AT_ONCE.keys()):
            yield self._found(event, concern, _AT_ONCE[concern], at)
        own, unknown = str(event.subject["credential"]), ConcernKind.AGE_UNKNOWN.value
        for key in self._unknown.waiting:
            if key != (own,) or unknown not in concerns:
                yield from self._unknown.met(key, at)
        if unknown in concerns:
            due = at + TO_STATE_ITS_AGE
            self._unknown.wait((own,), due, self._found(event, unknown, "is of an age that nobody has stated", due))

    def overdue(self, now: datetime) -> Iterable[Found]:
        return self._unknown.overdue(now)

    def due_after(self, now: datetime) -> datetime | None:
        return self._unknown.due_after(now)

    def _found(self, event: Event, concern: str, clause: str, at: datetime) -> Found:
        message = f"the credential from {event.data.get('source')} {clause}"
        return Found(self.rule, (str(event.subject["credential"]), concern), at, (event.id,), message, quiet=None)


class NewCredential(Detector):
    rule = Rule(
        id="AN-16",
        uuid="6b329a20-c76c-4b0e-a9bc-fefcfbc3a2ea",
        title="The hub acts with a credential that it never had before",
        level=Level.MEDIUM,
        status=Status.STABLE,
        description="The first use of a credential of which the log knows nothing, by a hub that the log knows for a "
        "week at least.",
        false_positives=("A token that was renewed, as it should be",),
        tags=("attack.persistence", "attack.t1098.001", "attack.credential-access", "attack.t1528"),
        who="whoever is on call for merge-hub",
        step="Check that somebody renewed it, and that the old one is revoked",
    )
    sees = frozenset({EventType.TOKEN_CHECKED})

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._begun: datetime | None = None
        self._known: set[str] = set()

    def seen(self, event: Event) -> Iterable[Found]:
        own, at = str(event.subject["credential"]), moment_of(event)
        new, self._begun = own not in self._known, self._begun or at
        self._known.add(own)
        if new and at - self._begun >= LEARNING:
            message = f"the credential from {event.data.get('source')} is another one than ever before"
            yield Found(self.rule, (own,), at, (event.id,), message, quiet=None)
