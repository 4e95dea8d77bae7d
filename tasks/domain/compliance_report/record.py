"""
What a report reads of the log: the events that concern it, by type, and where the log was then.

Of the whole log only these types are held in mind: gate runs and messages, which are most of it, are not.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from tasks.domain.audit import ABOUT_MESSAGES, Event, EventType
from tasks.domain.run import EVERY_TEAM

NEEDED = frozenset(
    {
        EventType.POLICY_DECIDED,
        EventType.WAIVER_USED,
        EventType.EMERGENCY_USED,
        EventType.EMERGENCY_REVIEWED,
        EventType.MERGE_INTENT,
        EventType.MERGE_COMPLETED,
        EventType.MERGE_FAILED,
        EventType.ROLLBACK_COMPLETED,
        EventType.SET_COMPENSATED,
        EventType.SIGNATURE_GIVEN,
        EventType.ALERT_RAISED,
        EventType.ALERT_ACKNOWLEDGED,
        EventType.RECONCILIATION_COMPLETED,
        EventType.BYPASS_FOUND,
        EventType.BYPASS_JUSTIFIED,
        EventType.STORAGE_POSTURE,
        EventType.KEY_ROTATED,
        EventType.TOKEN_CHECKED,
    }
)
TOLD_AFTERWARDS = ABOUT_MESSAGES | {EventType.REPORT_GENERATED, EventType.REPORT_SIGNED}
"""What is recorded of reports themselves: it makes no report another one."""


@dataclass(frozen=True, slots=True)
class LogState:
    """
    The first `size` events of the log `origin`; `root` is in hexadecimal digits.

    `as_of` is the time of the last of them: the report knows of nothing later.
    """

    origin: str
    size: int
    root: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Record:
    """Events in the order of the log, none beyond the size that is reported on; `team` is a name or `all`."""

    by_type: dict[EventType, list[Event]] = field(default_factory=dict)
    team: str = EVERY_TEAM
    repositories: frozenset[str] = frozenset()

    def of(self, kind: EventType) -> Sequence[Event]:
        """Those of the team's repositories, and what concerns no repository."""
        every = self.by_type.get(kind, [])
        if self.team == EVERY_TEAM:
            return every
        return [each for each in every if each.repository is None or each.repository.id in self.repositories]


def record_of(events: Iterable[Event], size: int, team: str = EVERY_TEAM) -> Record:
    """A team's repositories are those about which anything was recorded for that team."""
    by_type: dict[EventType, list[Event]] = defaultdict(list)
    for event in events:
        if event.seq <= size and event.type in NEEDED:
            by_type[event.type].append(event)
    for found in by_type.values():
        found.sort(key=lambda event: event.seq)
    owned = (each for found in by_type.values() for each in found if each.team == team and each.repository)
    return Record(dict(by_type), team, frozenset(each.repository.id for each in owned if each.repository))


def about(event: Event) -> str:
    """The numeric id of the repository; empty for the organization."""
    return "" if event.repository is None else event.repository.id


def named(event: Event) -> str:
    return event.organization if event.repository is None else event.repository.name


def texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(str(each) for each in value if each is not None) if isinstance(value, list) else ()


def whole(value: JsonValue) -> int:
    """0 for what is no whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def text(value: JsonValue) -> str:
    """Empty for what is not there."""
    return "" if value is None else str(value)
