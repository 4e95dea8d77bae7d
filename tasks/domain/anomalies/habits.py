"""AN-10 and AN-11: landings at odd hours, and far more of them than usual."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from config.schema import WEEKDAYS, Hours, zone_named
from tasks.domain.anomalies.detector import Detector, Settings
from tasks.domain.anomalies.finding import Found, Place
from tasks.domain.anomalies.landing import Landing
from tasks.domain.anomalies.rule import Level, Rule, Status
from tasks.domain.anomalies.statistics import nearest_rank

DAYS_KNOWN = 28
TIMES_USUAL = 3


class OffHours(Detector):
    rule = Rule(
        id="AN-10",
        uuid="82d8fecf-15a6-460d-9bee-d1b1f64aee69",
        title="Something landed while nobody works",
        level=Level.LOW,
        status=Status.TEST,
        description="A landing outside the hours of the team, or on a holiday, that was no emergency.",
        false_positives=("A hub that runs at night", "People who work when they like"),
        tags=("attack.initial-access", "attack.t1078"),
        who="the team's lead",
        step="Ask the author and who approved whether it was them",
        limits="Judged where `hours` says when the team works, and in whose time zone: a clock without one tells "
        "nothing.",
    )

    def landed(self, landing: Landing) -> Iterable[Found]:
        hours = self.settings.hours.get(landing.place.team or "")
        if hours is None or landing.emergency or works_at(hours, landing.at):
            return
        team = landing.place.team or ""
        message = f"{landing.name} landed outside the hours of {team}"
        yield Found(self.rule, (landing.place.key,), landing.at, landing.events, message, landing.place, landing.author)


def works_at(hours: Hours, at: datetime) -> bool:
    local = at.astimezone(zone_named(hours.time_zone) or UTC)
    begin, end = hours.between
    day = WEEKDAYS[local.weekday()] in hours.days and local.date() not in map(date.fromisoformat, hours.holidays)
    return day and begin <= local.time() < end


class Volume(Detector):
    rule = Rule(
        id="AN-11",
        uuid="7cd24d8b-f3dd-4394-80cf-e1e43be12207",
        title="Far more landed in an hour than usual",
        level=Level.MEDIUM,
        status=Status.TEST,
        description="More landings of one author or repository in a clock hour than ten, and than three times the 95th "
        "percentile of that hour in the 28 days before.",
        false_positives=("The first days of a repository in the hub", "A change across many repositories"),
        tags=("attack.impact", "attack.t1195.002"),
        who="the team's lead",
        step="Look at what landed; pause the repository with `merge-hub pause` if nobody knows why",
    )

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._counts: dict[tuple[str, str], Counter[datetime]] = {}
        self._events: dict[tuple[str, str], list[str]] = {}

    def landed(self, landing: Landing) -> Iterable[Found]:
        hour = landing.at.replace(minute=0, second=0, microsecond=0)
        whose = [("repository", landing.place.key, landing.place.name)]
        whose += [] if landing.author is None else [("author", landing.author, landing.author)]
        for kind, key, name in whose:
            counts = self._counts.setdefault((kind, key), Counter())
            if hour not in counts:
                self._forget(counts, hour)
                self._events[kind, key] = []
            counts[hour] += 1
            self._events[kind, key].append(landing.event.id)
            most = max(self.settings.anomalies.merges_per_hour, TIMES_USUAL * _usual(counts, hour))
            if counts[hour] > most:
                yield Found(
                    self.rule,
                    (kind, key, f"{hour:%Y-%m-%dT%H}"),
                    landing.at,
                    tuple(self._events[kind, key]),
                    f"{counts[hour]} landings of {name} in one hour, and at most {most} were to be expected",
                    landing.place if kind == "repository" else Place(landing.place.team),
                    actor=landing.author if kind == "author" else None,
                    quiet=None,
                )

    def _forget(self, counts: Counter[datetime], hour: datetime) -> None:
        for each in [each for each in counts if each < hour - timedelta(days=DAYS_KNOWN)]:
            del counts[each]


def _usual(counts: Counter[datetime], hour: datetime) -> int:
    return nearest_rank([counts[hour - timedelta(days=day)] for day in range(1, DAYS_KNOWN + 1)], 95)
