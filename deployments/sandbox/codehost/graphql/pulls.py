"""Issues and pull requests, their files, commits, reviews and comments."""

from typing import Any

from deployments.sandbox.codehost.checks import rollup
from deployments.sandbox.codehost.git.commits import Commit
from deployments.sandbox.codehost.git.diffs import FileChange
from deployments.sandbox.codehost.mergeability import mergeable, mergeable_state
from deployments.sandbox.codehost.model import Comment, Issue, Pull, Review
from deployments.sandbox.codehost.protection import demands_on, standing_reviews
from deployments.sandbox.codehost.pulldata import pull_changes, pull_commits, pull_trees
from deployments.sandbox.codehost.render.issues import association
from deployments.sandbox.codehost.render.nodes import node_id
from deployments.sandbox.codehost.reviews import visible_reviews

from .accounts import AccountObject, TeamObject
from .checks import RollupObject
from .connections import Connection, Window
from .git_objects import CommitObject
from .repositories import LabelObject, RefObject, RepositoryObject, pull_state

PATCHES = {"removed": "DELETED"}


class Written:
    """What somebody wrote: an issue, a comment, a review."""

    repository: RepositoryObject
    record: Issue | Comment | Review

    @property
    def author(self) -> AccountObject | None:
        return self.repository.context.actor(self.record.user)

    @property
    def author_association(self) -> str:
        return association(self.repository.context.host, self.repository.hosted, self.record.user)

    @property
    def database_id(self) -> int:
        return self.record.id

    @property
    def full_database_id(self) -> str:
        return str(self.record.id)

    @property
    def body(self) -> str:
        return self.record.body or ""

    @property
    def created_at(self) -> str:
        return self.record.created_at


class CommentObject(Written):
    typename = "IssueComment"

    def __init__(self, repository: RepositoryObject, comment: Comment) -> None:
        self.repository = repository
        self.record = comment
        self.id = node_id("IC", comment.id)
        self.updated_at = comment.updated_at
        self.url = f"{repository.url}/issues/{comment.number}#issuecomment-{comment.id}"


class IssueObject(Written):
    typename = "Issue"
    record: Issue

    def __init__(self, repository: RepositoryObject, issue: Issue) -> None:
        self.repository = repository
        self.record = issue
        self.id = node_id("PR" if issue.pull else "I", issue.id)
        self.number = issue.number
        self.title = issue.title
        self.state = pull_state(issue)
        self.closed = issue.state == "closed"
        self.closed_at = issue.closed_at
        self.updated_at = issue.updated_at
        self.locked = issue.locked
        self.url = self.permalink = f"{repository.url}/{'pull' if issue.pull else 'issues'}/{issue.number}"

    def labels(self, **window: Any) -> Connection:
        hosted = self.repository.hosted
        found = [hosted.label_named(name) for name in list(self.record.labels)]
        return Connection(found, lambda label: LabelObject(self.repository, label), Window(**window))

    def comments(self, **window: Any) -> Connection:
        found = list(self.repository.hosted.comments[self.number])
        return Connection(found, lambda one: CommentObject(self.repository, one), Window(**window))


