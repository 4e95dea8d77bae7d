"""Pull requests, short and in full."""

from deployments.sandbox.codehost.host import Host
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.mergeability import mergeable_state
from deployments.sandbox.codehost.model import Account, Issue, Json, Pull
from deployments.sandbox.codehost.pulldata import pull_changes, pull_commits

from .accounts import known_user, simple_user, team
from .issues import association
from .nodes import node_id
from .repositories import html_url, labels, repository_document, repository_url


def simple_pull(host: Host, repository: HostedRepository, issue: Issue, viewer: Account) -> Json:
    pull = _pull(issue)
    return {
        "id": issue.id,
        "node_id": node_id("PR", issue.id),
        **_addresses(host, repository, issue, pull.head_sha),
        "number": issue.number,
        "state": issue.state,
        "locked": issue.locked,
        "active_lock_reason": None,
        "title": issue.title,
        "user": known_user(host, issue.user),
        "body": issue.body,
        "labels": [
            label | {"description": label["description"] or ""} for label in labels(host, repository, issue.labels)
        ],
        "milestone": None,
        "assignee": simple_user(host, issue.assignees[0]) if issue.assignees else None,
        "assignees": [known_user(host, login) for login in issue.assignees],
        "requested_reviewers": [known_user(host, login) for login in pull.requested_reviewers],
        "requested_teams": _teams(host, repository, pull),
        "created_at": issue.created_at,
        "updated_at": issue.updated_at,
        "closed_at": issue.closed_at,
        "merged_at": pull.merged_at,
        "merge_commit_sha": pull.merge_commit_sha,
        "draft": pull.draft,
        "auto_merge": None,
        "author_association": association(host, repository, issue.user),
        "head": _side(host, host.repositories.get(pull.head_repository or 0), viewer, pull),
        "base": {
            "label": f"{repository.record.owner}:{pull.base_ref}",
            "ref": pull.base_ref,
            "sha": pull.base_sha,
            "user": known_user(host, repository.record.owner),
            "repo": repository_document(host, repository, viewer),
        },
    }


def _addresses(host: Host, repository: HostedRepository, issue: Issue, head: str) -> Json:
    """Where everything about it is, once flat and once as links."""
    url = f"{repository_url(host, repository)}/pulls/{issue.number}"
    issue_url = f"{repository_url(host, repository)}/issues/{issue.number}"
    page = f"{html_url(host, repository)}/pull/{issue.number}"
    statuses = f"{repository_url(host, repository)}/statuses/{head}"
    return {
        "url": url,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue_url,
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{repository_url(host, repository)}/pulls/comments{{/number}}",
        "comments_url": f"{issue_url}/comments",
        "statuses_url": statuses,
        "_links": {
            "self": {"href": url},
            "html": {"href": page},
            "issue": {"href": issue_url},
            "comments": {"href": f"{issue_url}/comments"},
            "review_comments": {"href": f"{url}/comments"},
            "review_comment": {"href": f"{repository_url(host, repository)}/pulls/comments{{/number}}"},
            "commits": {"href": f"{url}/commits"},
            "statuses": {"href": statuses},
        },
    }


def full_pull(host: Host, repository: HostedRepository, issue: Issue, viewer: Account, *, asks: bool = True) -> Json:
    pull = _pull(issue)
    changes = pull_changes(repository, pull)
    mergeable, state = mergeable_state(host, repository, issue, asks=asks)
    return simple_pull(host, repository, issue, viewer) | {
        "merged": pull.merged_at is not None,
        "mergeable": mergeable,
        "mergeable_state": state,
        "rebaseable": mergeable,
        "merged_by": simple_user(host, pull.merged_by),
        "comments": len(repository.comments[issue.number]),
        "review_comments": 0,
        "maintainer_can_modify": pull.maintainer_can_modify,
        "commits": len(pull_commits(repository, pull)),
        "additions": sum(change.additions for change in changes),
        "deletions": sum(change.deletions for change in changes),
        "changed_files": len(changes),
    }


def minimal_pull(host: Host, repository: HostedRepository, issue: Issue) -> Json:
    pull = _pull(issue)
    head = host.repositories.get(pull.head_repository or 0) or repository
    return {
        "id": issue.id,
        "number": issue.number,
        "url": f"{repository_url(host, repository)}/pulls/{issue.number}",
        "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": _tiny(host, head)},
        "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": _tiny(host, repository)},
    }


def _tiny(host: Host, repository: HostedRepository) -> Json:
    return {"id": repository.id, "url": repository_url(host, repository), "name": repository.record.name}


def _side(host: Host, repository: HostedRepository | None, viewer: Account, pull: Pull) -> Json:
    return {
        "label": f"{pull.head_owner}:{pull.head_ref}",
        "ref": pull.head_ref,
        "sha": pull.head_sha,
        "user": known_user(host, pull.head_owner),
        "repo": repository_document(host, repository, viewer) if repository else None,
    }


def _teams(host: Host, repository: HostedRepository, pull: Pull) -> list[Json]:
    found = (host.team(repository.record.owner, slug) for slug in pull.requested_teams)
    return [team(host, record) for record in found if record is not None]


def _pull(issue: Issue) -> Pull:
    if issue.pull is None:
        raise TypeError(f"#{issue.number} is no pull request")
    return issue.pull
