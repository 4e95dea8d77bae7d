"""
Not before when a pull request may land, by what its body says.

A line `Not-before: 2026-12-01T09:00+01:00` (also `Merge-after:`, as Mergify has it) names the moment; a day alone is
its beginning in UTC, and a zone in brackets may stand for the offset. Of several the last moment counts. What cannot
be read holds as well: a time that vanishes lets its pull request land too early.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from config.schema import moment_of, zone_named
from tasks.domain.bodies import visible_lines
from tasks.domain.dependencies import printable
from tasks.domain.model import PullRequest
from tasks.domain.reasons import Reason, ReasonCode, told_moment

MAXIMUM_UNREADABLE = 5

_KEY = re.compile(
    r"\s*(?:[-*+]\s+)?[*_]{0,3}(?:Not[- ]before|Merge[- ]after)[*_]{0,3}:[*_]{0,3}(?P<value>.*)", re.IGNORECASE
)
_AROUND = " \t*_`\"'"
_NOTHING = frozenset({"", "n/a", "na", "no", "none", "nothing", "-"})
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_IN_A_ZONE = re.compile(
    r"(?P<local>[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?)\[(?P<zone>.*)\]"
)
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class NotBefore:
    """`until` is the last moment named, None without any; `unreadable` is what cannot be read, fit to be quoted."""

    until: datetime | None
    unreadable: tuple[str, ...]


def read_not_before(body: str) -> NotBefore:
    lines = (_KEY.fullmatch(line) for line in visible_lines(body))
    values = [line["value"].strip(_AROUND) for line in lines if line]
    read = {value: _moment(value) for value in values if value.casefold() not in _NOTHING}
    moments = [moment for moment in read.values() if moment is not None]
    unreadable = dict.fromkeys(printable(value) for value, moment in read.items() if moment is None)
    return NotBefore(max(moments, default=None), tuple(unreadable)[:MAXIMUM_UNREADABLE])


def reasons_of_time(pull_request: PullRequest, at: datetime) -> tuple[Reason, ...]:
    """Why it may not land yet at `at`; at the moment that is named it may."""
    named = read_not_before(pull_request.body)
    reasons = [
        Reason(
            ReasonCode.NOT_BEFORE,
            f"is not to land before “{text}”, which is no day and no time with its offset from UTC",
            pull_request.author,
        )
        for text in named.unreadable
    ]
    if named.until is not None and at < named.until:
        message = f"is not to land before {told_moment(named.until)}"
        reasons.append(Reason(ReasonCode.NOT_BEFORE, message, pull_request.author, named.until))
    return tuple(reasons)


def _moment(text: str) -> datetime | None:
    if len(text) > _LONGEST:
        return None
    if _DAY.fullmatch(text):
        return moment_of(f"{text}T00:00Z")
    if found := _IN_A_ZONE.fullmatch(text):
        return _in_zone(found["local"].upper(), found["zone"])
    return moment_of(text)


def _in_zone(local: str, name: str) -> datetime | None:
    zone = zone_named(name)
    try:
        return None if zone is None else datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
