"""Events that are valid unless a test says otherwise, and a clock that a test sets."""

from datetime import UTC, datetime, timedelta

from tasks.domain.audit import Event, EventType, RepositoryIdentity, event_id


class SetClock:
    """Stands still until told."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 5, 2, 54, 120_999, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def move(self, by: timedelta) -> None:
        self.moment += by


def fact(number: int, *, repository: str | None = "17", note: str = "") -> Event:
    """The same number is the same fact, whatever its note."""
    subject = {"number": number}
    return Event(
        id=event_id("acme", EventType.MERGE_INTENT, repository, subject, {}),
        type=EventType.MERGE_INTENT,
        organization="acme",
        repository=None if repository is None else RepositoryIdentity(id=repository, name="acme/shop"),
        subject={"number": number},
        data={"note": note},
    )


def facts(first: int, last: int) -> list[Event]:
    return [fact(number) for number in range(first, last + 1)]