class PullRequestObject(IssueObject):
    """`siblings` are the pull requests on the same page: what git says about them is read for all at once."""

    typename = "PullRequest"

    def __init__(self, repository: RepositoryObject, issue: Issue, pull: Pull, siblings: list[Issue]) -> None:
        super().__init__(repository, issue)
        self.pull = pull
        self.siblings = siblings
        self.is_draft = pull.draft
        self.merged = pull.merged_at is not None
        self.merged_at = pull.merged_at
        self.base_ref_name = pull.base_ref
        self.base_ref_oid = pull.base_sha
        self.head_ref_name = pull.head_ref
        self.head_ref_oid = pull.head_sha
        self.base_repository = repository
        self.is_cross_repository = pull.head_repository != repository.database_id
        self.maintainer_can_modify = pull.maintainer_can_modify

    @property
    def merge_commit(self) -> CommitObject | None:
        return self._commit(self.pull.merge_commit_sha) if self.pull.merge_commit_sha else None

    @property
    def merged_by(self) -> AccountObject | None:
        return self.repository.context.actor(self.pull.merged_by) if self.pull.merged_by else None

    @property
    def base_ref(self) -> RefObject | None:
        return self.repository.ref(f"refs/heads/{self.pull.base_ref}")

    @property
    def head_ref(self) -> RefObject | None:
        head = self.head_repository
        return head.ref(f"refs/heads/{self.pull.head_ref}") if head else None

    @property
    def head_repository(self) -> RepositoryObject | None:
        found = self.repository.context.host.repositories.get(self.pull.head_repository or 0)
        return self.repository.context.repository(found) if found else None

    @property
    def head_repository_owner(self) -> AccountObject | None:
        return self.repository.context.actor(self.pull.head_owner)

    def mergeable(self) -> str:
        can = mergeable(self.repository.hosted, self.record)
        return "UNKNOWN" if can is None else ("MERGEABLE" if can else "CONFLICTING")

    def merge_state_status(self) -> str:
        _, state = mergeable_state(self.repository.context.host, self.repository.hosted, self.record)
        return state.upper()

    def commits(self, **window: Any) -> Connection:
        found = pull_commits(self.repository.hosted, self.pull)
        return Connection(found, lambda commit: PullRequestCommitObject(self, commit), Window(**window))

    def changes(self) -> tuple[FileChange, ...]:
        hosted = self.repository.hosted
        hosted.diffs.prepare(pull_trees(hosted, one.pull) for one in [self.record, *self.siblings] if one.pull)
        return pull_changes(hosted, self.pull)

    def files(self, **window: Any) -> Connection:
        return Connection(self.changes(), _file, Window(**window))

    def changed_files(self) -> int:
        return len(self.changes())

    def additions(self) -> int:
        return sum(change.additions for change in self.changes())

    def deletions(self) -> int:
        return sum(change.deletions for change in self.changes())

    def reviews(self, states: list[str] | None = None, author: str | None = None, **window: Any) -> Connection:
        found = [
            review
            for review in visible_reviews(self.repository.hosted, self.record, self.repository.context.viewer)
            if (not states or review.state in states) and author in {None, review.user}
        ]
        return self._reviews(found, window)

    def latest_reviews(self, *, writers_only: bool = False, **window: Any) -> Connection:
        """The last submitted review of everybody; GitHub leaves out whoever is asked to review again."""
        found = [review for review in self.repository.hosted.reviews[self.number] if review.state != "PENDING"]
        waiting = set(self.pull.requested_reviewers)
        latest = {review.user: review for review in found if review.user not in waiting}
        return self._reviews(self._writers(list(latest.values()), only=writers_only), window)

    def latest_opinionated_reviews(self, *, writers_only: bool = False, **window: Any) -> Connection:
        opinions = {"APPROVED", "CHANGES_REQUESTED", "DISMISSED"}
        found = [review for review in self.repository.hosted.reviews[self.number] if review.state in opinions]
        latest = {review.user: review for review in found}
        return self._reviews(self._writers(list(latest.values()), only=writers_only), window)

    def _writers(self, reviews: list[Review], *, only: bool) -> list[Review]:
        return [one for one in reviews if not only or ReviewObject(self, one).author_can_push_to_repository]

    def _reviews(self, reviews: list[Review], window: dict[str, Any]) -> Connection:
        return Connection(reviews, lambda review: ReviewObject(self, review), Window(**window))

    def review_requests(self, **window: Any) -> Connection:
        people = [("user", login) for login in self.pull.requested_reviewers]
        teams = [("team", slug) for slug in self.pull.requested_teams]
        return Connection([*people, *teams], self._request, Window(**window))

    def _request(self, item: tuple[str, str]) -> dict[str, Any]:
        kind, name = item
        return {
            "id": node_id("RR", self.record.id, kind, name),
            "as_code_owner": False,
            "pull_request": self,
            "requested_reviewer": self.repository.context.actor(name) if kind == "user" else self._team(name),
        }

    def _team(self, slug: str) -> TeamObject | None:
        context = self.repository.context
        found = context.host.team(self.repository.hosted.record.owner, slug)
        return TeamObject(context, found) if found else None

    def review_decision(self) -> str | None:
        """None where no review is required, as on GitHub."""
        context = self.repository.context
        everybody = context.host.account("web-flow") or context.viewer
        required = demands_on(context.host, self.repository.hosted, self.pull.base_ref, everybody).reviews
        standing = standing_reviews(context.host, self.repository.hosted, self.record)
        if any(review.state == "CHANGES_REQUESTED" for review in standing):
            return "CHANGES_REQUESTED"
        if not required:
            return None
        return "APPROVED" if len(standing) >= required else "REVIEW_REQUIRED"

    @property
    def status_check_rollup(self) -> RollupObject | None:
        state = rollup(self.repository.hosted, self.pull.head_sha)
        return RollupObject(self._commit(self.pull.head_sha), state) if state else None

    def timeline_items(self, **arguments: Any) -> Any:
        return self.repository.context.timeline(self, **arguments)

    def _commit(self, oid: str) -> CommitObject:
        return CommitObject(self.repository, self.repository.hosted.git.graph[oid])


class PullRequestCommitObject:
    typename = "PullRequestCommit"

    def __init__(self, pull: PullRequestObject, commit: Commit) -> None:
        self.pull_request = pull
        self.commit = CommitObject(pull.repository, commit)
        self.id = node_id("PURC", pull.record.id, commit.oid)
        self.url = f"{pull.url}/commits/{commit.oid}"


class ReviewObject(Written):
    typename = "PullRequestReview"
    record: Review

    def __init__(self, pull: PullRequestObject, review: Review) -> None:
        self.pull_request = pull
        self.repository = pull.repository
        self.record = review
        self.id = node_id("PRR", review.id)
        self.state = review.state
        self.submitted_at = review.submitted_at
        self.updated_at = review.submitted_at or review.created_at
        self.url = f"{pull.url}#pullrequestreview-{review.id}"

    @property
    def author_can_push_to_repository(self) -> bool:
        host = self.repository.context.host
        account = host.account(self.record.user)
        return account is not None and host.may(account, self.repository.hosted, "write")

    @property
    def viewer_did_author(self) -> bool:
        return self.record.user == self.repository.context.viewer.login

    @property
    def commit(self) -> CommitObject | None:
        found = self.repository.hosted.git.graph.get(self.record.commit_id)
        return CommitObject(self.repository, found) if found else None


def _file(change: FileChange) -> dict[str, Any]:
    return {
        "path": change.path,
        "additions": change.additions,
        "deletions": change.deletions,
        "change_type": PATCHES.get(change.status, change.status.upper()),
    }
