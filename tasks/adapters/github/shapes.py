"""
What GitHub's answers must look like; whatever does not is refused, never guessed.

Fields are called as in `documents.py`. An answer may hold more than is described here. Only what nothing is decided by
may be missing: mergeability and the statuses of a head are unknown then.
"""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from tasks.adapters.github.failures import malformed
from tasks.domain.model import ReviewState


class Shape(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, alias_generator=to_camel, hide_input_in_errors=True)


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    if moment is None or moment.tzinfo is None:
        raise ValueError("expected a time with its offset")
    return moment


Moment = Annotated[datetime, BeforeValidator(_moment)]
Sha = Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
Text = Annotated[str, StringConstraints(min_length=1)]
State = Literal["OPEN", "CLOSED", "MERGED"]
AnyShape = TypeVar("AnyShape", bound=Shape)


class PageInfo(Shape):
    has_next_page: bool
    end_cursor: str | None


class Page(Shape, Generic[AnyShape]):
    nodes: list[AnyShape]
    page_info: PageInfo


class CountedPage(Page[AnyShape], Generic[AnyShape]):
    total_count: int


class Oid(Shape):
    oid: Sha


class User(Shape):
    login: Text


class Actor(User):
    typename: str = Field(alias="__typename")


class Label(Shape):
    name: str


class Review(Shape):
    id: Text
    state: Annotated[ReviewState, Field(strict=False)]
    submitted_at: Moment | None
    author_can_push_to_repository: bool
    viewer_did_author: bool
    author: Actor | None
    commit: Oid | None


class RequestedReviewer(Shape):
    """A person has a login, a team its slug behind its organization's; whoever else there is has neither."""

    typename: str = Field(alias="__typename")
    login: Text | None = None
    combined_slug: Text | None = None


class ReviewRequest(Shape):
    """`requested_reviewer` is None for a team that the token may not see."""

    requested_reviewer: RequestedReviewer | None


class HeadRepository(Shape):
    name_with_owner: Text


class Author(Shape):
    user: User | None


class Committer(Author):
    name: str | None
    email: str | None


class Commit(Oid):
    authors: Page[Author]
    committer: Committer | None


class PullRequestCommit(Shape):
    commit: Commit


class Labeling(Shape):
    id: Text
    label: Label


class TargetChange(Shape):
    created_at: Moment


class TargetChanges(Shape):
    """The last one, if any."""

    nodes: list[TargetChange]


class Status(Shape):
    """A commit status (`context`, `state`) or a check run; null is one that the token may not see."""

    typename: str | None = Field(default=None, alias="__typename")
    context: str | None = None
    state: str | None = None
    name: str | None = None
    status: str | None = None
    conclusion: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _nothing_told(cls, value: Any) -> Any:
        return {} if value is None else value


NO_STATUSES = Page[Status].model_validate({"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}})


class Rollup(Shape):
    contexts: Page[Status]


class LatestCommit(Oid):
    """`status_check_rollup` is None where nobody reported anything."""

    status_check_rollup: Rollup | None


class LatestPullRequestCommit(Shape):
    commit: LatestCommit


class Latest(Shape):
    nodes: list[LatestPullRequestCommit]


class Part(Shape):
    """Some connections of a pull request; None where they were not asked for."""

    number: int
    head_ref_oid: Sha
    labels: Page[Label] | None = None
    reviews: Page[Review] | None = None
    asked: Page[ReviewRequest] | None = None
    commits: CountedPage[PullRequestCommit] | None = None
    labelings: Page[Labeling] | None = None
    latest: Latest | None = None

    @property
    def statuses(self) -> Page[Status] | None:
        """Those of the head; None where they are not told, which is not an empty list."""
        for node in self.latest.nodes if self.latest else ():
            if node.commit.oid == self.head_ref_oid:
                rollup = node.commit.status_check_rollup
                return rollup.contexts if rollup else NO_STATUSES
        return None


class PullRequest(Part):
    """`head_repository` is None where it is deleted."""

    title: str
    body: str
    url: str
    is_draft: bool
    state: State
    base_ref_name: str
    head_ref_name: str
    created_at: Moment
    mergeable: str | None = None
    author: Actor | None
    head_repository: HeadRepository | None
    labels: Page[Label]
    reviews: Page[Review]
    asked: Page[ReviewRequest]
    commits: CountedPage[PullRequestCommit]
    retargeted: TargetChanges


class Branch(Shape):
    target: Oid


class Repository(Shape):
    database_id: int
    name_with_owner: Text
    ref: Branch | None
    pull_requests: Page[PullRequest]


class Referenced(Shape):
    """`state` and `body` are an issue's or a pull request's; they are only asked for in the latter."""

    typename: Literal["Issue", "PullRequest"] = Field(alias="__typename")
    state: State | None = None
    body: str | None = None


class Team(Shape):
    members: Page[User]


class TeamOwner(Shape):
    team: Team | None


class Comment(Shape):
    body: str
    author: Actor | None


class CommentedPullRequest(Shape):
    state: State
    comments: Page[Comment]


class CommentedRepository(Shape):
    database_id: int
    pull_request: CommentedPullRequest


class Comments(Shape):
    """`viewer` is who the token belongs to."""

    viewer: User
    repository: CommentedRepository


class MergeDone(Shape):
    merged: Literal[True]
    sha: Sha


class Head(Shape):
    sha: Sha


class RestShape(Shape):
    """As the REST API shows it, whose names have underscores."""

    model_config = ConfigDict(strict=True, frozen=True, alias_generator=None, hide_input_in_errors=True)


class RestRepository(RestShape):
    id: int
    full_name: Text


class RestActor(RestShape):
    login: Text


class Activity(RestShape):
    """A branch was moved, made or deleted; `actor` is None where it is not known by whom."""

    id: int
    ref: Text
    after: Sha
    actor: RestActor | None


class RestPullRequest(RestShape):
    merged: bool
    merge_commit_sha: Sha | None
    head: Head


def parsed(shape: type[AnyShape], value: Any, subject: str) -> AnyShape:
    """Raises CodeHostRefused for a value of another shape; the error names the place, not the value."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        raise malformed(subject, error) from error
