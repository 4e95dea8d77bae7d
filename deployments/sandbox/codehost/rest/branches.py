"""Branches, commits, comparison, merges of branches, and what protects them."""

from typing import Any

from deployments.sandbox.codehost.call import Call, Listing, Reply
from deployments.sandbox.codehost.errors import Invalid, NotFound, Refusal
from deployments.sandbox.codehost.git.commits import Commit
from deployments.sandbox.codehost.git.process import EMPTY_TREE
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.landing import merge_branches
from deployments.sandbox.codehost.protection import protected
from deployments.sandbox.codehost.pulls import find_head, pulls_of_commit
from deployments.sandbox.codehost.render.commits import commit_document, file_document
from deployments.sandbox.codehost.render.protection import protection_document
from deployments.sandbox.codehost.render.pulls import simple_pull
from deployments.sandbox.codehost.render.repositories import html_url, repository_url
from deployments.sandbox.codehost.router import Routes

routes = Routes()
MOST_COMPARED = 250


@routes.get("/repos/{owner}/{repo}/branches")
def list_branches(call: Call) -> Listing:
    repository = call.repository()
    wanted = call.query.get("protected")
    names = [
        name
        for name in sorted(repository.heads)
        if wanted is None or protected(repository, name) == (wanted.lower() == "true")
    ]
    return Listing(names, lambda name: _short(call, repository, name))


def _short(call: Call, repository: HostedRepository, name: str) -> dict[str, Any]:
    url = repository_url(call.host, repository)
    oid = repository.heads[name]
    return {
        "name": name,
        "commit": {"sha": oid, "url": f"{url}/commits/{oid}"},
        "protected": protected(repository, name),
        "protection_url": f"{url}/branches/{name}/protection",
    }


@routes.get("/repos/{owner}/{repo}/branches/{branch:path}")
def show_branch(call: Call) -> Reply:
    repository, name = call.repository(), call.parameters["branch"]
    oid = repository.head(name)
    if oid is None:
        raise NotFound("Branch not found")
    url = repository_url(call.host, repository)
    classic = repository.protection(name)
    document = _short(call, repository, name) | {
        "commit": commit_document(call.host, repository, repository.git.graph[oid]),
        "_links": {
            "self": f"{url}/branches/{name}",
            "html": f"{html_url(call.host, repository)}/tree/{name}",
        },
        "protection": {"enabled": classic is not None}
        if classic is None
        else protection_document(call.host, repository, name, classic) | {"enabled": True},
    }
    return Reply(document)


@routes.get("/repos/{owner}/{repo}/commits")
def list_commits(call: Call) -> Listing:
    repository = call.repository()
    if not repository.heads:
        raise Refusal(409, "Git Repository is empty.")
    name = call.query.get("sha") or repository.record.default_branch
    tip = repository.git.commit_named(name)
    if tip is None:
        raise NotFound
    commits = repository.git.graph.newest_first([tip.oid])
    since, until = call.query.get("since"), call.query.get("until")
    author, path = call.query.get("author"), call.query.get("path")
    commits = [
        commit
        for commit in commits
        if (not since or commit.committer.date >= since)
        and (not until or commit.committer.date <= until)
        and (not author or author in {commit.author.email, commit.author.email.partition("@")[0]})
        and (not path or _touches(repository, commit, path))
    ]
    return Listing(commits, lambda commit: commit_document(call.host, repository, commit))


def _touches(repository: HostedRepository, commit: Commit, path: str) -> bool:
    before = repository.git.graph[commit.parents[0]].tree if commit.parents else EMPTY_TREE
    return any(
        change.path == path or change.path.startswith(path.rstrip("/") + "/")
        for change in repository.diffs.changes(before, commit.tree)
    )


@routes.get("/repos/{owner}/{repo}/commits/{commit_sha}/pulls")
def list_pulls_of_commit(call: Call) -> Listing:
    repository = call.repository()
    commit = call.commit(repository, call.parameters["commit_sha"])
    found = pulls_of_commit(repository, commit.oid)
    return Listing(found, lambda issue: simple_pull(call.host, repository, issue, call.viewer))


@routes.get("/repos/{owner}/{repo}/commits/{ref:path}")
def show_commit(call: Call) -> Reply:
    repository = call.repository()
    commit = call.commit(repository, call.parameters["ref"])
    before = repository.git.graph[commit.parents[0]].tree if commit.parents else EMPTY_TREE
    files = files_between(call, repository, before, commit)
    additions, deletions = (sum(file[key] for file in files) for key in ("additions", "deletions"))
    stats = {"additions": additions, "deletions": deletions, "total": additions + deletions}
    return Reply(commit_document(call.host, repository, commit) | {"stats": stats, "files": files})


def files_between(call: Call, repository: HostedRepository, before: str, commit: Commit) -> list[dict[str, Any]]:
    patches = repository.diffs.patches(before, commit.tree)
    return [
        file_document(call.host, repository, change, head=commit.oid, patch=patches.get(change.path))
        for change in repository.diffs.changes(before, commit.tree)
    ]


@routes.get("/repos/{owner}/{repo}/compare/{basehead:path}")
def compare(call: Call) -> Reply:
    repository = call.repository()
    dots = "..." if "..." in call.parameters["basehead"] else ".."
    names = call.parameters["basehead"].split(dots, 1)
    if len(names) != 2 or not all(names):  # noqa: PLR2004 - a base and a head
        raise NotFound
    base, head = (_side(call, repository, name) for name in names)
    graph = repository.git.graph
    fork_point = graph.merge_base(base.oid, head.oid)
    if fork_point is None:
        raise NotFound(f"No common ancestor between {names[0]} and {names[1]}.")
    ahead, behind = graph.only_in(head.oid, base.oid), graph.only_in(base.oid, head.oid)
    status = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    path = f"compare/{call.parameters['basehead']}"
    url, page = f"{repository_url(call.host, repository)}/{path}", f"{html_url(call.host, repository)}/{path}"
    return Reply(
        {
            "url": url,
            "html_url": page,
            "permalink_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "base_commit": commit_document(call.host, repository, base),
            "merge_base_commit": commit_document(call.host, repository, graph[fork_point]),
            "status": status.get((bool(ahead), bool(behind)), "identical"),
            "ahead_by": len(ahead),
            "behind_by": len(behind),
            "total_commits": len(ahead),
            "commits": [commit_document(call.host, repository, commit) for commit in ahead[:MOST_COMPARED]],
            "files": files_between(call, repository, graph[fork_point].tree, head),
        }
    )


def _side(call: Call, repository: HostedRepository, name: str) -> Commit:
    found = repository.git.commit_named(name)
    if found is None and ":" in name:
        try:
            head = find_head(call.host, repository, name)
        except Invalid as error:
            raise NotFound from error
        if head.repository.id != repository.id:
            repository.git.fetch(head.repository.git.directory, {head.oid: f"refs/codehost/compared/{head.oid}"})
        found = repository.git.graph.get(head.oid)
    if found is None:
        raise NotFound
    return found


@routes.post("/repos/{owner}/{repo}/merges")
def merge(call: Call) -> Reply:
    repository = call.repository("write")
    base, name = call.body.text("base", resource="Merge"), call.body.text("head", resource="Merge")
    head = repository.git.commit_named(name)
    if head is None:
        raise NotFound("Head does not exist")
    message = call.body.optional_text("commit_message") or f"Merge {name} into {base}"
    commit = merge_branches(call.host, repository, call.viewer, base=base, head=head, message=message)
    if commit is None:
        return Reply(status=204)
    return Reply(commit_document(call.host, repository, commit), 201)
