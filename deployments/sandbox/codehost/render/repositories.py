"""Repositories, short and in full, labels, and what protects a branch."""

from deployments.sandbox.codehost.host import Host
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.model import PERMISSIONS, Account, Json, Label

from .accounts import known_user
from .nodes import node_id

PATHS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def repository_url(host: Host, repository: HostedRepository) -> str:
    return f"{host.settings.api_url}/repos/{repository.full_name}"


def html_url(host: Host, repository: HostedRepository) -> str:
    return f"{host.settings.public_url}/{repository.full_name}"


def git_url(host: Host, repository: HostedRepository) -> str:
    """Where git finds it: over HTTP if this server speaks it, otherwise on disk."""
    if host.settings.smart_http:
        return f"{host.settings.public_url}/{repository.full_name}.git"
    return repository.git.directory.absolute().as_uri()


def minimal_repository(host: Host, repository: HostedRepository) -> Json:
    record, url = repository.record, repository_url(host, repository)
    return {
        "id": record.id,
        "node_id": node_id("R", record.id),
        "name": record.name,
        "full_name": record.full_name,
        "private": record.private,
        "owner": known_user(host, record.owner),
        "html_url": html_url(host, repository),
        "description": record.description,
        "fork": record.fork_of is not None,
        "url": url,
        **{name: url + path for name, path in PATHS.items()},
    }


def repository_document(host: Host, repository: HostedRepository, viewer: Account) -> Json:
    record, clone = repository.record, git_url(host, repository)
    opened = sum(issue.state == "open" for issue in list(repository.issues.values()))
    return minimal_repository(host, repository) | {
        "clone_url": clone,
        "git_url": clone,
        "ssh_url": clone,
        "svn_url": html_url(host, repository),
        "mirror_url": None,
        "homepage": record.homepage or None,
        "language": None,
        "license": None,
        "topics": [],
        "default_branch": record.default_branch,
        "visibility": "private" if record.private else "public",
        "archived": record.archived,
        "disabled": False,
        "is_template": False,
        "allow_forking": True,
        "web_commit_signoff_required": False,
        "has_issues": record.has_issues,
        "has_projects": False,
        "has_wiki": False,
        "has_pages": False,
        "has_downloads": False,
        "has_discussions": False,
        "open_issues": opened,
        "open_issues_count": opened,
        **dict.fromkeys(("forks", "forks_count"), _forks(host, repository)),
        **dict.fromkeys(("stargazers_count", "watchers", "watchers_count", "size"), 0),
        "permissions": permissions(host, repository, viewer),
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "pushed_at": record.pushed_at,
    }


def full_repository(host: Host, repository: HostedRepository, viewer: Account) -> Json:
    record = repository.record
    document = repository_document(host, repository, viewer) | {
        "network_count": _forks(host, repository),
        "subscribers_count": 0,
        "allow_merge_commit": record.allow_merge_commit,
        "allow_squash_merge": record.allow_squash_merge,
        "allow_rebase_merge": record.allow_rebase_merge,
        "allow_auto_merge": record.allow_auto_merge,
        "allow_update_branch": True,
        "delete_branch_on_merge": record.delete_branch_on_merge,
        "merge_commit_title": "MERGE_MESSAGE",
        "merge_commit_message": "PR_TITLE",
        "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
        "squash_merge_commit_message": "COMMIT_MESSAGES",
    }
    source = host.repositories.get(record.fork_of or 0)
    if source is not None:
        document["parent"] = document["source"] = repository_document(host, source, viewer)
    return document


def permissions(host: Host, repository: HostedRepository, viewer: Account) -> Json:
    rank = PERMISSIONS.index(host.permission(viewer, repository))
    levels = {"pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}
    return {name: rank >= PERMISSIONS.index(level) for name, level in levels.items()}


def label(host: Host, repository: HostedRepository, record: Label) -> Json:
    return {
        "id": record.id,
        "node_id": node_id("LA", record.id),
        "url": f"{repository_url(host, repository)}/labels/{record.name}".replace(" ", "%20"),
        "name": record.name,
        "color": record.color,
        "default": False,
        "description": record.description,
    }


def labels(host: Host, repository: HostedRepository, names: list[str]) -> list[Json]:
    records = (repository.labels.get(name.lower()) for name in names)
    return [label(host, repository, record) for record in records if record is not None]


def _forks(host: Host, repository: HostedRepository) -> int:
    return sum(other.record.fork_of == repository.id for other in list(host.repositories.values()))
