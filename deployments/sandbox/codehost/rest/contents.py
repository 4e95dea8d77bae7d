"""Files and directories, read and written through the API."""

import base64
import binascii
from typing import Any
from urllib.parse import quote

from deployments.sandbox.codehost.call import Call, Reply
from deployments.sandbox.codehost.errors import Invalid, NotFound, Refusal, conflict
from deployments.sandbox.codehost.git.process import EMPTY_TREE, ZERO
from deployments.sandbox.codehost.git.repository import HEADS, StaleReference
from deployments.sandbox.codehost.git.trees import Change, TreeEntry, change_tree, find_entry, list_tree, valid_path
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.render.commits import git_commit
from deployments.sandbox.codehost.render.repositories import html_url, repository_url
from deployments.sandbox.codehost.router import Routes
from deployments.sandbox.codehost.sync import synchronise

from .gitdata import person

routes = Routes()
KINDS = {"blob": "file", "tree": "dir", "commit": "submodule"}


@routes.get("/repos/{owner}/{repo}/contents")
@routes.get("/repos/{owner}/{repo}/contents/{path:path}")
def show(call: Call) -> Reply:
    repository = call.repository()
    name = call.query.get("ref") or repository.record.default_branch
    commit = repository.git.commit_named(name)
    path = call.parameters.get("path", "").strip("/")
    if commit is None:
        raise NotFound(f"No commit found for the ref {name}" if repository.heads else "This repository is empty.")
    entry = find_entry(repository.git, commit.tree, path) if path else None
    if path and entry is None:
        raise NotFound
    if entry is None or entry.kind == "tree":
        entries = list_tree(repository.git, commit.tree, path=path)
        prefix = f"{path}/" if path else ""
        return Reply([_entry(call, repository, one, path=prefix + one.path, name=name) for one in entries])
    document = _entry(call, repository, entry, path=path, name=name)
    if entry.kind == "blob":
        found = repository.git.object(entry.oid)
        document["content"] = base64.encodebytes(found[1] if found else b"").decode()
        document["encoding"] = "base64"
    return Reply(document)


def _entry(call: Call, repository: HostedRepository, entry: TreeEntry, *, path: str, name: str) -> dict[str, Any]:
    url, page = repository_url(call.host, repository), html_url(call.host, repository)
    quoted = quote(path)
    here = f"{url}/contents/{quoted}?ref={quote(name)}"
    kind = "symlink" if entry.mode == "120000" else KINDS[entry.kind]
    git = f"{url}/git/{'trees' if kind == 'dir' else 'blobs'}/{entry.oid}"
    shown = f"{page}/{'tree' if kind == 'dir' else 'blob'}/{quote(name)}/{quoted}"
    return {
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": entry.oid,
        "size": entry.size or 0,
        "type": kind,
        "url": here,
        "html_url": shown,
        "git_url": git,
        "download_url": f"{page}/raw/{quote(name)}/{quoted}" if kind == "file" else None,
        "_links": {"self": here, "git": git, "html": shown},
    }


@routes.put("/repos/{owner}/{repo}/contents/{path:path}")
def write(call: Call) -> Reply:
    repository, path = call.repository("write"), call.parameters["path"]
    message = call.body.text("message", resource="Commit")
    content = call.body.optional_text("content")
    if content is None or not valid_path(path):
        raise Invalid(message='Invalid request.\n\n"content" wasn\'t supplied, or the path is malformed.')
    try:
        raw = base64.b64decode(content)
    except binascii.Error as error:
        raise Invalid(message="content is not valid Base64") from error
    blob = repository.git.write_blob(raw)
    existed = _commit_change(call, repository, Change(path, oid=blob), message)
    return Reply(_written(call, repository, path), 200 if existed else 201)


@routes.delete("/repos/{owner}/{repo}/contents/{path:path}")
def delete(call: Call) -> Reply:
    repository, path = call.repository("write"), call.parameters["path"]
    message = call.body.text("message", resource="Commit")
    if not _commit_change(call, repository, Change(path), message):
        raise NotFound
    return Reply(_written(call, repository, path) | {"content": None})


def _branch(call: Call, repository: HostedRepository) -> str:
    return (call.body.optional_text("branch") or repository.record.default_branch).removeprefix(HEADS)


def _commit_change(call: Call, repository: HostedRepository, change: Change, message: str) -> bool:
    """Whether the path was there before."""
    branch = _branch(call, repository)
    old = repository.head(branch)
    if old is None and repository.heads:
        raise NotFound(f"Branch {branch} not found")
    base = repository.git.graph[old].tree if old else EMPTY_TREE
    known = find_entry(repository.git, base, change.path)
    _refuse_other_file(call, change.path, known)
    if change.oid is None and known is None:
        return False
    author = person(call, "author")
    committer = person(call, "committer")
    tree = change_tree(repository.git, base, [change])
    commit = repository.git.write_commit(tree, (old,) if old else (), message, author=author, committer=committer)
    try:
        repository.git.update(HEADS + branch, commit.oid, old or ZERO)
    except StaleReference as error:
        raise conflict(f"{branch} was updated meanwhile") from error
    synchronise(call.host, repository, {HEADS + branch: call.viewer.login})
    return known is not None


def _refuse_other_file(call: Call, path: str, known: TreeEntry | None) -> None:
    expected = call.body.optional_text("sha")
    if known is not None and expected is None:
        raise Refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if known is not None and known.oid != expected:
        raise conflict(f"{path} does not match {expected}")
    if known is None and expected is not None:
        raise conflict(f"{path} does not match {expected}")


def _written(call: Call, repository: HostedRepository, path: str) -> dict[str, Any]:
    branch = _branch(call, repository)
    commit = repository.git.graph[repository.heads[branch]]
    entry = find_entry(repository.git, commit.tree, path)
    content = _entry(call, repository, entry, path=path, name=branch) if entry else None
    return {"content": content, "commit": git_commit(call.host, repository, commit)}
