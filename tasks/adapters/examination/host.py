"""
The code host: whom the token acts for and until when, what is left of its rate limit, what it may do where.

GitHub tells of the role that the token's account has in a repository. What a fine-grained token was granted beyond
that it does not tell; there, only trying would show.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pydantic import Field

from config.schema import MergeMethod
from tasks.adapters.github.client import Client
from tasks.adapters.github.failures import Subject
from tasks.adapters.github.grants import expiry_in, scopes_in
from tasks.adapters.github.names import owner_and_name
from tasks.adapters.github.places import Place
from tasks.adapters.github.protection import read_protection
from tasks.adapters.github.shapes import RestRepository, RestShape, parsed
from tasks.domain.errors import RepositoryMissing
from tasks.domain.examined import CodeHostFound, RepositoryFound
from tasks.domain.model import RepositoryName
from tasks.domain.protection import Protection
from tasks.ports import Clock

_WHO = "query { viewer { login } }"
_METHODS = {
    MergeMethod.MERGE: "allow_merge_commit",
    MergeMethod.SQUASH: "allow_squash_merge",
    MergeMethod.REBASE: "allow_rebase_merge",
}


class _Viewer(RestShape):
    login: str


class _Who(RestShape):
    viewer: _Viewer


class _Window(RestShape):
    limit: int = 0
    remaining: int = 0
    reset: int = 0


class _Limits(RestShape):
    resources: dict[str, _Window] = Field(default_factory=dict)


class _Repository(RestShape):
    full_name: str
    archived: bool = False
    permissions: dict[str, bool] | None = None
    allow_merge_commit: bool = True
    allow_squash_merge: bool = True
    allow_rebase_merge: bool = True


def look_at_code_host(client: Client, clock: Clock) -> CodeHostFound:
    subject = Subject("the token")
    who = parsed(_Who, client.graphql(_WHO, {}, subject), subject.name)
    headers, limits = _limits(client, subject)
    scarcest = min(limits.resources.values(), key=_share, default=_Window())
    return CodeHostFound(
        address=client.api_url,
        login=_printable(who.viewer.login),
        scopes=scopes_in(headers.get("x-oauth-scopes")),
        expires_at=expiry_in(headers.get("github-authentication-token-expiration")),
        limit=scarcest.limit,
        remaining=scarcest.remaining,
        resets_at=datetime.fromtimestamp(scarcest.reset, UTC) if 0 < scarcest.reset < 2**33 else None,
        clock_seconds=_ahead(headers.get("date"), clock),
    )


def look_at_repository(client: Client, name: RepositoryName, target: str) -> RepositoryFound:
    owner_and_name(name)
    subject = Subject(name)
    _, document = client.ask(f"/repos/{name}", subject)
    found = parsed(_Repository, document, name)
    return RepositoryFound(
        name=_printable(found.full_name),
        archived=found.archived,
        may_push=None if found.permissions is None else any(found.permissions.get(each) for each in ("push", "admin")),
        methods=frozenset(method for method, allowed in _METHODS.items() if getattr(found, allowed)),
        has_target=_has_branch(client, name, target),
    )


def look_at_protection(client: Client, name: RepositoryName, target: str) -> Protection:
    owner_and_name(name)
    _, document = client.ask(f"/repos/{name}", Subject(name))
    return read_protection(client, Place(name, str(parsed(RestRepository, document, name).id)), target)


def _has_branch(client: Client, name: RepositoryName, target: str) -> bool:
    try:
        client.ask(f"/repos/{name}/git/ref/heads/{target}", Subject(name))
    except RepositoryMissing:
        return False
    return True


def _limits(client: Client, subject: Subject) -> tuple[Mapping[str, str], _Limits]:
    try:
        headers, document = client.ask("/rate_limit", subject)
    except RepositoryMissing:
        # An Enterprise Server without rate limits has no such page.
        headers, document = client.ask("/meta", subject)
        document = {}
    limits = parsed(_Limits, document, subject.name)
    return headers, _Limits(resources={name: limits.resources[name] for name in _used(limits.resources)})


def _used(resources: Mapping[str, Any]) -> list[str]:
    return [name for name in ("core", "graphql") if name in resources]


def _share(window: _Window) -> float:
    return window.remaining / window.limit if window.limit else 1.0


def _ahead(header: str | None, clock: Clock) -> float:
    try:
        return (clock.now() - parsedate_to_datetime(header or "")).total_seconds()
    except (ValueError, TypeError):
        return 0.0


def _printable(text: str) -> str:
    return "".join(character for character in text[:100] if character.isprintable())
