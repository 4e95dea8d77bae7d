"""Where every query and mutation begins."""

from collections.abc import Iterable
from typing import Any

from graphql import GraphQLError

from deployments.sandbox.codehost.clock import now, timestamp
from deployments.sandbox.codehost.host import Happening
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.model import Comment, Issue, Review
from deployments.sandbox.codehost.render.nodes import parse_node_id
from deployments.sandbox.codehost.searching import parse_query, search_issues

from .accounts import AccountObject, OrganizationObject, TeamObject, UserObject
from .connections import Connection, Window
from .context import Context
from .pulls import CommentObject, PullRequestObject, ReviewObject
from .repositories import LabelObject, RefObject, RepositoryObject, not_found


class Root:
    def __init__(self, context: Context) -> None:
        self.context = context

    def viewer(self) -> AccountObject:
        """GitHub's type here is User, and it gives it to an App's bot too."""
        return UserObject(self.context, self.context.viewer)

    def rate_limit(self, *, dry_run: bool = False) -> dict[str, Any]:
        del dry_run
        numbers: dict[str, Any] = dict(self.context.host.limits.numbers(self.context.viewer.login, "graphql"))
        return numbers | {"cost": 1, "node_count": 0, "reset_at": timestamp(numbers["reset"])}

    def repository(self, owner: str, name: str, *, follow_renames: bool = True) -> RepositoryObject:
        return self.context.find_repository(owner, name, follow_renames=follow_renames)

    def repository_owner(self, login: str) -> AccountObject | None:
        found = self.context.host.account(login)
        return self.context.account(found) if found and found.type != "Bot" else None

    def organization(self, login: str) -> AccountObject:
        found = self.context.actor(login)
        if not isinstance(found, OrganizationObject):
            raise not_found(f"Could not resolve to an Organization with the login of '{login}'.")
        return found

    def user(self, login: str) -> AccountObject:
        found = self.context.actor(login)
        if not isinstance(found, UserObject):
            raise not_found(f"Could not resolve to a User with the login of '{login}'.")
        return found

    def search(self, query: str, type: str, **window: Any) -> Connection:  # noqa: A002 - GitHub's name
        del type
        try:
            terms = parse_query(query)
        except ValueError as error:
            raise GraphQLError(f"The sandbox code host does not search for {error}") from error
        found = search_issues(self.context.host, self.context.viewer, terms)
        return Connection(
            found, lambda item: self.context.issue(self.context.repository(item[0]), item[1]), Window(**window)
        )

    def nodes(self, ids: list[str]) -> list[Any]:
        return [self.node(one) for one in ids]

    def node(self, id: str) -> Any:  # noqa: A002 - GitHub's name
        parsed = parse_node_id(id)
        found = self._find(*parsed) if parsed else None
        if found is None:
            raise not_found(f"Could not resolve to a node with the global id of '{id}'.")
        return found

    def _find(self, kind: str, identity: list[str]) -> Any:
        number = int(identity[0]) if identity[0].isdecimal() else 0
        host = self.context.host
        if kind in {"U", "O", "BOT"}:
            account = host.accounts_by_id.get(number)
            return self.context.account(account) if account else None
        if kind == "T":
            team = host.teams_by_id.get(number)
            return TeamObject(self.context, team) if team else None
        if kind in {"R", "C", "B", "TR", "TA", "REF"}:
            return self._in_repository(kind, number, identity[1:])
        return self._content(kind, number)

    def _in_repository(self, kind: str, number: int, rest: list[str]) -> Any:
        hosted = self.context.host.repositories.get(number)
        if hosted is None or not self.context.sees(hosted):
            return None
        repository = self.context.repository(hosted)
        if kind == "R":
            return repository
        name = ":".join(rest)
        if kind == "REF":
            return RefObject(repository, name) if name in hosted.references else None
        return self.context.git_object(repository, name)

    def _content(self, kind: str, number: int) -> Any:
        for hosted in list(self.context.host.repositories.values()):
            for record in _records(hosted, kind):
                if record.id == number and self.context.sees(hosted):
                    return self._present(self.context.repository(hosted), record)
        return None

    def _present(self, repository: RepositoryObject, record: Any) -> Any:
        match record:
            case Issue():
                return self.context.issue(repository, record)
            case Review():
                pull = self.context.pull(repository, repository.hosted.issues[record.number])
                return ReviewObject(pull, record)
            case Comment():
                return CommentObject(repository, record)
            case _:
                return LabelObject(repository, record)

    def convert_pull_request_to_draft(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - GitHub's name
        return self._set_draft(input, draft=True)

    def mark_pull_request_ready_for_review(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - GitHub's name
        return self._set_draft(input, draft=False)

    def _set_draft(self, arguments: dict[str, Any], *, draft: bool) -> dict[str, Any]:
        found = self.node(arguments["pull_request_id"])
        if not isinstance(found, PullRequestObject) or found.closed:
            raise not_found("Could not resolve to an open PullRequest.")
        host, hosted, viewer = self.context.host, found.repository.hosted, self.context.viewer
        if viewer.login != found.record.user and not host.may(viewer, hosted, "write"):
            raise GraphQLError(f"{viewer.login} does not have permission", extensions={"type": "FORBIDDEN"})
        with hosted.lock:
            if found.pull.draft != draft:
                found.pull.draft = found.is_draft = draft
                found.record.updated_at = now()
                hosted.save(found.record)
                hosted.log_event(found.record, "convert_to_draft" if draft else "ready_for_review", viewer.login)
                action = "converted_to_draft" if draft else "ready_for_review"
                host.announce(Happening(hosted, "pull_request", action, viewer.login, found.number))
        return {"pull_request": found, "client_mutation_id": arguments.get("client_mutation_id")}


def _records(hosted: HostedRepository, kind: str) -> Iterable[Any]:
    match kind:
        case "PR" | "I":
            return list(hosted.issues.values())
        case "PRR":
            return [review for reviews in list(hosted.reviews.values()) for review in reviews]
        case "IC":
            return [comment for comments in list(hosted.comments.values()) for comment in comments]
        case "LA":
            return list(hosted.labels.values())
        case _:
            return []
