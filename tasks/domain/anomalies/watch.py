"""
All rules over one log.

What they say depends on the events alone, shown at once or a few at a time, and for what is overdue on `now`: of the
same log the same alerts, however often it is judged.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from tasks.domain.anomalies.approving import SelfApproval, StaleApproval, UnlistedApprover
from tasks.domain.anomalies.branches import DirectPush, RewrittenRef, WeakenedProtection
from tasks.domain.anomalies.combined import MANY_ALERTS, ManyAlerts
from tasks.domain.anomalies.credentials import CredentialAge, NewCredential
from tasks.domain.anomalies.detector import Detector, Settings
from tasks.domain.anomalies.exceptions import UnreviewedEmergency, WaiverSurge
from tasks.domain.anomalies.finding import ALERT, Alert, Deduplication, Found, Place, Raised, alert_of
from tasks.domain.anomalies.gating import GateDuration, PassedByGate, ShrunkGateSet
from tasks.domain.anomalies.habits import OffHours, Volume
from tasks.domain.anomalies.integrity import LogIntegrity
from tasks.domain.anomalies.landing import landing_of
from tasks.domain.anomalies.reviewers import NewApprover, RapidApprovals, ReciprocalPair
from tasks.domain.audit import Event, EventType
from tasks.domain.remembered import moment_of

DETECTORS: tuple[type[Detector], ...] = (
    DirectPush,
    RewrittenRef,
    WeakenedProtection,
    SelfApproval,
    UnlistedApprover,
    StaleApproval,
    PassedByGate,
    ShrunkGateSet,
    GateDuration,
    OffHours,
    Volume,
    RapidApprovals,
    NewApprover,
    ReciprocalPair,
    CredentialAge,
    NewCredential,
    WaiverSurge,
    UnreviewedEmergency,
    LogIntegrity,
)
RULES = {rule.id: rule for rule in (*(each.rule for each in DETECTORS), MANY_ALERTS)}
JUDGED = frozenset({EventType.MERGE_INTENT, EventType.MERGE_COMPLETED}).union(*(each.sees for each in DETECTORS))
"""The events that any rule is shown."""


MEMORY = timedelta(days=120)
"""Longer than any rule looks back."""


class Watch:
    """
    Is shown events in the order of the log: first those that were judged before, if any, and then those that are new.

    Whoever begins in the middle has to begin `MEMORY` before what is new, so that every rule knows what is usual.
    """

    def __init__(self, settings: Settings) -> None:
        off = frozenset(settings.anomalies.off)
        self._detectors = [each(settings) for each in DETECTORS if each.rule.id not in off]
        self._many = None if MANY_ALERTS.id in off else ManyAlerts()
        self._once = Deduplication()
        self._announced: dict[str, Event] = {}
        self._by_steps: set[tuple[str, str, datetime]] = set()

    def remember(self, event: Event) -> None:
        """Of what was judged before: what was found in it is what the log holds as raised."""
        for _ in self._findings(event):
            pass
        self._remember_raised(event)

    def see(self, event: Event) -> Iterator[Alert]:
        """What it raises; what is found anew comes to the same alert again."""
        yield from self._alerts(self._findings(event))
        self._remember_raised(event)

    def _remember_raised(self, event: Event) -> None:
        raised = Raised.read(event) if event.type is EventType.ALERT_RAISED else None
        if raised is not None:
            self._once.remember(raised)
            if self._many is not None:
                self._many.remember(raised)

    def _findings(self, event: Event) -> Iterator[Found]:
        if event.type is EventType.MERGE_INTENT:
            self._announced[event.id] = event
        if event.type is EventType.ALERT_RAISED and event.data["alert"] != ALERT and "rule" in event.data:
            self._by_steps.add((str(event.data["rule"]), Place.of(event).key, moment_of(event)))
        for each in self._detectors:
            if event.type in each.sees:
                yield from each.seen(event)
        if event.type is EventType.MERGE_COMPLETED:
            intent = self._announced.pop(str(event.data["intent"]), None)
            if intent is not None:
                landing = landing_of(event, intent)
                for each in self._detectors:
                    yield from each.landed(landing)

    def overdue(self, now: datetime) -> Iterator[Alert]:
        """What is overdue by now; it may be asked for again and again."""
        for each in self._detectors:
            for found in each.overdue(now):
                yield alert_of(found)

    def told(self, alert: Alert) -> bool:
        """Whether the step that recorded the fact raised an alert of that rule with it, in the same moment."""
        found = alert.found
        return (found.rule.id, found.place.key, found.at) in self._by_steps

    def due_after(self, now: datetime) -> datetime | None:
        """When something becomes overdue that is not yet; None: nothing will by itself."""
        return min((due for each in self._detectors if (due := each.due_after(now)) is not None), default=None)

    def _alerts(self, findings: Iterable[Found]) -> Iterator[Alert]:
        for found in findings:
            alert = self._once.alert(found)
            if alert is None:
                continue
            yield alert
            together = None if self._many is None else self._many.raised(found)
            if together is not None and (combined := self._once.alert(together)) is not None:
                yield combined


def judged(events: Iterable[Event], settings: Settings, now: datetime) -> tuple[Alert, ...]:
    """All at once; of a log that holds what is asked for in `JUDGED`, in its order."""
    watch = Watch(settings)
    found = [alert for event in events for alert in watch.see(event)]
    return (*found, *watch.overdue(now))
