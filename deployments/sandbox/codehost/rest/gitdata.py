"""References, and git's own objects."""

import base64
from typing import Any
from urllib.parse import quote

from deployments.sandbox.codehost.body import Body
from deployments.sandbox.codehost.call import Call, Listing, Reply
from deployments.sandbox.codehost.clock import epoch, now
from deployments.sandbox.codehost.errors import Invalid, NotFound, Refusal
from deployments.sandbox.codehost.git.commits import Signature
from deployments.sandbox.codehost.git.process import EMPTY_TREE, ZERO, GitError
from deployments.sandbox.codehost.git.repository import HEADS, OBJECT_ID, StaleReference
from deployments.sandbox.codehost.git.trees import Change, change_tree, list_tree, valid_path
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.protection import demands_on
from deployments.sandbox.codehost.render.commits import git_commit, reference
from deployments.sandbox.codehost.render.repositories import repository_url
from deployments.sandbox.codehost.router import Routes
from deployments.sandbox.codehost.sync import synchronise

routes = Routes()


@routes.get("/repos/{owner}/{repo}/git/ref/{ref:path}")
def show_reference(call: Call) -> Reply:
    repository = call.repository()
    name = f"refs/{call.parameters['ref']}"
    oid = repository.references.get(name)
    if oid is None:
        _refuse_empty(repository)
        raise NotFound
    return Reply(reference(call.host, repository, name, oid))


@routes.get("/repos/{owner}/{repo}/git/matching-refs/{ref:path}")
def list_matching_references(call: Call) -> Listing:
    return _matching(call, f"refs/{call.parameters['ref']}")


@routes.get("/repos/{owner}/{repo}/git/matching-refs")
@routes.get("/repos/{owner}/{repo}/git/refs")
def list_references(call: Call) -> Listing:
    return _matching(call, "refs/")


def _matching(call: Call, prefix: str) -> Listing:
    repository = call.repository()
    found = sorted((name, oid) for name, oid in repository.references.items() if name.startswith(prefix))
    return Listing(found, lambda item: reference(call.host, repository, *item))


@routes.post("/repos/{owner}/{repo}/git/refs")
def create_reference(call: Call) -> Reply:
    repository = call.repository("write")
    name = call.body.text("ref", resource="Reference")
    oid = call.body.text("sha", resource="Reference")
    if not name.startswith("refs/") or name.count("/") < 2 or not repository.git.valid_reference(name):  # noqa: PLR2004
        raise Invalid(message="Reference name must start with 'refs/' and have at least two slashes.")
    _require_object(repository, oid)
    try:
        repository.git.update(name, oid, ZERO)
    except StaleReference as error:
        raise Invalid(message="Reference already exists") from error
    except GitError as error:
        raise Invalid(message="Reference cannot be created beside one it contains or that contains it") from error
    synchronise(call.host, repository, {name: call.viewer.login})
    return Reply(reference(call.host, repository, name, oid), 201)


@routes.patch("/repos/{owner}/{repo}/git/refs/{ref:path}")
def update_reference(call: Call) -> Reply:
    repository = call.repository("write")
    name = f"refs/{call.parameters['ref']}"
    oid, force = call.body.text("sha", resource="Reference"), call.body.boolean("force")
    old = repository.references.get(name)
    if old is None:
        raise Invalid(message="Reference does not exist")
    _require_object(repository, oid)
    graph = repository.git.graph
    forward = graph.get(oid) is not None and graph.get(old) is not None and graph.reaches(oid, old)
    if not forward and not force:
        raise Invalid(message="Update is not a fast forward")
    _refuse_protected(call, repository, name, forward=forward)
    try:
        repository.git.update(name, oid, old)
    except StaleReference as error:
        raise Refusal(409, "Reference was updated meanwhile") from error
    synchronise(call.host, repository, {name: call.viewer.login})
    return Reply(reference(call.host, repository, name, oid))


@routes.delete("/repos/{owner}/{repo}/git/refs/{ref:path}")
def delete_reference(call: Call) -> Reply:
    repository = call.repository("write")
    name = f"refs/{call.parameters['ref']}"
    if name not in repository.references:
        raise Invalid(message="Reference does not exist")
    if name == HEADS + repository.record.default_branch:
        raise Invalid(message="Cannot delete the default branch")
    if demands_on(call.host, repository, name.removeprefix(HEADS), call.viewer).forbid_deletion:
        raise Invalid(message="Cannot delete this branch")
    repository.git.delete(name)
    synchronise(call.host, repository, {name: call.viewer.login})
    return Reply(status=204)


def _refuse_protected(call: Call, repository: HostedRepository, name: str, *, forward: bool) -> None:
    if not name.startswith(HEADS):
        return
    demands = demands_on(call.host, repository, name.removeprefix(HEADS), call.viewer)
    if demands.forbid_force and not forward:
        raise Invalid(message="Cannot force-push to this branch")
    if demands.pushers is not None and call.viewer.login.lower() not in demands.pushers:
        raise Invalid(message="You're not authorized to push to this branch")
    if demands.pull_request:
        raise Invalid(message="Changes must be made through a pull request.")


def _require_object(repository: HostedRepository, oid: str) -> None:
    if not OBJECT_ID.match(oid):
        raise Invalid(message="The sha parameter must be exactly 40 characters and contain only [0-9a-f].")
    if repository.git.kind(oid) is None:
        raise Invalid(message="Object does not exist")


