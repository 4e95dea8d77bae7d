"""When the people of a team work: of what working hours are counted. Nothing is held up or alarmed by it."""

from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Annotated, Any

from pydantic import Field
from pydantic_core import PydanticCustomError

from config.schema.anomalies import WEEKDAYS, Clock, Hours, Weekday, never_open
from config.schema.times import Day, TimeZone, day_of
from config.schema.values import Section, Spelling, refused

Country = Annotated[str, Spelling(r"[A-Z]{2}", "the two letters of a country (ISO 3166), such as `DE`")]
Subdivision = Annotated[str, Spelling(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}", "a part of the country, such as `BY`")]


class Calendar(Section):
    """The working days of a team, from a day on or ever since."""

    time_zone: TimeZone = Field(description="Whose clock it is, such as `Europe/Berlin`.")
    begin: Clock = Field(default="09:00", description="When work begins on each of the days.")
    end: Clock = Field(default="17:00", description="When it ends.")
    days: tuple[Weekday, ...] = Field(default=WEEKDAYS[:5], min_length=1, description="The days of a week of work.")
    country: Country | None = Field(
        default=None, description="Whose public holidays are no working days: two letters, such as `DE`."
    )
    subdivision: Subdivision | None = Field(
        default=None, description="The part of the country that has holidays of its own, such as `BY`."
    )
    holidays: tuple[Day, ...] = Field(default=(), description="More days on which nobody works.")
    since: Day | None = Field(
        default=None, description="The first day on which this holds; the first calendar of a team has none."
    )

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        yield from never_open(said.get("begin", "09:00"), said.get("end", "17:00"))
        yield from _unknown_place(said.get("country"), said.get("subdivision"))

    @property
    def between(self) -> tuple[time, time]:
        return time.fromisoformat(self.begin), time.fromisoformat(self.end)

    @property
    def first_day(self) -> date | None:
        return day_of(self.since)

    @staticmethod
    def of_hours(hours: Hours) -> "Calendar":
        return Calendar(
            time_zone=hours.time_zone, begin=hours.begin, end=hours.end, days=hours.days, holidays=hours.holidays
        )


def calendar_contradictions(said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
    """Of the calendars of one team, in the order in which they hold."""
    written = said.get("calendar")
    latest: date | None = None
    for position, calendar in enumerate(written if isinstance(written, list | tuple) else ()):
        since = calendar.get("since") if isinstance(calendar, Mapping) else getattr(calendar, "since", None)
        begun = day_of(since)
        if position == 0 and since is not None:
            sentence = "is the first day of the first calendar, and no other says what held before it"
            yield refused(sentence, "leave it out of the first", ("calendar", position, "since"))
        if position > 0 and since is None:
            yield refused("has no first day", "write `since` in each but the first", ("calendar", position))
        if begun is not None and latest is not None and begun <= latest:
            sentence = f"is `{since}`, which is not after the one before"
            yield refused(sentence, "write them in the order in which they hold", ("calendar", position, "since"))
        latest = begun or latest


def _unknown_place(country: object, subdivision: object) -> Iterator[PydanticCustomError]:
    if not isinstance(country, str):
        if country is None and subdivision is not None:
            yield refused("is a part of no country", "name the `country` as well", ("subdivision",))
        return
    import holidays  # noqa: PLC0415 -- takes a third of a second, and only who names a country needs it

    try:
        parts = holidays.country_holidays(country)
    except NotImplementedError:
        yield refused(f"is `{country[:20]}`, whose holidays nobody knows", "list the days in `holidays`", ("country",))
        return
    if subdivision is not None and subdivision not in {*parts.subdivisions, *parts.subdivisions_aliases}:
        sentence = f"is `{str(subdivision)[:60]}`, which is no part of {country[:20]} with holidays of its own"
        yield refused(sentence, f"choose one of {', '.join(parts.subdivisions) or 'none'}", ("subdivision",))
