"""Repositories: created, listed, shown, changed, forked; who may do what in them; what happened to their branches."""

import time
from typing import Any

from deployments.sandbox.codehost.body import Body
from deployments.sandbox.codehost.call import Call, Listing, Reply
from deployments.sandbox.codehost.clock import now
from deployments.sandbox.codehost.errors import Invalid, NotFound, forbidden
from deployments.sandbox.codehost.git.process import EMPTY_TREE
from deployments.sandbox.codehost.git.repository import HEADS
from deployments.sandbox.codehost.git.trees import Change, change_tree
from deployments.sandbox.codehost.host import NAME, Host
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.landing import github_signature
from deployments.sandbox.codehost.model import Account, RepositoryRecord
from deployments.sandbox.codehost.render.accounts import account_document, simple_user
from deployments.sandbox.codehost.render.nodes import node_id
from deployments.sandbox.codehost.render.repositories import (
    full_repository,
    minimal_repository,
    permissions,
    repository_document,
)
from deployments.sandbox.codehost.router import Routes
from deployments.sandbox.codehost.sync import synchronise

from .accounts import find_account, find_organization

routes = Routes()
SWITCHES = (
    "private",
    "archived",
    "allow_merge_commit",
    "allow_squash_merge",
    "allow_rebase_merge",
    "allow_auto_merge",
    "delete_branch_on_merge",
    "has_issues",
)


@routes.post("/orgs/{org}/repos")
def create_in_organization(call: Call) -> Reply:
    return _create(call, find_organization(call))


@routes.post("/user/repos")
def create_for_viewer(call: Call) -> Reply:
    return _create(call, call.viewer)


def _create(call: Call, owner: Account) -> Reply:
    name = call.body.text("name", resource="Repository")
    record = new_record(call.host, owner.login, name, call.body)
    with call.host.lock:
        if call.host.repository(owner.login, name) is not None:
            raise Invalid.custom("Repository", "name already exists on this account", "name")
        repository = call.host.create_repository(record)
    if call.body.boolean("auto_init"):
        _write_first_commit(call, repository)
    return Reply(full_repository(call.host, repository, call.viewer), 201)


def new_record(host: Host, owner: str, name: str, body: Body) -> RepositoryRecord:
    if not NAME.match(name) or name in {".", ".."} or name.endswith(".git"):
        raise Invalid.custom("Repository", "name is invalid", "name")
    switches = {switch: body.boolean(switch) for switch in SWITCHES if body.raw(switch) is not None}
    if body.raw("visibility") in {"private", "internal"}:
        switches["private"] = True
    moment = now()
    return RepositoryRecord(
        id=host.store.new_id(),
        owner=owner,
        name=name,
        description=body.optional_text("description"),
        homepage=body.optional_text("homepage"),
        created_at=moment,
        updated_at=moment,
        pushed_at=moment,
        **switches,  # type: ignore[arg-type]
    )


def _write_first_commit(call: Call, repository: HostedRepository) -> None:
    record = repository.record
    text = f"# {record.name}\n" + (f"{record.description}\n" if record.description else "")
    blob = repository.git.write_blob(text.encode())
    tree = change_tree(repository.git, EMPTY_TREE, [Change("README.md", oid=blob)])
    author = call.host.signature(call.viewer.login, int(time.time()))
    commit = repository.git.write_commit(tree, (), "Initial commit", author=author, committer=github_signature())
    reference = HEADS + record.default_branch
    repository.git.update(reference, commit.oid)
    synchronise(call.host, repository, {reference: call.viewer.login})


@routes.get("/orgs/{org}/repos")
def list_for_organization(call: Call) -> Listing:
    return _listing(call, call.host.repositories_of(find_organization(call).login))


@routes.get("/users/{username}/repos")
def list_for_user(call: Call) -> Listing:
    return _listing(call, call.host.repositories_of(find_account(call, "username").login))


@routes.get("/user/repos")
def list_for_viewer(call: Call) -> Listing:
    return _listing(call, list(call.host.repositories.values()))


def _listing(call: Call, repositories: list[HostedRepository]) -> Listing:
    visible = [one for one in repositories if call.host.may(call.viewer, one, "read")]
    visible.sort(key=lambda one: one.full_name.lower())
    return Listing(visible, lambda one: repository_document(call.host, one, call.viewer))


@routes.get("/repos/{owner}/{repo}")
def show(call: Call) -> Reply:
    return Reply(full_repository(call.host, call.repository(), call.viewer))


