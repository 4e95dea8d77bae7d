"""What GitHub tells of a token in the headers of its answers."""

from datetime import UTC, datetime

from tasks.domain.errors import CodeHostError

_EXPIRY = "%Y-%m-%d %H:%M:%S"


def scopes_in(header: str | None) -> tuple[str, ...] | None:
    """GitHub sends the header for classic tokens only, empty where they have no scope."""
    if header is None:
        return None
    return tuple("".join(filter(str.isprintable, scope.strip()[:100])) for scope in header.split(",") if scope.strip())


def expiry_in(header: str | None) -> datetime | None:
    """`2026-12-01 12:00:00 UTC`, or with an offset in place of UTC."""
    if not header:
        return None
    day_and_time, _, zone = header.strip().rpartition(" ")
    try:
        if zone == "UTC":
            return datetime.strptime(day_and_time, _EXPIRY).replace(tzinfo=UTC)
        return datetime.strptime(header.strip(), f"{_EXPIRY} %z").astimezone(UTC)
    except ValueError as error:
        raise CodeHostError(
            "the code host says in an unknown way when the token expires",
            remedy="Look at the token's settings for its last day.",
        ) from error
