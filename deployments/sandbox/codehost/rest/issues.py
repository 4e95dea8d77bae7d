"""Issues (every pull request is one), their comments, labels and timeline."""

from typing import Any

from deployments.sandbox.codehost.call import Call, Listing, Reply
from deployments.sandbox.codehost.clock import now
from deployments.sandbox.codehost.errors import NotFound
from deployments.sandbox.codehost.host import Happening
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.labels import change_labels, label_names
from deployments.sandbox.codehost.model import Comment, Issue
from deployments.sandbox.codehost.pulldata import pull_commits
from deployments.sandbox.codehost.pulls import edit_pull, rename
from deployments.sandbox.codehost.render.commits import git_commit
from deployments.sandbox.codehost.render.issues import (
    comment_document,
    event_document,
    full_issue,
    issue_document,
    review_document,
    timeline_time,
)
from deployments.sandbox.codehost.reviews import visible_reviews
from deployments.sandbox.codehost.router import Routes

routes = Routes()
ISSUES = "/repos/{owner}/{repo}/issues"
ISSUE = ISSUES + "/{issue_number}"


@routes.get(ISSUES)
def list_issues(call: Call) -> Listing:
    repository, query = call.repository(), call.query
    state = call.state()
    names = {name.lower() for name in query.get("labels", "").split(",") if name}
    found = [
        issue
        for issue in list(repository.issues.values())
        if state in {"all", issue.state}
        and names <= {label.lower() for label in issue.labels}
        and query.get("creator") in {None, issue.user}
        and (not query.get("since") or issue.updated_at >= query["since"])
    ]
    key = "updated_at" if query.get("sort") == "updated" else "created_at"
    found.sort(key=lambda issue: (getattr(issue, key), issue.number), reverse=query.get("direction", "desc") == "desc")
    return Listing(found, lambda issue: issue_document(call.host, repository, issue))


@routes.post(ISSUES)
def create(call: Call) -> Reply:
    repository = call.repository()
    title = call.body.text("title", resource="Issue")
    names = label_names(call.body.raw("labels") or [])
    issue = Issue(
        id=call.host.store.new_id(),
        repository=repository.id,
        number=repository.take_number(),
        title=title,
        body=call.body.optional_text("body"),
        user=call.viewer.login,
        assignees=call.body.texts("assignees"),
        created_at=now(),
        updated_at=now(),
    )
    repository.add(issue)
    change_labels(call.host, repository, issue, call.viewer, add=names)
    return Reply(full_issue(call.host, repository, issue), 201)


@routes.get(ISSUE)
def show(call: Call) -> Reply:
    repository = call.repository()
    return Reply(full_issue(call.host, repository, call.issue(repository)))


@routes.patch(ISSUE)
def update(call: Call) -> Reply:
    repository = call.repository()
    issue = call.issue(repository)
    call.repository("read" if issue.user == call.viewer.login else "triage")
    names = label_names(call.body.raw("labels") or [])
    if "assignees" in call.body:
        issue.assignees = call.body.texts("assignees")
    if issue.pull is not None:
        edit_pull(call.host, repository, issue, call.viewer, call.body)
    else:
        _edit(call, repository, issue)
    if "labels" in call.body:
        gone = [label for label in issue.labels if label.lower() not in {name.lower() for name in names}]
        change_labels(call.host, repository, issue, call.viewer, add=names, remove=gone)
    return Reply(full_issue(call.host, repository, issue))


def _edit(call: Call, repository: HostedRepository, issue: Issue) -> None:
    state = call.body.one_of("state", ("open", "closed"), default=issue.state)
    title = call.body.text("title", resource="Issue") if "title" in call.body else issue.title
    issue.body = call.body.optional_text("body", issue.body)
    rename(repository, issue, call.viewer, title)
    if state != issue.state:
        closing = state == "closed"
        issue.state = "closed" if closing else "open"
        issue.closed_at, issue.closed_by = (now(), call.viewer.login) if closing else (None, None)
        issue.state_reason = "completed" if closing else "reopened"
        repository.log_event(issue, "closed" if closing else "reopened", call.viewer.login)
    repository.touch(issue)


@routes.get(ISSUE + "/comments")
def list_comments(call: Call) -> Listing:
    repository = call.repository()
    comments = list(repository.comments[call.issue(repository).number])
    return Listing(comments, lambda comment: comment_document(call.host, repository, comment))


@routes.post(ISSUE + "/comments")
def create_comment(call: Call) -> Reply:
    repository = call.repository()
    issue = call.issue(repository)
    comment = Comment(
        id=call.host.store.new_id(),
        repository=repository.id,
        number=issue.number,
        user=call.viewer.login,
        body=call.body.text("body", resource="IssueComment"),
        created_at=now(),
        updated_at=now(),
    )
    repository.add(comment)
    repository.touch(issue)
    detail = {"comment_id": comment.id}
    call.host.announce(Happening(repository, "issue_comment", "created", call.viewer.login, issue.number, detail))
    return Reply(comment_document(call.host, repository, comment), 201)


@routes.get(ISSUES + "/comments/{comment_id}")
def show_comment(call: Call) -> Reply:
    repository = call.repository()
    return Reply(comment_document(call.host, repository, _comment(call, repository)))


@routes.patch(ISSUES + "/comments/{comment_id}")
def update_comment(call: Call) -> Reply:
    repository = call.repository()
    comment = _comment(call, repository)
    comment.body = call.body.text("body", resource="IssueComment")
    comment.updated_at = now()
    repository.save(comment)
    return Reply(comment_document(call.host, repository, comment))


@routes.delete(ISSUES + "/comments/{comment_id}")
def delete_comment(call: Call) -> Reply:
    repository = call.repository()
    comment = _comment(call, repository)
    repository.comments[comment.number].remove(comment)
    repository.store.delete(comment)
    return Reply(status=204)


def _comment(call: Call, repository: HostedRepository) -> Comment:
    number = call.number("comment_id")
    for comments in list(repository.comments.values()):
        for comment in comments:
            if comment.id == number:
                return comment
    raise NotFound


@routes.get(ISSUE + "/timeline")
def list_timeline(call: Call) -> Listing:
    repository = call.repository()
    issue = call.issue(repository)
    return Listing(_timeline(call, repository, issue), lambda entry: entry)


def _timeline(call: Call, repository: HostedRepository, issue: Issue) -> list[dict[str, Any]]:
    host = call.host
    entries = [event_document(host, repository, event) for event in list(repository.events[issue.number])]
    for comment in list(repository.comments[issue.number]):
        document = comment_document(host, repository, comment)
        entries.append(document | {"event": "commented", "actor": document["user"]})
    if issue.pull is not None:
        for review in visible_reviews(repository, issue, call.viewer):
            document = review_document(host, repository, review)
            entries.append(document | {"event": "reviewed", "state": document["state"].lower()})
        for commit in pull_commits(repository, issue.pull):
            entries.append(git_commit(host, repository, commit) | {"event": "committed"})  # noqa: PERF401
    return sorted(entries, key=timeline_time)


@routes.get(ISSUE + "/events")
def list_events(call: Call) -> Listing:
    repository = call.repository()
    events = list(repository.events[call.issue(repository).number])
    return Listing(events, lambda event: event_document(call.host, repository, event))