@routes.patch("/repos/{owner}/{repo}")
def update(call: Call) -> Reply:
    found = call.find_repository()
    repository = found if found.record.archived else call.repository("write")
    record = repository.record
    if record.archived and call.body.raw("archived") is not False:
        raise forbidden("Repository was archived so is read-only.")
    changes: dict[str, Any] = {
        switch: call.body.boolean(switch) for switch in SWITCHES if call.body.raw(switch) is not None
    }
    for name in ("description", "homepage"):
        if name in call.body:
            changes[name] = call.body.optional_text(name)
    for name, value in changes.items():
        setattr(record, name, value)
    _change_default_branch(call, repository)
    record.updated_at = now()
    repository.save(record)
    wanted = call.body.optional_text("name")
    if wanted and wanted != record.name:
        _rename(call, repository, wanted)
    return Reply(full_repository(call.host, repository, call.viewer))


def _rename(call: Call, repository: HostedRepository, name: str) -> None:
    taken = call.host.repository(repository.record.owner, name)
    if not NAME.match(name) or (taken is not None and taken is not repository):
        raise Invalid.custom("Repository", "name already exists on this account", "name")
    call.host.rename_repository(repository, name)


def _change_default_branch(call: Call, repository: HostedRepository) -> None:
    branch = call.body.optional_text("default_branch")
    if not branch or branch == repository.record.default_branch:
        return
    if repository.head(branch) is None:
        raise Invalid(
            message=f"The branch {branch} was not found. Please push that ref first or create it via the API."
        )
    repository.git.set_head(branch)
    repository.record.default_branch = branch


@routes.delete("/repos/{owner}/{repo}")
def delete(call: Call) -> Reply:
    call.host.delete_repository(call.repository("write"))
    return Reply(status=204)


@routes.post("/repos/{owner}/{repo}/forks")
def fork(call: Call) -> Reply:
    source = call.repository()
    name = call.body.optional_text("name") or source.record.name
    owner = call.host.account(call.body.optional_text("organization") or call.viewer.login)
    if owner is None or source.record.owner == owner.login:
        raise Invalid.custom("Repository", "name already exists on this account", "name")
    known = call.host.repository(owner.login, name)
    if known is None:
        record = new_record(call.host, owner.login, name, Body({}))
        record.fork_of = source.id
        record.default_branch = source.record.default_branch
        known = call.host.create_repository(record)
        known.git.fetch(source.git.directory, {"refs/heads/*": "refs/heads/*"})
        synchronise(call.host, known)
    return Reply(full_repository(call.host, known, call.viewer), 202)


@routes.get("/repos/{owner}/{repo}/forks")
def list_forks(call: Call) -> Listing:
    source = call.repository()
    forks = [one for one in list(call.host.repositories.values()) if one.record.fork_of == source.id]
    return Listing(forks, lambda one: minimal_repository(call.host, one))


@routes.get("/repos/{owner}/{repo}/collaborators/{username}/permission")
def show_permission(call: Call) -> Reply:
    repository, account = call.repository(), find_account(call, "username")
    permission = call.host.permission(account, repository)
    coarse = {"maintain": "write", "triage": "read"}.get(permission, permission)
    user = account_document(call.host, account) | {
        "permissions": permissions(call.host, repository, account),
        "role_name": permission,
    }
    return Reply({"permission": coarse, "role_name": permission, "user": user})


@routes.get("/repos/{owner}/{repo}/collaborators")
def list_collaborators(call: Call) -> Listing:
    repository = call.repository()
    people = [
        account
        for account in call.host.accounts
        if account.type == "User" and call.host.permission(account, repository) != "none"
    ]
    return Listing(
        people,
        lambda account: (
            account_document(call.host, account)
            | {
                "permissions": permissions(call.host, repository, account),
                "role_name": call.host.permission(account, repository),
            }
        ),
    )


@routes.get("/repos/{owner}/{repo}/collaborators/{username}")
def check_collaborator(call: Call) -> Reply:
    repository, account = call.repository(), find_account(call, "username")
    if call.host.permission(account, repository) == "none":
        raise NotFound
    return Reply(status=204)


@routes.get("/repos/{owner}/{repo}/activity")
def list_activity(call: Call) -> Listing:
    repository = call.repository()
    reference = call.query.get("ref")
    names = {reference, f"{HEADS}{reference}"} if reference else None
    wanted = [
        push
        for push in repository.pushes
        if (names is None or push.ref in names)
        and call.query.get("actor") in {None, push.actor}
        and call.query.get("activity_type") in {None, push.kind}
    ]
    if call.query.get("direction", "desc") == "desc":
        wanted.reverse()
    return Listing(
        wanted,
        lambda push: {
            "id": push.id,
            "node_id": node_id("PSH", push.id),
            "before": push.before,
            "after": push.after,
            "ref": push.ref,
            "timestamp": push.created_at,
            "activity_type": push.kind,
            "actor": simple_user(call.host, push.actor),
        },
    )
