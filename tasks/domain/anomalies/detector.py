"""What each rule is made of: it is shown the log event by event, and says what is out of the ordinary."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from config.schema import Anomalies, Configuration, Hours
from tasks.domain.anomalies.finding import Found
from tasks.domain.anomalies.landing import Landing
from tasks.domain.anomalies.rule import Rule
from tasks.domain.audit import Event, EventType


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What the organization decided; `hours` by team, a team of which nobody said anything is absent.

    `from_the_middle`: the log is not shown from its beginning, so that what is old may be missing.
    """

    anomalies: Anomalies = field(default_factory=Anomalies)
    hours: Mapping[str, Hours] = field(default_factory=dict)
    from_the_middle: bool = False


def settings_of(configuration: Configuration) -> Settings:
    hours = {team.name: known for team in configuration.teams if (known := configuration.hours_for(team)) is not None}
    return Settings(configuration.global_.anomalies, hours)


class Detector:
    """
    A fold over the log: what it says depends on what it was shown and on nothing else.

    It is shown events of `sees`, and each landing with what that rested on. Overrides nothing it has no use for.
    """

    rule: ClassVar[Rule]
    sees: ClassVar[frozenset[EventType]] = frozenset()

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def seen(self, event: Event) -> Iterable[Found]:  # noqa: ARG002 -- not every rule sees events
        return ()

    def landed(self, landing: Landing) -> Iterable[Found]:  # noqa: ARG002 -- not every rule sees landings
        return ()

    def overdue(self, now: datetime) -> Iterable[Found]:  # noqa: ARG002 -- not every rule waits for something
        """What should have happened by now and has not; the same found again is the same."""
        return ()

    def due_after(self, now: datetime) -> datetime | None:  # noqa: ARG002 -- not every rule waits for something
        """When something becomes overdue next, None where nothing will by itself."""
        return None


class Deadlines:
    """What should happen until when. What happens too late is found as well as what has not happened at all."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, ...], tuple[datetime, Found]] = {}

    def wait(self, key: tuple[str, ...], due: datetime, missed: Found) -> None:
        """What is waited for already keeps its time."""
        self._open.setdefault(key, (due, missed))

    def met(self, key: tuple[str, ...], at: datetime) -> Iterable[Found]:
        due, missed = self._open.pop(key, (None, None))
        if due is not None and missed is not None and at > due:
            yield missed

    @property
    def waiting(self) -> tuple[tuple[str, ...], ...]:
        return tuple(self._open)

    def overdue(self, now: datetime) -> Iterable[Found]:
        return tuple(missed for due, missed in self._open.values() if now > due)

    def due_after(self, now: datetime) -> datetime | None:
        return min((due for due, _ in self._open.values() if due >= now), default=None)
