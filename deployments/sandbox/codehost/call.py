"""One REST request as a handler sees it, and what a handler answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .body import Body
from .errors import Invalid, NotFound, Redirect, forbidden
from .git.commits import Commit
from .host import Host
from .hosted import HostedRepository
from .model import Account, Issue, Permission
from .sync import synchronise

STATES = ("open", "closed", "all")


@dataclass(frozen=True, slots=True)
class Reply:
    payload: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """
    A list to be cut into pages; only the items of the asked page are rendered.

    `envelope` puts the page under this key, next to `total_count` and `more`.
    """

    items: Sequence[Any]
    render: Callable[[Any], Any]
    envelope: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    host: Host
    viewer: Account
    method: str
    path: str
    parameters: dict[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Body

    @property
    def api_url(self) -> str:
        return self.host.settings.api_url

    def repository(self, needed: Permission = "read") -> HostedRepository:
        """The repository of the path, brought up to what git holds."""
        found = self.find_repository()
        if not self.host.may(self.viewer, found, "read"):
            raise NotFound
        if not self.host.may(self.viewer, found, needed):
            raise forbidden(f"Must have {needed} access to {found.full_name}.")
        if needed != "read" and found.record.archived:
            raise forbidden("Repository was archived so is read-only.")
        synchronise(self.host, found)
        return found

    def find_repository(self) -> HostedRepository:
        owner, name = self.parameters["owner"], self.parameters["repo"]
        found = self.host.repository(owner, name)
        if found is not None:
            return found
        moved = self.host.renamed(owner, name)
        if moved is None:
            raise NotFound
        rest = self.path.removeprefix(f"/repos/{owner}/{name}")
        raise Redirect(301 if self.method == "GET" else 307, f"{self.api_url}/repositories/{moved.id}{rest}")

    def state(self) -> str:
        """Which of a listing is asked for: what is open, closed or all."""
        asked = self.query.get("state", "open")
        if asked not in STATES:
            listed = ", ".join(STATES)
            raise Invalid(message=f"Invalid request.\n\n{asked!r} is not a possible value of state: {listed}.")
        return asked

    def issue(self, repository: HostedRepository) -> Issue:
        found = repository.issues.get(self.number("issue_number"))
        if found is None:
            raise NotFound
        return found

    def pull(self, repository: HostedRepository) -> Issue:
        found = repository.pull(self.number("pull_number"))
        if found is None:
            raise NotFound
        return found

    def commit(self, repository: HostedRepository, name: str) -> Commit:
        found = repository.git.commit_named(name)
        if found is None:
            raise Invalid(message=f"No commit found for SHA: {name}")
        return found

    def number(self, name: str) -> int:
        text = self.parameters[name]
        if not text.isdecimal():
            raise NotFound
        return int(text)
