"""Repositories, references and labels."""

from typing import TYPE_CHECKING, Any

from graphql import GraphQLError

from deployments.sandbox.codehost.git.repository import HEADS
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.model import Issue, Label
from deployments.sandbox.codehost.render.nodes import node_id

from .accounts import AccountObject
from .connections import Connection, Window

if TYPE_CHECKING:
    from .context import Context


def pull_state(issue: Issue) -> str:
    if issue.pull is not None and issue.pull.merged_at:
        return "MERGED"
    return issue.state.upper()


def not_found(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"type": "NOT_FOUND"})


class RepositoryObject:
    typename = "Repository"

    def __init__(self, context: "Context", hosted: HostedRepository) -> None:
        record = hosted.record
        self.context = context
        self.hosted = hosted
        self.id = node_id("R", record.id)
        self.database_id = record.id
        self.name = record.name
        self.name_with_owner = record.full_name
        self.description = record.description
        self.is_archived = record.archived
        self.is_disabled = False
        self.is_fork = record.fork_of is not None
        self.is_private = record.private
        self.merge_commit_allowed = record.allow_merge_commit
        self.squash_merge_allowed = record.allow_squash_merge
        self.rebase_merge_allowed = record.allow_rebase_merge
        self.delete_branch_on_merge = record.delete_branch_on_merge
        self.created_at = record.created_at
        self.updated_at = record.updated_at
        self.pushed_at = record.pushed_at
        self.url = f"{context.public_url}/{record.full_name}"

    @property
    def is_empty(self) -> bool:
        return not self.hosted.heads

    @property
    def owner(self) -> AccountObject | None:
        return self.context.actor(self.hosted.record.owner)

    @property
    def parent(self) -> "RepositoryObject | None":
        source = self.context.host.repositories.get(self.hosted.record.fork_of or 0)
        return self.context.repository(source) if source else None

    @property
    def viewer_permission(self) -> str | None:
        permission = self.context.host.permission(self.context.viewer, self.hosted)
        return None if permission == "none" else permission.upper()

    def default_branch_ref(self) -> "RefObject | None":
        return self.ref(HEADS + self.hosted.record.default_branch)

    def ref(self, qualified_name: str) -> "RefObject | None":
        """By full name, or by the short name of a branch or tag."""
        for name in (qualified_name, HEADS + qualified_name, f"refs/tags/{qualified_name}"):
            if name in self.hosted.references:
                return RefObject(self, name)
        return None

    def refs(self, ref_prefix: str, query: str | None = None, direction: str = "ASC", **window: Any) -> Connection:
        names = sorted(
            name
            for name in self.hosted.references
            if name.startswith(ref_prefix) and (not query or query in name.removeprefix(ref_prefix))
        )
        descending = direction == "DESC"
        if descending:
            names.reverse()
        return Connection(
            names, lambda name: RefObject(self, name), Window(**window), key=lambda name: name, descending=descending
        )

    def object(self, expression: str | None = None, oid: str | None = None) -> Any:
        found = self.hosted.git.resolve(oid or expression or "")
        return self.context.git_object(self, found) if found else None

    def pull_request(self, number: int) -> Any:
        issue = self.hosted.pull(number)
        if issue is None:
            raise not_found(f"Could not resolve to a PullRequest with the number of {number}.")
        return self.context.pull(self, issue)

    def issue(self, number: int) -> Any:
        issue = self.hosted.issues.get(number)
        if issue is None or issue.pull is not None:
            raise not_found(f"Could not resolve to an Issue with the number of {number}.")
        return self.context.issue(self, issue)

    def issue_or_pull_request(self, number: int) -> Any:
        issue = self.hosted.issues.get(number)
        if issue is None:
            raise not_found(f"Could not resolve to an issue or pull request with the number of {number}.")
        return self.context.issue(self, issue)

    def pull_requests(
        self,
        states: list[str] | None = None,
        labels: list[str] | None = None,
        base_ref_name: str | None = None,
        head_ref_name: str | None = None,
        order_by: dict[str, str] | None = None,
        **window: Any,
    ) -> Connection:
        names = {label.lower() for label in labels or []}
        pool = self.hosted.open_pulls if states == ["OPEN"] else self.hosted.issues
        found = [
            issue
            for issue in list(pool.values())
            if issue.pull is not None
            and (not states or pull_state(issue) in states)
            and (not names or names & {name.lower() for name in issue.labels})
            and base_ref_name in {None, issue.pull.base_ref}
            and head_ref_name in {None, issue.pull.head_ref}
        ]
        return pull_connection(self, found, order_by, Window(**window))

    def label(self, name: str) -> "LabelObject | None":
        found = self.hosted.labels.get(name.lower())
        return LabelObject(self, found) if found else None

    def labels(self, query: str | None = None, **window: Any) -> Connection:
        found = [one for one in list(self.hosted.labels.values()) if not query or query.lower() in one.name.lower()]
        return Connection(found, lambda one: LabelObject(self, one), Window(**window))


def pull_connection(
    repository: RepositoryObject, issues: list[Issue], order_by: dict[str, str] | None, window: Window
) -> Connection:
    order = order_by or {"field": "CREATED_AT", "direction": "ASC"}
    comments = repository.hosted.comments
    keys: dict[str, Any] = {
        "CREATED_AT": lambda issue: [issue.created_at, issue.number],
        "UPDATED_AT": lambda issue: [issue.updated_at, issue.number],
        "COMMENTS": lambda issue: [len(comments[issue.number]), issue.number],
    }
    key, descending = keys[order["field"]], order["direction"] == "DESC"
    ordered = sorted(issues, key=key, reverse=descending)
    siblings: list[Issue] = []
    connection = Connection(
        ordered,
        lambda issue: repository.context.pull(repository, issue, siblings),
        window,
        key=key,
        descending=descending,
    )
    siblings.extend(connection.chosen)
    return connection


class RefObject:
    typename = "Ref"

    def __init__(self, repository: RepositoryObject, full_name: str) -> None:
        self.repository = repository
        self.full_name = full_name
        self.id = node_id("REF", repository.database_id, full_name)
        prefix, _, _ = full_name.split("/", 2)[1].partition("/")
        self.prefix = f"refs/{prefix}/"
        self.name = full_name.removeprefix(self.prefix)

    @property
    def target(self) -> Any:
        oid = self.repository.hosted.references.get(self.full_name)
        return self.repository.context.git_object(self.repository, oid) if oid else None

    def associated_pull_requests(self, states: list[str] | None = None, **window: Any) -> Connection:
        return self.repository.pull_requests(states=states, head_ref_name=self.name, **window)


class LabelObject:
    typename = "Label"

    def __init__(self, repository: RepositoryObject, label: Label) -> None:
        self.id = node_id("LA", label.id)
        self.name = label.name
        self.color = label.color
        self.description = label.description
        self.is_default = False
        self.url = f"{repository.url}/labels/{label.name}"


def label_of(repository: RepositoryObject, name: str, color: str) -> LabelObject:
    """The label as it is now, or as it was when the event happened if it is gone."""
    known = repository.hosted.labels.get(name.lower())
    return LabelObject(repository, known or Label(id=0, repository=0, name=name, color=color))
