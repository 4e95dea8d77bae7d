"""What is out of the ordinary: the hours in which people work, and from where on a number is an anomaly."""

import re
from collections.abc import Iterator, Mapping
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import Field, Strict
from pydantic_core import PydanticCustomError

from config.schema.times import Day, TimeZone
from config.schema.values import Count, Section, Spelling, Truth, refused

_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
Clock = Annotated[str, Spelling(_CLOCK, "a time of day such as `07:00`")]
Weekday = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
WEEKDAYS: tuple[Weekday, ...] = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
AnomalyRule = Annotated[str, Spelling(r"AN-(?:0[1-9]|1[0-9]|20)", "a rule from `AN-01` to `AN-20`")]
Times = Annotated[float, Strict()]


def never_open(begin: object, end: object) -> Iterator[PydanticCustomError]:
    """Of the keys `begin` and `end`, as far as they are times of day."""
    if not isinstance(begin, str) or not isinstance(end, str):
        return
    if re.fullmatch(_CLOCK, begin) and re.fullmatch(_CLOCK, end) and begin >= end:
        yield refused(f"is `{end[:20]}`, and `begin` is not before it", "write a later one", ("end",))


class Hours(Section):
    """When people work. A landing at another time is told, and lands all the same."""

    time_zone: TimeZone = Field(description="Whose clock it is, such as `Europe/Berlin`.")
    begin: Clock = Field(default="07:00", description="From when on, each of the days.")
    end: Clock = Field(default="20:00", description="Until when.")
    days: tuple[Weekday, ...] = Field(default=WEEKDAYS[:5], min_length=1, description="The days of a week of work.")
    holidays: tuple[Day, ...] = Field(default=(), description="Days on which nobody works.")

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        yield from never_open(said.get("begin", "07:00"), said.get("end", "20:00"))

    @property
    def between(self) -> tuple[time, time]:
        return time.fromisoformat(self.begin), time.fromisoformat(self.end)


class Anomalies(Section):
    """
    What is judged of the audit log at the end of each run, by the rules AN-01 to AN-20.

    An anomaly is an alert for the incident channel. It holds up no landing.
    """

    enabled: Truth = Field(default=True, description="Whether anything is judged.")
    off: tuple[AnomalyRule, ...] = Field(default=(), description="Rules that raise no alert.")
    gate_results: Count = Field(
        default=20, ge=10, le=1_000, description="AN-09: how many passes of a gate are known before one is judged."
    )
    gate_duration: Times = Field(
        default=3.5, gt=0, le=100, description="AN-09: how unusual a duration is, in robust standard deviations."
    )
    merges_per_hour: Count = Field(
        default=10, ge=1, le=100_000, description="AN-11: so many landings an hour are never too many."
    )
    rapid_approvals: Count = Field(
        default=5, ge=2, le=1_000, description="AN-12: so many approvals of one person in five minutes are too many."
    )
    pair_changes: Count = Field(
        default=10, ge=4, le=1_000, description="AN-14: how many changes of two people in 30 days are judged."
    )
    exceptions_per_week: Count = Field(
        default=3, ge=1, le=1_000, description="AN-17: so many waivers and emergencies of a team in a week are a surge."
    )