def _refuse_empty(repository: HostedRepository) -> None:
    if not repository.references:
        raise Refusal(409, "Git Repository is empty.")


@routes.get("/repos/{owner}/{repo}/git/commits/{commit_sha}")
def show_commit(call: Call) -> Reply:
    repository = call.repository()
    commit = repository.git.graph.get(call.parameters["commit_sha"])
    if commit is None:
        _refuse_empty(repository)
        raise NotFound
    return Reply(git_commit(call.host, repository, commit))


@routes.post("/repos/{owner}/{repo}/git/commits")
def create_commit(call: Call) -> Reply:
    repository = call.repository("write")
    message = call.body.text("message", resource="Commit")
    tree, parents = call.body.text("tree", resource="Commit"), call.body.texts("parents")
    if repository.git.kind(tree) != "tree":
        raise Invalid(message="Tree SHA does not exist")
    if any(repository.git.graph.get(parent) is None for parent in parents):
        raise Invalid(message="Parent SHA does not exist or is not a commit object")
    author = person(call, "author")
    committer = person(call, "committer") if call.body.raw("committer") else author
    commit = repository.git.write_commit(tree, tuple(parents), message, author=author, committer=committer)
    return Reply(git_commit(call.host, repository, commit), 201)


def person(call: Call, field: str) -> Signature:
    """As told, or else the viewer, now."""
    told = Body(call.body.mapping(field))
    viewer = call.host.signature(call.viewer.login, epoch(now()))
    date = told.moment("date")
    name, email = ((told.optional_text(key) or "").translate(UNSAFE).strip() for key in ("name", "email"))
    return Signature(name or viewer.name, email or viewer.email, epoch(date) if date else viewer.seconds)


UNSAFE = str.maketrans("", "", "<>\n\r\0")


@routes.get("/repos/{owner}/{repo}/git/trees/{tree_sha:path}")
def show_tree(call: Call) -> Reply:
    repository = call.repository()
    tree = _tree(repository, call.parameters["tree_sha"])
    return Reply(_tree_document(call, repository, tree, recursive=bool(call.query.get("recursive"))))


def _tree(repository: HostedRepository, name: str) -> str:
    commit = repository.git.commit_named(name)
    if commit is not None:
        return commit.tree
    if OBJECT_ID.match(name) and repository.git.kind(name) == "tree":
        return name
    _refuse_empty(repository)
    raise NotFound


def _tree_document(call: Call, repository: HostedRepository, tree: str, *, recursive: bool) -> dict[str, Any]:
    url = repository_url(call.host, repository)
    entries = []
    for entry in list_tree(repository.git, tree, recursive=recursive):
        document = {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.oid}
        if entry.size is not None:
            document["size"] = entry.size  # type: ignore[assignment]
        if entry.kind != "commit":
            document["url"] = f"{url}/git/{entry.kind}s/{entry.oid}"
        entries.append(document)
    return {"sha": tree, "url": f"{url}/git/trees/{tree}", "tree": entries, "truncated": False}


@routes.post("/repos/{owner}/{repo}/git/trees")
def create_tree(call: Call) -> Reply:
    repository = call.repository("write")
    items = call.body.raw("tree")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Invalid.field("Tree", "tree", "missing_field")
    base = call.body.optional_text("base_tree")
    changes = [_change(repository, Body(item)) for item in items]
    try:
        tree = change_tree(repository.git, _tree(repository, base) if base else EMPTY_TREE, changes)
    except (GitError, ValueError) as error:
        raise Invalid(
            message="The tree could not be written: an entry names no object or an impossible path"
        ) from error
    return Reply(_tree_document(call, repository, tree, recursive=False), 201)


def _change(repository: HostedRepository, item: Body) -> Change:
    path, mode = item.text("path", resource="Tree"), item.optional_text("mode") or "100644"
    if not valid_path(path):
        raise Invalid(message="tree.path contains a malformed path component")
    content, oid = item.optional_text("content"), item.optional_text("sha")
    if content is not None:
        return Change(path, mode, repository.git.write_blob(content.encode()))
    if oid is None and "sha" not in item:
        raise Invalid(message="Must supply either tree.sha or tree.content")
    if oid is not None and repository.git.kind(oid) is None and mode != "160000":
        raise Invalid(message=f"tree.sha {oid} is not a valid object")
    return Change(path, mode, oid)


@routes.post("/repos/{owner}/{repo}/git/blobs")
def create_blob(call: Call) -> Reply:
    repository = call.repository("write")
    content = call.body.optional_text("content") or ""
    try:
        raw = base64.b64decode(content) if call.body.raw("encoding") == "base64" else content.encode()
    except ValueError as error:
        raise Invalid(message="content is not valid Base64") from error
    oid = repository.git.write_blob(raw)
    return Reply({"sha": oid, "url": f"{repository_url(call.host, repository)}/git/blobs/{quote(oid)}"}, 201)


@routes.get("/repos/{owner}/{repo}/git/blobs/{file_sha}")
def show_blob(call: Call) -> Reply:
    repository = call.repository()
    oid = call.parameters["file_sha"]
    found = repository.git.object(oid) if OBJECT_ID.match(oid) else None
    if found is None or found[0] != "blob":
        raise NotFound
    return Reply(
        {
            "sha": oid,
            "node_id": f"B_{oid}",
            "size": len(found[1]),
            "url": f"{repository_url(call.host, repository)}/git/blobs/{oid}",
            "content": base64.encodebytes(found[1]).decode(),
            "encoding": "base64",
        }
    )
