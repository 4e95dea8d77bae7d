"""
What the token of an App's installation may: the permissions and the repositories that it was made for.

Which permission a request needs is GitHub's own table ("Permissions required for GitHub Apps"), as far as this server
answers requests. What anybody may read of a public repository needs none; what is not in the table needs none either.
Whether a change touches workflow files is not looked at.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from .errors import NotFound, Refusal, forbidden
from .host import Host
from .hosted import HostedRepository

NOT_ACCESSIBLE = "Resource not accessible by integration"
LEVELS = ("read", "write", "admin")
OF_EVERYBODY = frozenset({"checks", "contents", "issues", "metadata", "pull_requests", "statuses"})
READING = frozenset({"GET", "HEAD"})

_OF_REPOSITORY: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"/pulls(/|$)", ("pull_requests",)),
    (r"/(issues|labels)(/|$)", ("issues", "pull_requests")),
    (r"/branches/.+/protection", ("administration",)),
    (r"/rulesets/rule-suites", ("administration",)),
    (r"/(rulesets|rules|collaborators)(/|$)", ("metadata",)),
    (r"/commits/[^/]+/pulls$", ("pull_requests",)),
    (r"/(commits/.+/status(es)?$|statuses/)", ("statuses",)),
    (r"/(commits/.+/check-(runs|suites)$|check-runs)", ("checks",)),
    (r"/(commits|branches|compare|merges|git|contents|activity)(/|$)", ("contents",)),
    (r"/hooks(/|$)", ("repository_hooks",)),
)
"""What follows `/repos/OWNER/NAME`, and the permissions of which one suffices; the first that fits holds."""

_OF_GRAPH = {
    ("Repository", "pullRequest"): "pull_requests",
    ("Repository", "pullRequests"): "pull_requests",
    ("Repository", "issue"): "issues",
    ("Repository", "issueOrPullRequest"): "issues",
    ("Repository", "object"): "contents",
    ("Repository", "ref"): "contents",
    ("Repository", "refs"): "contents",
    ("Repository", "defaultBranchRef"): "contents",
    ("Organization", "team"): "members",
    ("Organization", "teams"): "members",
    ("Organization", "membersWithRole"): "members",
}
OF_STATUS = {"CheckRun": "checks", "StatusContext": "statuses"}


@dataclass(frozen=True, slots=True)
class Grant:
    """`repositories` None: all of `owner`, which is whose installation it is."""

    owner: str
    permissions: Mapping[str, str]
    repositories: frozenset[int] | None

    def covers(self, repository: HostedRepository) -> bool:
        owned = repository.record.owner.lower() == self.owner.lower()
        return owned and (self.repositories is None or repository.id in self.repositories)

    def allows(self, permission: str, level: str = "read") -> bool:
        granted = self.permissions.get(permission)
        return granted in LEVELS and LEVELS.index(granted) >= LEVELS.index(level)

    def sees(self, repository: HostedRepository) -> bool:
        return not repository.record.private or self.covers(repository)

    def reads(self, permission: str, repository: HostedRepository | None) -> bool:
        if repository is not None and not repository.record.private and permission in OF_EVERYBODY:
            return True
        return (repository is None or self.covers(repository)) and self.allows(permission)

    def answers(self, parent: str, field: str, repository: HostedRepository | None) -> bool:
        """Whether a field of the graph may be read."""
        needed = _OF_GRAPH.get((parent, field))
        return needed is None or self.reads(needed, repository)


def grant_of(host: Host, token: str) -> Grant | None:
    """None for a token that is no installation's: what it may is what its account may."""
    found = host.tokens.get(token)
    if found is None or found.expires_at < time.time():
        return None
    chosen = None if found.repositories is None else frozenset(found.repositories)
    return Grant(host.accounts_by_id[found.installation].login, found.permissions, chosen)


def demand(grant: Grant | None, method: str, path: str, repository: HostedRepository | None) -> None:
    """Raises what GitHub answers to a request beyond the grant; None: there is none to exceed."""
    if grant is None:
        return
    if re.match(r"/app(/|$)", path):
        raise Refusal(401, "A JSON web token could not be decoded")
    if repository is not None and not grant.sees(repository):
        raise NotFound
    level = "read" if method in READING else "write"
    needed = _needed(method, path, repository)
    if needed == () or (level == "read" and any(grant.reads(each, repository) for each in needed)):
        return
    covered = repository is None or grant.covers(repository)
    if level == "read" or not covered or not any(grant.allows(each, level) for each in needed):
        raise forbidden(NOT_ACCESSIBLE)


def _needed(method: str, path: str, repository: HostedRepository | None) -> tuple[str, ...]:
    if repository is None:
        if re.match(r"/user(/|$)", path):
            return ("user",)
        in_organization = re.match(r"/orgs/[^/]+/(members|teams)|/organizations/\d+/team/", path)
        made = method not in READING and re.match(r"/orgs/[^/]+/repos$", path)
        return ("members",) if in_organization else ("administration",) if made else ()
    below = re.sub(r"^/repos/[^/]+/[^/]+", "", path)
    if method == "PUT" and re.fullmatch(r"/pulls/\d+/merge", below):
        return ("contents",)
    found = next((needed for pattern, needed in _OF_REPOSITORY if re.match(pattern, below)), None)
    return found or (("metadata",) if method in READING else ("administration",))
