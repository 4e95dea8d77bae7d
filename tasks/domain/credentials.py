"""
What is known of the credential that merge-hub acts with at the code host, and what is not well about it.

Nobody tells the age of a token but the store that keeps it, or who made it; what the audit log saw is the least that it
can be. An age that nobody stated is therefore unknown, however lately the token was first seen: unknown is never young.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import JsonValue

from config.settings import SHORTEST_SECRET
from tasks.domain.audit import Event, EventType
from tasks.domain.records import Recorder

LONGEST_LIFE = timedelta(days=90)
SOON = timedelta(days=14)

NEEDED_SCOPES = frozenset({"repo", "read:org"})
"""Of a classic token."""
USEFUL_SCOPES = NEEDED_SCOPES | {"workflow"}

NEEDED_PERMISSIONS = {
    "checks": "read",
    "contents": "write",
    "members": "read",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "read",
}
"""Of a GitHub App, without which nothing lands; whoever may write to pull requests may comment on them as well."""

USEFUL_PERMISSIONS = NEEDED_PERMISSIONS | {"administration": "read", "workflows": "write"}
"""With these, how a branch is protected can be judged, and pull requests land that change workflows."""

READING = {name: "read" for name in USEFUL_PERMISSIONS if name != "workflows"}
"""What is read with."""
FETCHING = {"contents": "read", "metadata": "read"}
"""What git reads one repository with."""
WRITING = {name: level for name, level in USEFUL_PERMISSIONS.items() if level == "write"} | {"metadata": "read"}
"""What is written with, to one repository at a time."""

_LEVELS = ("read", "write", "admin")


class CredentialKind(StrEnum):
    """Values are written into records and never change."""

    CLASSIC = "classic-token"
    OTHER = "other-token"
    APP = "app"


@dataclass(frozen=True, slots=True)
class CredentialState:
    """
    `age_days` None: unknown. `seen_days` is for how long the audit log knows it, the least that its age can be.

    An App's age is that of its installation token, which is made anew each hour. `expires_at` None: nobody says of an
    end. `permissions` are `scope` or `name:level`, None where the code host does not tell; `excess` are those of them
    that merge-hub has no use for, `lacking` those that it needs and are not among them.
    """

    kind: CredentialKind
    source: str
    fingerprint: str
    age_days: int | None
    seen_days: int
    expires_at: datetime | None
    permissions: tuple[str, ...] | None
    excess: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecretFound:
    """
    A secret that merge-hub acts with elsewhere than at the code host; nothing of the secret itself.

    `age_days` None: its place does not tell. `hidden`: it is long enough to be kept out of what is written.
    """

    name: str
    source: str
    age_days: int | None
    hidden: bool


class ConcernKind(StrEnum):
    """Values are written into records and never change."""

    EXPIRED = "expired"
    LACKING_PERMISSIONS = "lacking-permissions"
    EXPIRES_SOON = "expires-soon"
    TOO_OLD = "too-old"
    AGE_UNKNOWN = "age-unknown"
    EXCESS_PERMISSIONS = "excess-permissions"
    TOO_SHORT = "too-short"


@dataclass(frozen=True, slots=True)
class Concern:
    kind: ConcernKind
    found: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Dates:
    """What is known of a credential's time: `made_at` as stated, `first_seen` by the audit log, None where unknown."""

    made_at: datetime | None
    first_seen: datetime | None


def age_of(dates: Dates, now: datetime) -> tuple[int | None, int]:
    """
    Its age in days, None where nobody stated one that can be, and for how many the audit log knows it.

    What the log saw is not overruled by what somebody stated.
    """
    seen = 0 if dates.first_seen is None else max(0, (now - dates.first_seen).days)
    return (None if dates.made_at is None or dates.made_at > now else max(seen, (now - dates.made_at).days)), seen


def first_seen(checks: Iterable[Event], fingerprint: str) -> datetime | None:
    """When the log was first told of this credential; None: it was not."""
    times = (check.time for check in checks if check.subject.get("credential") == fingerprint)
    return min(map(datetime.fromisoformat, times), default=None)


