"""A pull request's timeline."""

from typing import Any

from deployments.sandbox.codehost.clock import epoch
from deployments.sandbox.codehost.model import Event
from deployments.sandbox.codehost.pulldata import pull_commits
from deployments.sandbox.codehost.render.issues import EVENT_KINDS
from deployments.sandbox.codehost.render.nodes import node_id
from deployments.sandbox.codehost.reviews import visible_reviews

from .connections import Connection, Window
from .git_objects import CommitObject
from .pulls import CommentObject, PullRequestCommitObject, PullRequestObject, ReviewObject
from .repositories import label_of

TYPES = {
    "labeled": "LabeledEvent",
    "unlabeled": "UnlabeledEvent",
    "closed": "ClosedEvent",
    "reopened": "ReopenedEvent",
    "merged": "MergedEvent",
    "renamed": "RenamedTitleEvent",
    "head_ref_force_pushed": "HeadRefForcePushedEvent",
    "automatic_base_change_succeeded": "AutomaticBaseChangeSucceededEvent",
    "base_ref_changed": "BaseRefChangedEvent",
    "review_requested": "ReviewRequestedEvent",
    "review_request_removed": "ReviewRequestRemovedEvent",
    "review_dismissed": "ReviewDismissedEvent",
    "convert_to_draft": "ConvertToDraftEvent",
    "ready_for_review": "ReadyForReviewEvent",
}
ITEM_TYPES = {
    "AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT": "AutomaticBaseChangeSucceededEvent",
    "BASE_REF_CHANGED_EVENT": "BaseRefChangedEvent",
    "CLOSED_EVENT": "ClosedEvent",
    "CONVERT_TO_DRAFT_EVENT": "ConvertToDraftEvent",
    "HEAD_REF_FORCE_PUSHED_EVENT": "HeadRefForcePushedEvent",
    "ISSUE_COMMENT": "IssueComment",
    "LABELED_EVENT": "LabeledEvent",
    "MERGED_EVENT": "MergedEvent",
    "PULL_REQUEST_COMMIT": "PullRequestCommit",
    "PULL_REQUEST_REVIEW": "PullRequestReview",
    "READY_FOR_REVIEW_EVENT": "ReadyForReviewEvent",
    "RENAMED_TITLE_EVENT": "RenamedTitleEvent",
    "REOPENED_EVENT": "ReopenedEvent",
    "REVIEW_DISMISSED_EVENT": "ReviewDismissedEvent",
    "REVIEW_REQUESTED_EVENT": "ReviewRequestedEvent",
    "REVIEW_REQUEST_REMOVED_EVENT": "ReviewRequestRemovedEvent",
    "UNLABELED_EVENT": "UnlabeledEvent",
}


class EventObject:
    """Any event; which of these fields may be asked depends on its type."""

    def __init__(self, pull: PullRequestObject, event: Event) -> None:
        self.pull_request = pull
        self.event = event
        self.typename = TYPES[event.event]
        self.id = node_id(EVENT_KINDS.get(event.event, "EV"), event.id)
        self.created_at = event.created_at
        detail = event.detail
        self.previous_title, self.current_title = detail.get("from"), detail.get("to")
        self.previous_ref_name, self.current_ref_name = detail.get("previous"), detail.get("current")
        self.old_base, self.new_base = self.previous_ref_name, self.current_ref_name
        self.merge_ref_name = pull.pull.base_ref

    @property
    def actor(self) -> Any:
        return self.pull_request.repository.context.actor(self.event.actor)

    @property
    def label(self) -> Any:
        label = self.event.detail["label"]
        return label_of(self.pull_request.repository, label["name"], label["color"])

    @property
    def commit(self) -> CommitObject | None:
        return self._commit("commit_id")

    @property
    def before_commit(self) -> CommitObject | None:
        return self._commit("before")

    @property
    def after_commit(self) -> CommitObject | None:
        return self._commit("after")

    @property
    def requested_reviewer(self) -> Any:
        return self.pull_request.repository.context.actor(self.event.detail["reviewer"])

    @property
    def dismissal_message(self) -> str | None:
        message: str | None = self.event.detail["dismissed_review"].get("dismissal_message")
        return message

    @property
    def review(self) -> ReviewObject | None:
        number = self.event.detail["dismissed_review"]["review_id"]
        reviews = self.pull_request.repository.hosted.reviews[self.pull_request.number]
        return next((ReviewObject(self.pull_request, one) for one in reviews if one.id == number), None)

    def _commit(self, key: str) -> CommitObject | None:
        repository = self.pull_request.repository
        found = repository.hosted.git.graph.get(self.event.detail.get(key) or "")
        return CommitObject(repository, found) if found else None


class TimelineConnection(Connection):
    @property
    def filtered_count(self) -> int:
        return self.total_count

    @property
    def page_count(self) -> int:
        return len(self.chosen)

    @property
    def updated_at(self) -> Any:
        return self.chosen[-1].created_at if self.chosen else "1970-01-01T00:00:00Z"


def timeline(
    pull: PullRequestObject,
    item_types: list[str] | None = None,
    since: str | None = None,
    skip: int | None = None,
    **window: Any,
) -> TimelineConnection:
    wanted = {ITEM_TYPES[kind] for kind in item_types} if item_types else set(ITEM_TYPES.values())
    entries = [entry for entry in _entries(pull, wanted) if not since or entry[0] >= epoch(since)]
    entries.sort(key=lambda entry: entry[:2])
    items = [entry[2] for entry in entries][skip or 0 :]
    return TimelineConnection(items, lambda item: item, Window(**window))


def _entries(pull: PullRequestObject, wanted: set[str]) -> list[tuple[int, int, Any]]:
    hosted, number = pull.repository.hosted, pull.number
    found: list[tuple[int, int, Any]] = [
        (epoch(event.created_at), event.id, EventObject(pull, event))
        for event in list(hosted.events[number])
        if TYPES.get(event.event) in wanted
    ]
    if "IssueComment" in wanted:
        found += [
            (epoch(one.created_at), one.id, CommentObject(pull.repository, one))
            for one in list(hosted.comments[number])
        ]
    if "PullRequestReview" in wanted:
        found += [
            (epoch(one.submitted_at or one.created_at), one.id, ReviewObject(pull, one))
            for one in visible_reviews(hosted, pull.record, pull.repository.context.viewer)
        ]
    if "PullRequestCommit" in wanted:
        found += [
            (commit.committer.seconds, position, PullRequestCommitObject(pull, commit))
            for position, commit in enumerate(pull_commits(hosted, pull.pull))
        ]
    return found
