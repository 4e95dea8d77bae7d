"""
Merging and closing through the code host: each may be asked twice and happens once.

A merge whose answer was lost is refused when it is asked again. So a refusal is checked against the pull request: one
that is merged at the very head that was asked for was merged by us, or as we would have.
"""

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self, assert_never

from config.schema import MergeMethod
from tasks.adapters.git.spelling import paragraph, single_line
from tasks.adapters.github import shapes
from tasks.adapters.github.client import Client
from tasks.adapters.github.documents import COMMENTS
from tasks.adapters.github.failures import Json, Subject, not_understood
from tasks.adapters.github.names import owner_and_name
from tasks.adapters.github.places import Place, demand_same
from tasks.adapters.github.translate import actor_login, login_of
from tasks.crash_points import CrashPoint, reached
from tasks.domain.land import HeadMoved, MergedByHost, MergeReply, Rejected
from tasks.domain.merging import Change
from tasks.domain.model import CommitSha

REJECTIONS = (HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)


def merge(client: Client, place: Place, change: Change, method: MergeMethod, note: str) -> MergeReply:
    owner_and_name(place.repository)
    path = f"{place.path}/pulls/{change.number}"
    subject = Subject(f"{place.repository}#{change.number}")
    body = {"sha": change.head, "merge_method": method.value, **_message(change, method, note)}
    status, answer = client.rest("PUT", f"{path}/merge", body, subject, answers=REJECTIONS)
    if status not in REJECTIONS:
        return MergedByHost(CommitSha(shapes.parsed(shapes.MergeDone, answer, subject.name).sha))
    if status == HTTPStatus.CONFLICT and "head branch" in str(answer["message"]).lower():
        return HeadMoved(change.number)
    _, found = client.rest("GET", path, None, subject)
    return _settled(shapes.parsed(shapes.RestPullRequest, found, subject.name), change, str(answer["message"]))


def close(client: Client, place: Place, number: int, comment: str) -> None:
    marked = _Marked.by("closes", comment)
    found = _read_comments(client, place, number, marked.marker)
    if found.open:
        _say(client, place, number, marked, found)
        reached(CrashPoint.AFTER_COMMENT)
        subject = Subject(f"{place.repository}#{number}")
        client.rest("PATCH", f"{place.path}/pulls/{number}", {"state": "closed"}, subject)


def comment(client: Client, place: Place, number: int, text: str) -> None:
    marked = _Marked.by("says of", text)
    _say(client, place, number, marked, _read_comments(client, place, number, marked.marker))


@dataclass(frozen=True, slots=True)
class _Marked:
    """A comment, and what tells that it is there already; people do not see it."""

    text: str
    marker: str

    @classmethod
    def by(cls, verb: str, text: str) -> Self:
        return cls(text, f"<!-- merge-hub {verb} this: {hashlib.sha256(text.encode()).hexdigest()} -->")


@dataclass(frozen=True, slots=True)
class _Found:
    """Whether the pull request is open, and whether we left the marker there."""

    open: bool
    said: bool


def _say(client: Client, place: Place, number: int, marked: _Marked, found: _Found) -> None:
    if not found.said:
        body = {"body": f"{marked.text}\n\n{marked.marker}"}
        client.rest("POST", f"{place.path}/issues/{number}/comments", body, Subject(f"{place.repository}#{number}"))


def _message(change: Change, method: MergeMethod, note: str) -> Json:
    """The title that the code host makes of a merge stays, as it names the pull request; a text replaces its own."""
    match method:
        case MergeMethod.MERGE:
            return {"commit_message": f"{paragraph(change.title)}\n\n{note}".strip()}
        case MergeMethod.SQUASH:
            title = f"{single_line(change.title)} (#{change.number})".strip()
            return {"commit_title": title, "commit_message": note}
        case MergeMethod.REBASE:
            return {}
        case _:
            assert_never(method)


def _settled(found: shapes.RestPullRequest, change: Change, message: str) -> MergeReply:
    if found.merged and found.head.sha == change.head and found.merge_commit_sha is not None:
        return MergedByHost(CommitSha(found.merge_commit_sha))
    if not found.merged and found.head.sha != change.head:
        return HeadMoved(change.number)
    return Rejected(message)


def _read_comments(client: Client, place: Place, number: int, marker: str) -> _Found:
    before: str | None = None
    subject = Subject(f"{place.repository}#{number}")
    owner, name = owner_and_name(place.repository)
    while True:
        variables = {"owner": owner, "name": name, "number": number, "before": before}
        answer = shapes.parsed(shapes.Comments, client.graphql(COMMENTS, variables, subject), subject.name)
        found, comments = answer.repository, answer.repository.pull_request.comments
        demand_same(client, place, found.database_id)
        is_open = found.pull_request.state == "OPEN"
        ours = [comment for comment in comments.nodes if actor_login(comment.author) == login_of(answer.viewer)]
        if any(marker in comment.body for comment in ours):
            return _Found(is_open, said=True)
        if not comments.page_info.has_next_page:
            return _Found(is_open, said=False)
        if comments.page_info.end_cursor in {None, before}:
            raise not_understood(subject.name, "its comments go on without end")
        before = comments.page_info.end_cursor
