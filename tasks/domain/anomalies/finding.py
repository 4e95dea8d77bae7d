"""What a rule found, and how it becomes an alert: one fact, whoever finds it and however often."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from config.schema import moment_of
from tasks.domain.anomalies.rule import Level, Rule
from tasks.domain.audit import Event, EventType, RepositoryIdentity
from tasks.domain.bounds import bounded
from tasks.domain.dependencies import printable
from tasks.domain.reasons import told_moment
from tasks.domain.records import Recorder

ALERT = "anomaly"
WINDOW = timedelta(minutes=60)
MOST_EVENTS = 20
_LONGEST_PART = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was: facts of the whole organization have neither."""

    team: str | None = None
    repository: RepositoryIdentity | None = None

    @staticmethod
    def of(event: Event) -> "Place":
        return Place(event.team, event.repository)

    @property
    def name(self) -> str:
        return "the organization" if self.repository is None else self.repository.name

    @property
    def key(self) -> str:
        return "" if self.repository is None else self.repository.id


@dataclass(frozen=True, slots=True)
class Found:
    """
    `about` is what it is about: what the rule finds of the same for as long as `quiet` lasts is the same alert.

    With `quiet` None it is the same for ever: `about` names one fact. `actor` is the login whose doing it is.
    """

    rule: Rule
    about: tuple[str, ...]
    at: datetime
    events: tuple[str, ...]
    message: str
    place: Place = Place()
    actor: str | None = None
    level: Level | None = None
    quiet: timedelta | None = WINDOW

    @property
    def severity(self) -> Level:
        return self.level or self.rule.level


@dataclass(frozen=True, slots=True)
class Alert:
    """`key` tells it from every other alert of its rule."""

    found: Found
    key: tuple[str, ...]

    def event(self, organization: str) -> Event:
        found = self.found
        subject: dict[str, JsonValue] = {"rule": found.rule.id, "key": list[JsonValue](self.key)}
        data: dict[str, JsonValue] = {
            "alert": ALERT,
            "rule": found.rule.id,
            "severity": found.severity.value,
            "title": found.rule.title,
            "message": bounded(found.message),
            "actor": found.actor,
            "at": told_moment(found.at),
            "events": list[JsonValue](found.events[:MOST_EVENTS]),
        }
        recorder = Recorder(organization, found.place.team, found.place.repository)
        return recorder.event(EventType.ALERT_RAISED, subject, data)


def alert_of(found: Found) -> Alert:
    about = _printable(found.about)
    return Alert(found, about if found.quiet is None else (*about, told_moment(found.at)))


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert as the log holds it."""

    rule: str
    key: tuple[str, ...]
    at: datetime
    actor: str | None
    events: tuple[str, ...]

    @staticmethod
    def read(event: Event) -> "Raised | None":
        """None for what no rule raised."""
        key, events, at = event.subject.get("key"), event.data.get("events"), event.data.get("at")
        moment = moment_of(at) if isinstance(at, str) else None
        if event.data["alert"] != ALERT or moment is None or not isinstance(key, list) or not isinstance(events, list):
            return None
        actor = event.data.get("actor")
        return Raised(
            str(event.data["rule"]),
            tuple(map(str, key)),
            moment,
            None if actor is None else str(actor),
            tuple(map(str, events)),
        )


def _printable(about: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(printable(part, _LONGEST_PART) for part in about)


class Deduplication:
    """Takes what was found in the order of the log, and lets each alert through once."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, ...], datetime] = {}

    def remember(self, raised: Raised) -> None:
        """Of what is the same for a time the last part of the key says since when; of other facts it is not needed."""
        self._since[raised.rule, *raised.key] = raised.at
        self._since[raised.rule, *raised.key[:-1]] = raised.at

    def alert(self, found: Found) -> Alert | None:
        """None where an earlier alert says it already."""
        what = (found.rule.id, *_printable(found.about))
        begun = self._since.get(what)
        if begun is not None and (found.quiet is None or found.at < begun + found.quiet):
            return None
        self._since[what] = found.at
        return alert_of(found)
