"""What was let pass, and whether properly: by waivers that hold and somebody else allowed, in reviewed emergencies."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tasks.domain.audit import Event, EventType
from tasks.domain.compliance_report.record import Record, about, text, whole
from tasks.domain.emergency import BY
from tasks.domain.reasons import told_moment

Head = tuple[str, object, object]
"""A repository's id, a pull request's number and its head."""


@dataclass(frozen=True, slots=True)
class Passing:
    """A rule that was not satisfied and held nothing back: by `waiver`, an id or the word for emergencies."""

    landed: Event
    waiver: str
    contributors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PassingRecord:
    waivers: Mapping[tuple[Head, str], Event]
    emergencies: Mapping[Head, Event]
    reviewed: Mapping[Head, Event]
    as_of: str

    def why_improper(self, passing: Passing) -> str | None:
        """A clause; None where it was proper. A review that is owed and not overdue is not missing yet."""
        head = head_of(passing.landed)
        if passing.waiver == BY:
            return self._against_emergency(head, passing.landed)
        used = self.waivers.get((head, passing.waiver))
        return f"the use of waiver {passing.waiver} is not on record" if used is None else _against(used, passing)

    def review_due(self, used: Event, landed: Event) -> datetime:
        return datetime.fromisoformat(landed.time) + timedelta(seconds=whole(used.data.get("review_within_seconds")))

    def _against_emergency(self, head: Head, landed: Event) -> str | None:
        used = self.emergencies.get(head)
        if used is None:
            return "no emergency is on record for it"
        due = self.review_due(used, landed)
        if head in self.reviewed or datetime.fromisoformat(self.as_of) <= due:
            return None
        return f"an emergency that nobody independent reviewed until {told_moment(due)}"


def passing_in(record: Record, as_of: str) -> PassingRecord:
    return PassingRecord(
        {(head_of(each), text(each.subject.get("waiver"))): each for each in record.of(EventType.WAIVER_USED)},
        {head_of(each): each for each in record.of(EventType.EMERGENCY_USED)},
        {head_of(each): each for each in record.of(EventType.EMERGENCY_REVIEWED)},
        as_of,
    )


def head_of(event: Event) -> Head:
    return about(event), event.subject.get("pull_request"), event.subject.get("head")


def expired_at(used: Event, time: str) -> bool:
    """A waiver holds to the end of its last day, in UTC."""
    return text(used.data.get("expires")) < time[:10]


def _against(used: Event, passing: Passing) -> str | None:
    waiver, data = passing.waiver, used.data
    allowed, asked = text(data.get("approved_by")).casefold(), text(data.get("requested_by")).casefold()
    if not allowed or allowed == asked:
        return f"waiver {waiver} was allowed by who asked for it"
    if allowed in {each.casefold() for each in passing.contributors}:
        return f"waiver {waiver} was allowed by {data.get('approved_by')}, who wrote part of it"
    if expired_at(used, passing.landed.time):
        return f"waiver {waiver} had expired on {data.get('expires')}"
    return None
