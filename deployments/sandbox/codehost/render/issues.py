"""Issues, comments and the entries of a timeline."""

from deployments.sandbox.codehost.clock import epoch
from deployments.sandbox.codehost.host import Host
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.model import Comment, Event, Issue, Json, Review

from .accounts import known_user, simple_user
from .nodes import node_id
from .repositories import html_url, labels, repository_url


def association(host: Host, repository: HostedRepository, login: str) -> str:
    if login.lower() == repository.record.owner.lower():
        return "OWNER"
    account = host.account(login)
    if account is None or account.type == "Bot":
        return "NONE"
    owner = host.account(repository.record.owner)
    if owner is not None and owner.type == "Organization" and owner.login in account.organizations:
        return "MEMBER"
    return "COLLABORATOR" if host.may(account, repository, "write") else "CONTRIBUTOR"


def issue_document(host: Host, repository: HostedRepository, issue: Issue) -> Json:
    url = f"{repository_url(host, repository)}/issues/{issue.number}"
    kind = "pull" if issue.pull else "issues"
    document: Json = {
        "id": issue.id,
        "node_id": node_id("I" if issue.pull is None else "PR", issue.id),
        "url": url,
        "repository_url": repository_url(host, repository),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": f"{html_url(host, repository)}/{kind}/{issue.number}",
        "number": issue.number,
        "title": issue.title,
        "body": issue.body,
        "user": simple_user(host, issue.user),
        "labels": labels(host, repository, issue.labels),
        "state": issue.state,
        "locked": issue.locked,
        "active_lock_reason": None,
        "assignee": simple_user(host, issue.assignees[0]) if issue.assignees else None,
        "assignees": [known_user(host, login) for login in issue.assignees],
        "milestone": None,
        "comments": len(repository.comments[issue.number]),
        "created_at": issue.created_at,
        "updated_at": issue.updated_at,
        "closed_at": issue.closed_at,
        "author_association": association(host, repository, issue.user),
    }
    if issue.state_reason is not None:
        document["state_reason"] = issue.state_reason
    if issue.pull is not None:
        page = document["html_url"]
        document["draft"] = issue.pull.draft
        document["pull_request"] = {
            "url": f"{repository_url(host, repository)}/pulls/{issue.number}",
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": issue.pull.merged_at,
        }
    return document


def full_issue(host: Host, repository: HostedRepository, issue: Issue) -> Json:
    return issue_document(host, repository, issue) | {"closed_by": simple_user(host, issue.closed_by)}


def comment_document(host: Host, repository: HostedRepository, comment: Comment) -> Json:
    issue = repository.issues[comment.number]
    kind = "pull" if issue.pull else "issues"
    url = repository_url(host, repository)
    return {
        "id": comment.id,
        "node_id": node_id("IC", comment.id),
        "url": f"{url}/issues/comments/{comment.id}",
        "html_url": f"{html_url(host, repository)}/{kind}/{comment.number}#issuecomment-{comment.id}",
        "issue_url": f"{url}/issues/{comment.number}",
        "body": comment.body,
        "user": simple_user(host, comment.user),
        "created_at": comment.created_at,
        "updated_at": comment.updated_at,
        "author_association": association(host, repository, comment.user),
        "performed_via_github_app": None,
    }


def review_document(host: Host, repository: HostedRepository, review: Review) -> Json:
    page = f"{html_url(host, repository)}/pull/{review.number}"
    url = f"{repository_url(host, repository)}/pulls/{review.number}"
    document: Json = {
        "id": review.id,
        "node_id": node_id("PRR", review.id),
        "user": simple_user(host, review.user),
        "body": review.body,
        "state": review.state,
        "html_url": f"{page}#pullrequestreview-{review.id}",
        "pull_request_url": url,
        "author_association": association(host, repository, review.user),
        "_links": {
            "html": {"href": f"{page}#pullrequestreview-{review.id}"},
            "pull_request": {"href": url},
        },
        "commit_id": review.commit_id,
    }
    if review.submitted_at is not None:
        document["submitted_at"] = review.submitted_at
    return document


EVENT_KINDS = {
    "labeled": "LE",
    "unlabeled": "UNLE",
    "review_requested": "RRE",
    "merged": "ME",
    "closed": "CE",
    "reopened": "REE",
}


def event_document(host: Host, repository: HostedRepository, event: Event) -> Json:
    url = repository_url(host, repository)
    commit = event.detail.get("commit_id")
    document: Json = {
        "id": event.id,
        "node_id": node_id(EVENT_KINDS.get(event.event, "EV"), event.id),
        "url": f"{url}/issues/events/{event.id}",
        "actor": known_user(host, event.actor),
        "event": event.event,
        "commit_id": commit,
        "commit_url": f"{url}/commits/{commit}" if commit else None,
        "created_at": event.created_at,
        "performed_via_github_app": None,
    }
    detail = event.detail
    if "label" in detail:
        document["label"] = detail["label"]
    if "from" in detail:
        document["rename"] = {"from": detail["from"], "to": detail["to"]}
    if "requester" in detail:
        document["review_requester"] = known_user(host, detail["requester"])
    if "reviewer" in detail:
        document["requested_reviewer"] = known_user(host, detail["reviewer"])
    if "dismissed_review" in detail:
        document["dismissed_review"] = detail["dismissed_review"]
    if event.event in {"closed", "reopened"}:
        document["state_reason"] = None
    return document


def timeline_time(entry: Json) -> tuple[int, int]:
    """The order of a timeline: by time, then by identifier; commits by when they were committed."""
    when = entry.get("created_at") or entry.get("submitted_at")
    if when is None:
        when = entry["committer"]["date"]
    return epoch(when), int(entry.get("id", 0))