def token_checked(recorder: Recorder, state: CredentialState, now: datetime) -> Event:
    """One fact for as long as the credential, what it may do, its end and what is not well about it stay the same."""
    found = concerns(state, now)
    app = state.kind is CredentialKind.APP
    fact: dict[str, JsonValue] = {
        "kind": state.kind.value,
        "source": state.source,
        "concerns": [each.kind.value for each in found],
        "permissions": None if state.permissions is None else list(state.permissions),
        "expires_at": None if app or state.expires_at is None else f"{state.expires_at:%Y-%m-%dT%H:%M:%SZ}",
    }
    told: list[JsonValue] = [each.found for each in found]
    data = {**fact, "age_days": state.age_days, "seen_days": state.seen_days, "found": told}
    return recorder.event(EventType.TOKEN_CHECKED, {"credential": state.fingerprint}, data, fact)


def excess_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(scope for scope in scopes if scope not in USEFUL_SCOPES))


def excess_permissions(permissions: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(sorted(f"{name}:{level}" for name, level in permissions if not _is_useful(name, level)))


def lacking_permissions(granted: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(
        sorted(
            f"{name}:{level}" for name, level in NEEDED_PERMISSIONS.items() if not _suffices(granted.get(name), level)
        )
    )


def of_those_granted(wanted: Mapping[str, str], granted: Mapping[str, str]) -> dict[str, str]:
    """What is asked for, as far as it can be had: whoever asks for more gets nothing."""
    return {name: level for name, level in wanted.items() if _suffices(granted.get(name), level)}


def concerns(state: CredentialState, now: datetime) -> tuple[Concern, ...]:
    """The most severe first; none where all is well."""
    return tuple(
        found for found in (_expiry(state, now), _lack(state), _age(state), _excess(state)) if found is not None
    )


def secret_concerns(secret: SecretFound) -> tuple[Concern, ...]:
    """Of an age that its place does not tell nothing is said: there is no other way to know it."""
    found = []
    if not secret.hidden:
        found.append(
            Concern(
                ConcernKind.TOO_SHORT,
                f"it has fewer than {SHORTEST_SECRET} characters: no log is kept free of it",
                _LENGTHEN,
            )
        )
    if secret.age_days is not None and secret.age_days > LONGEST_LIFE.days:
        found.append(Concern(ConcernKind.TOO_OLD, f"it is {secret.age_days} days old", _RENEW))
    return tuple(found)


def _is_useful(name: str, level: str) -> bool:
    useful = USEFUL_PERMISSIONS.get(name)
    return level in _LEVELS and _suffices(useful, level)


def _suffices(granted: str | None, level: str) -> bool:
    return granted in _LEVELS and _LEVELS.index(granted) >= _LEVELS.index(level)


def _expiry(state: CredentialState, now: datetime) -> Concern | None:
    """An App's token ends within the hour, and another one is made before that."""
    if state.expires_at is None or state.kind is CredentialKind.APP:
        return None
    left, until = state.expires_at - now, f"{state.expires_at:%Y-%m-%d}"
    if left <= timedelta():
        return Concern(ConcernKind.EXPIRED, f"it expired on {until}", _RENEW)
    if left < SOON:
        return Concern(ConcernKind.EXPIRES_SOON, f"it expires on {until}, in {left.days} days", _RENEW)
    return None


def _age(state: CredentialState) -> Concern | None:
    if state.age_days is not None and state.age_days > LONGEST_LIFE.days:
        return Concern(ConcernKind.TOO_OLD, f"it is {state.age_days} days old", _ROTATE)
    if state.age_days is None and state.seen_days > LONGEST_LIFE.days:
        return Concern(ConcernKind.TOO_OLD, f"it is at least {state.seen_days} days old", _ROTATE)
    if state.age_days is None:
        return Concern(ConcernKind.AGE_UNKNOWN, "nobody says how old it is", _STATE_AGE)
    return None


def _lack(state: CredentialState) -> Concern | None:
    if not state.lacking:
        return None
    told = ", ".join(state.lacking)
    return Concern(
        ConcernKind.LACKING_PERMISSIONS, f"it may not do what it needs: {told}", f"Grant the GitHub App {told}."
    )


def _excess(state: CredentialState) -> Concern | None:
    if not state.excess:
        return None
    told = ", ".join(state.excess)
    return Concern(ConcernKind.EXCESS_PERMISSIONS, f"it may do more than it needs: {told}", f"Take from it: {told}.")


_LENGTHEN = "Make a longer one, and put it where the old one was."
_RENEW = "Make a new one, and put it where the old one was."
_ROTATE = f"Make a new one at least every {LONGEST_LIFE.days} days, or use a GitHub App."
_STATE_AGE = (
    "Write the day it was made as `credentials.made_on`, keep it where that is known (Vault, AWS Secrets Manager), or "
    "use a GitHub App."
)
