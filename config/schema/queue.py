"""In which order pull requests land, and when none does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic_core import PydanticCustomError

from config.schema.times import Cron, Duration, Moment, TimeZone, duration_of, last_start, moment_of, next_starts
from config.schema.values import (
    Branch,
    Count,
    Label,
    Line,
    Repository,
    Section,
    Spelling,
    Truth,
    refused,
    repetitions,
)

FreezeName = Annotated[str, Spelling(r"[a-z0-9][a-z0-9-]{0,99}", "a name of small letters, digits and `-`")]
_HIGHEST = 10_000
_LONGEST_CHAIN = 1_500
"""Windows that follow one another without a gap are one; so many of them are taken never to end."""


class LabelledPriority(Section):
    label: Label = Field(description="The label, spelt exactly so.")
    priority: Count = Field(ge=-_HIGHEST, le=_HIGHEST, description="Higher goes first; without such a label it is 0.")


class Hotfix(Section):
    labels: tuple[Label, ...] = Field(
        min_length=1, description="Labels, spelt exactly so, that each put a pull request into the hotfix lane."
    )


class Queue(Section):
    priorities: tuple[LabelledPriority, ...] = Field(
        default=(), description="What labels make of a pull request; of several the highest priority counts."
    )
    hotfix: Hotfix | None = Field(
        default=None,
        description="A lane of its own that goes before everything else, is tested by itself, and skips no gate.",
    )
    ageing: Duration | None = Field(
        default=None,
        description="After each such time since it was opened a pull request's priority rises by one, such as `24h`; "
        "never into the hotfix lane.",
    )
    quarantine_after: Count = Field(
        default=3,
        ge=1,
        le=100,
        description="How often gates may refuse a pull request before it is left alone until `retry` is set anew.",
    )

    @property
    def ageing_period(self) -> timedelta | None:
        return None if self.ageing is None else duration_of(self.ageing)

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        return repetitions(said, "label", "priorities")


class Freeze(Section):
    """
    A time in which pull requests do not land: once, until a moment, or again and again by a cron expression.

    A recurring window lasts for `duration` by the clock that runs on, whatever the time zone does meanwhile.
    """

    name: FreezeName = Field(description="Unique in its file.")
    reason: Line = Field(description="Why nothing lands, as everybody is told who is held.")
    owner: Line = Field(description="Who can end it or make exceptions, as everybody is told who is held.")
    from_: Moment | None = Field(default=None, alias="from", description="When it begins; without it, at once.")
    until: Moment | None = Field(default=None, description="When it ends: every freeze that does not recur needs it.")
    cron: Cron | None = Field(default=None, description="When it begins each time, such as `0 18 * * FRI`.")
    duration: Duration | None = Field(default=None, description="How long it then lasts, such as `62h`.")
    time_zone: TimeZone = Field(default="UTC", description="Where `cron` is read, such as `Europe/Berlin`.")
    repositories: tuple[Repository, ...] = Field(
        default=(), description="Only these: `owner/name`, or `name` for the organization's; without any, all."
    )
    targets: tuple[Branch, ...] = Field(default=(), description="Only what lands on these branches; else on any.")
    except_labels: tuple[Label, ...] = Field(
        default=(), description="Labels, spelt exactly so, that each let a pull request land all the same."
    )
    min_priority: Count | None = Field(
        default=None,
        ge=-_HIGHEST,
        le=_HIGHEST,
        description="Pull requests of at least this priority land all the same; what ageing adds does not count.",
    )
    hotfix: Truth = Field(default=True, description="Whether the hotfix lane lands all the same.")

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        recurring = said.get("cron") is not None
        if not recurring and said.get("until") is None:
            remedy = "write `until` with a moment, or `cron` and `duration` for one that recurs"
            yield refused("has no end", remedy)
        if recurring != (said.get("duration") is not None):
            yield refused("has only one of `cron` and `duration`", "give both, or neither")
        once = [key for key in ("from", "until") if said.get(key) is not None]
        if recurring and once:
            yield refused(f"has both `cron` and `{once[0]}`", "make two freezes of it", (once[0],))
        if not recurring and said.get("time_zone") is not None:
            yield refused("is only for `cron`", "write the offset into `from` and `until`", ("time_zone",))
        start, end = (_moment(said.get(key)) for key in ("from", "until"))
        if start is not None and end is not None and end <= start:
            yield refused("is not after `from`", "let it end after it begins", ("until",))

    def window(self, at: datetime) -> "Window | None":
        """The window that `at` is in; None where nothing is frozen then. A window holds its beginning, not its end."""
        if self.cron is None or self.duration is None:
            start, end = _moment(self.from_), _moment(self.until)
            begun = start is None or start <= at
            return Window(end) if begun and end is not None and at < end else None
        zone, length = ZoneInfo(self.time_zone), duration_of(self.duration)
        start = last_start(self.cron, zone, at)
        if start is None or at >= start + length:
            return None
        return _chained(start + length, next_starts(self.cron, zone, start), length)

    def runs_into_itself(self, at: datetime) -> bool:
        """Whether its windows follow one another without end, from the first one after `at` on."""
        if self.cron is None:
            return False
        first = self.window(next(next_starts(self.cron, ZoneInfo(self.time_zone), at)))
        return first is not None and first.until is None

    def expired(self, at: datetime) -> bool:
        end = _moment(self.until)
        return end is not None and end <= at


@dataclass(frozen=True, slots=True)
class Window:
    """`until` is None where windows follow one another for so long that no end is in sight."""

    until: datetime | None


def _chained(end: datetime, starts: Iterator[datetime], length: timedelta) -> Window:
    """Where a window begins before another has ended, both are one."""
    for start in islice(starts, _LONGEST_CHAIN):
        if start > end:
            return Window(end)
        end = start + length
    return Window(None)


def _moment(text: object) -> datetime | None:
    return moment_of(text) if isinstance(text, str) else None
