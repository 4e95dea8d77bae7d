"""Commits in GitHub's four forms, files of a difference, references."""

from urllib.parse import quote

from deployments.sandbox.codehost.git.commits import Commit, Signature
from deployments.sandbox.codehost.git.diffs import FileChange
from deployments.sandbox.codehost.host import Host
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.model import Json
from deployments.sandbox.codehost.signatures import verdict_on

from .accounts import account_document
from .nodes import node_id
from .repositories import html_url, repository_url


def verification(repository: HostedRepository, commit: Commit) -> Json:
    found = verdict_on(repository, commit)
    valid = found is not None and found.valid
    return {
        "verified": valid,
        "reason": "unsigned" if found is None else found.state.lower(),
        "signature": commit.signature,
        "payload": None,
        "verified_at": repository.record.updated_at if valid else None,
    }


def signature(person: Signature) -> Json:
    return {"name": person.name, "email": person.email, "date": person.date}


def author_of(host: Host, person: Signature) -> Json | None:
    account = host.account_of_email(person.email)
    return account_document(host, account) if account else None


def git_commit(host: Host, repository: HostedRepository, commit: Commit) -> Json:
    url, page = repository_url(host, repository), html_url(host, repository)
    return {
        "sha": commit.oid,
        "node_id": node_id("C", repository.id, commit.oid),
        "url": f"{url}/git/commits/{commit.oid}",
        "html_url": f"{page}/commit/{commit.oid}",
        "author": signature(commit.author),
        "committer": signature(commit.committer),
        "message": commit.message,
        "tree": {"sha": commit.tree, "url": f"{url}/git/trees/{commit.tree}"},
        "parents": [
            {
                "sha": parent,
                "url": f"{url}/git/commits/{parent}",
                "html_url": f"{page}/commit/{parent}",
            }
            for parent in commit.parents
        ],
        "verification": verification(repository, commit),
    }


def commit_document(host: Host, repository: HostedRepository, commit: Commit) -> Json:
    url, page = repository_url(host, repository), html_url(host, repository)
    return {
        "sha": commit.oid,
        "node_id": node_id("C", repository.id, commit.oid),
        "commit": {
            "author": signature(commit.author),
            "committer": signature(commit.committer),
            "message": commit.message,
            "tree": {"sha": commit.tree, "url": f"{url}/git/trees/{commit.tree}"},
            "url": f"{url}/git/commits/{commit.oid}",
            "comment_count": 0,
            "verification": verification(repository, commit),
        },
        "url": f"{url}/commits/{commit.oid}",
        "html_url": f"{page}/commit/{commit.oid}",
        "comments_url": f"{url}/commits/{commit.oid}/comments",
        "author": author_of(host, commit.author),
        "committer": author_of(host, commit.committer),
        "parents": [
            {"sha": parent, "url": f"{url}/commits/{parent}", "html_url": f"{page}/commit/{parent}"}
            for parent in commit.parents
        ],
    }


def simple_commit(commit: Commit) -> Json:
    return {
        "id": commit.oid,
        "tree_id": commit.tree,
        "message": commit.message,
        "timestamp": commit.committer.date,
        "author": {"name": commit.author.name, "email": commit.author.email},
        "committer": {"name": commit.committer.name, "email": commit.committer.email},
    }


def file_document(
    host: Host, repository: HostedRepository, change: FileChange, *, head: str, patch: str | None
) -> Json:
    path = quote(change.path)
    page = html_url(host, repository)
    document: Json = {
        "sha": change.oid,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{page}/blob/{head}/{path}",
        "raw_url": f"{page}/raw/{head}/{path}",
        "contents_url": f"{repository_url(host, repository)}/contents/{path}?ref={head}",
    }
    if patch is not None:
        document["patch"] = patch
    if change.previous is not None:
        document["previous_filename"] = change.previous
    return document


def reference(host: Host, repository: HostedRepository, name: str, oid: str) -> Json:
    url = repository_url(host, repository)
    kind = "commit" if name.startswith("refs/heads/") else (repository.git.kind(oid) or "commit")
    return {
        "ref": name,
        "node_id": node_id("REF", repository.id, name),
        "url": f"{url}/git/{quote(name)}",
        "object": {"type": kind, "sha": oid, "url": f"{url}/git/{kind}s/{oid}"},
    }
