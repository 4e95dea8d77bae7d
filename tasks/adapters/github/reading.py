"""A pull request while its lists are being read, page after page."""

from tasks.adapters.github import shapes, translate
from tasks.adapters.github.failures import not_understood
from tasks.adapters.github.pushers import Head
from tasks.domain.errors import CodeHostRefused
from tasks.domain.model import CommitSha, PullRequest, RepositoryName

RETRY_LABEL = "retry"


class Reading:
    """`unread` maps each list that goes on to the cursor after which it does; None is its beginning."""

    def __init__(self, shape: shapes.PullRequest, repository: str) -> None:
        self.shape = shape
        self.subject = f"{repository}#{shape.number}"
        self.unread: dict[str, str | None] = {}
        self._labels: set[str] = set()
        self._reviews: list[shapes.Review] = []
        self._asked: list[shapes.ReviewRequest] = []
        self._commits: list[shapes.PullRequestCommit] = []
        self._statuses: list[shapes.Status] = [] if shape.statuses else [shapes.Status()]
        self._labelings: list[shapes.Labeling] | None = None
        self.take(shape)

    def take(self, part: shapes.Part) -> None:
        """Adds what `part` brings; a part of another head than the first one's is refused, never mixed in."""
        if (part.number, part.head_ref_oid) != (self.shape.number, self.shape.head_ref_oid):
            raise CodeHostRefused(f"{self.subject} changed while it was read", remedy="Run again.")
        for connection in self.unread:
            if getattr(part, connection) is None:
                raise not_understood(self.subject, f"its {connection} are missing")
        self._labels.update(label.name for label in self._page("labels", part.labels))
        self._reviews += self._page("reviews", part.reviews)
        self._asked += self._page("asked", part.asked)
        self._commits += self._page("commits", part.commits)
        self._statuses += self._page("statuses", part.statuses)
        self._take_labelings(part.labelings)

    @property
    def head(self) -> Head | None:
        """Where the head branch is; None where its repository is deleted."""
        shape = self.shape
        if shape.head_repository is None:
            return None
        repository = RepositoryName(shape.head_repository.name_with_owner)
        return Head(repository, shape.head_ref_name, CommitSha(shape.head_ref_oid))

    def pull_request(self) -> PullRequest:
        """Without what is read for approved ones only: see `reviewers`."""
        shape = self.shape
        return PullRequest(
            number=shape.number,
            title=shape.title,
            body=shape.body,
            url=shape.url,
            author=translate.actor_login(shape.author),
            draft=shape.is_draft,
            open=shape.state == "OPEN",
            target=shape.base_ref_name,
            head=CommitSha(shape.head_ref_oid),
            head_branch=shape.head_ref_name,
            labels=frozenset(self._labels),
            reviews=tuple(translate.review(review) for review in self._reviews),
            asked=tuple(translate.asked(request) for request in self._asked),
            last_pusher=None,
            commits=translate.commits(self._commits),
            commit_count=shape.commits.total_count,
            statuses=translate.statuses(self._statuses),
            mergeability=translate.mergeability(shape.mergeable),
            created_at=shape.created_at,
            target_since=translate.target_since(shape),
            retry_requested=self._latest_retry(),
        )

    def _page(self, connection: str, page: shapes.Page[shapes.AnyShape] | None) -> list[shapes.AnyShape]:
        if page is None:
            return []
        previous = self.unread.pop(connection, None)
        if page.page_info.has_next_page:
            cursor = page.page_info.end_cursor
            if cursor is None or cursor == previous:
                raise not_understood(self.subject, f"its {connection} go on without end")
            self.unread[connection] = cursor
        return page.nodes

    def _take_labelings(self, page: shapes.Page[shapes.Labeling] | None) -> None:
        """Pages come latest first, so that reading ends with the first one in which `retry` was set."""
        if page is not None:
            self._labelings = self._page("labelings", page) + (self._labelings or [])
            if self._latest_retry() is not None:
                self.unread.pop("labelings", None)
        elif RETRY_LABEL in self._labels and self._labelings is None:
            self.unread["labelings"] = None

    def _latest_retry(self) -> str | None:
        times = [labeling.id for labeling in self._labelings or () if labeling.label.name == RETRY_LABEL]
        return times[-1] if times else None
