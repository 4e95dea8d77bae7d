"""What one GraphQL request works with: who asks, and the objects made from records, each repository read once."""

from typing import Any

from deployments.sandbox.codehost.grants import Grant
from deployments.sandbox.codehost.host import Host
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.model import Account, Issue
from deployments.sandbox.codehost.sync import synchronise

from .accounts import AccountObject, BotObject, OrganizationObject, UserObject
from .git_objects import BlobObject, CommitObject, TagObject, TreeObject
from .pulls import IssueObject, PullRequestObject
from .repositories import RepositoryObject, not_found
from .timeline import TimelineConnection, timeline

ACCOUNTS = {"User": UserObject, "Bot": BotObject, "Organization": OrganizationObject}


class Context:
    def __init__(self, host: Host, viewer: Account, grant: Grant | None = None) -> None:
        self.host = host
        self.viewer = viewer
        self.grant = grant
        self.public_url = host.settings.public_url
        self._repositories: dict[int, RepositoryObject] = {}

    def account(self, account: Account) -> AccountObject:
        return ACCOUNTS[account.type](self, account)

    def actor(self, login: str) -> AccountObject | None:
        found = self.host.account(login)
        return self.account(found) if found else None

    def find_repository(self, owner: str, name: str, *, follow_renames: bool = True) -> RepositoryObject:
        found = self.host.repository(owner, name)
        if found is None and follow_renames:
            found = self.host.renamed(owner, name)
        if found is None or not self.sees(found):
            raise not_found(f"Could not resolve to a Repository with the name '{owner}/{name}'.")
        return self.repository(found)

    def sees(self, hosted: HostedRepository) -> bool:
        return self.host.may(self.viewer, hosted, "read") and (self.grant is None or self.grant.sees(hosted))

    def repository(self, hosted: HostedRepository) -> RepositoryObject:
        """Brought up to what git holds, once in a request, so that one answer tells of one moment."""
        if hosted.id not in self._repositories:
            synchronise(self.host, hosted)
            self._repositories[hosted.id] = RepositoryObject(self, hosted)
        return self._repositories[hosted.id]

    def issue(self, repository: RepositoryObject, issue: Issue) -> IssueObject:
        return self.pull(repository, issue) if issue.pull else IssueObject(repository, issue)

    def pull(
        self, repository: RepositoryObject, issue: Issue, siblings: list[Issue] | None = None
    ) -> PullRequestObject:
        if issue.pull is None:
            raise not_found(f"Could not resolve to a PullRequest with the number of {issue.number}.")
        return PullRequestObject(repository, issue, issue.pull, siblings or [])

    def timeline(self, pull: PullRequestObject, **arguments: Any) -> TimelineConnection:
        return timeline(pull, **arguments)

    def git_object(self, repository: RepositoryObject, oid: str) -> Any:
        commit = repository.hosted.git.graph.known(oid)
        if commit is not None:
            return CommitObject(repository, commit)
        found = repository.hosted.git.object(oid)
        match found:
            case ("commit", _):
                return CommitObject(repository, repository.hosted.git.graph[oid])
            case ("tree", _):
                return TreeObject(repository, oid)
            case ("tag", content):
                return TagObject(repository, oid, content)
            case ("blob", content):
                return BlobObject(repository, oid, content)
            case _:
                return None
