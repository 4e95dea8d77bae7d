"""Merging: of pull requests by GitHub's three methods, of a base into a head, and of any two branches."""

import time
from http import HTTPStatus

from .body import Body
from .errors import Refusal, conflict, not_allowed
from .git.commits import Commit, Signature
from .git.repository import HEADS, StaleReference
from .host import WEB_FLOW_EMAIL, Host
from .hosted import HostedRepository
from .model import Account, Issue, Pull
from .protection import unmet
from .pulldata import pull_commits
from .sync import mark_merged, synchronise

METHODS = ("merge", "squash", "rebase")


def github_signature() -> Signature:
    return Signature("GitHub", WEB_FLOW_EMAIL, int(time.time()))


def merge_pull(host: Host, repository: HostedRepository, issue: Issue, viewer: Account, body: Body) -> str:
    """The commit the base branch is at afterwards."""
    pull = issue.pull
    method = body.one_of("merge_method", METHODS, default="merge")
    if pull is None or issue.state != "open" or pull.draft:
        state = "Pull Request is still a draft" if pull and pull.draft else "Pull Request is not mergeable"
        raise not_allowed(state)
    expected = body.optional_text("sha")
    if expected and expected != pull.head_sha:
        raise conflict("Head branch was modified. Review and try the merge again.")
    if not getattr(repository.record, f"allow_{'merge_commit' if method == 'merge' else method + '_merge'}"):
        raise not_allowed(f"{method.capitalize()} merges are not allowed on this repository.")
    reason = unmet(host, repository, issue, viewer)
    if reason is not None:
        raise not_allowed(reason)
    landed = _land(host, repository, issue, viewer, method=method, body=body)
    try:
        repository.git.update(HEADS + pull.base_ref, landed.oid, pull.base_sha)
    except StaleReference as error:
        raise not_allowed("Base branch was modified. Review and try the merge again.") from error
    pull.merge_commit_sha = landed.oid
    mark_merged(host, repository, issue, landed.oid, by=viewer.login)
    pushers = {HEADS + pull.base_ref: viewer.login}
    if repository.record.delete_branch_on_merge and pull.head_repository == repository.id:
        repository.git.delete(HEADS + pull.head_ref)
        pushers[HEADS + pull.head_ref] = viewer.login
    synchronise(host, repository, pushers)
    return landed.oid


def _land(
    host: Host, repository: HostedRepository, issue: Issue, viewer: Account, *, method: str, body: Body
) -> Commit:
    pull = _pull(issue)
    tree = repository.merger.merge(pull.base_sha, pull.head_sha).tree
    if tree is None:
        raise not_allowed("Pull Request is not mergeable")
    if method == "rebase":
        base = repository.git.graph[pull.base_sha]
        tip = repository.merger.rebase(pull_commits(repository, pull), base, github_signature())
        if tip is None:
            raise not_allowed("This branch can't be rebased")
        return tip
    parents = (pull.base_sha, pull.head_sha) if method == "merge" else (pull.base_sha,)
    author = host.signature(viewer.login if method == "merge" else issue.user, int(time.time()))
    message = _message(repository, issue, method, body)
    return repository.git.write_commit(tree, parents, message, author=author, committer=github_signature())


def _message(repository: HostedRepository, issue: Issue, method: str, body: Body) -> str:
    pull = _pull(issue)
    commits = pull_commits(repository, pull)
    if method == "merge":
        title = f"Merge pull request #{issue.number} from {pull.head_owner}/{pull.head_ref}"
        text = issue.title
    elif len(commits) == 1:
        title, text = f"{commits[0].headline} (#{issue.number})", commits[0].body
    else:
        title = f"{issue.title} (#{issue.number})"
        text = "\n\n".join(f"* {commit.message}" for commit in commits)
    title = body.optional_text("commit_title") or title
    given = body.optional_text("commit_message")
    text = text if given is None else given
    trailers = _co_authors(commits, issue) if method == "squash" else ""
    return "\n\n".join(part for part in (title, text, trailers) if part)


def _co_authors(commits: list[Commit], issue: Issue) -> str:
    others = {
        person.email.lower(): person
        for commit in commits
        for person in commit.co_authors
        if not person.email.lower().startswith(f"{issue.user.lower()}@")
    }
    return "\n".join(f"Co-authored-by: {person.name} <{person.email}>" for person in others.values())


def update_branch(host: Host, repository: HostedRepository, issue: Issue, viewer: Account, body: Body) -> None:
    """Merges the base into the head, in the head's own repository."""
    pull = _pull(issue)
    expected = body.optional_text("expected_head_sha")
    if expected and expected != pull.head_sha:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "expected head sha didn't match current head ref.")
    graph = repository.git.graph
    if issue.state != "open" or graph.reaches(pull.head_sha, pull.base_sha):
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "There are no new commits on the base branch.")
    tree = repository.merger.merge(pull.base_sha, pull.head_sha).tree
    if tree is None:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "merge conflict between base and head")
    commit = repository.git.write_commit(
        tree,
        (pull.head_sha, pull.base_sha),
        f"Merge branch '{pull.base_ref}' into {pull.head_ref}",
        author=host.signature(viewer.login, int(time.time())),
        committer=github_signature(),
    )
    target = host.repositories.get(pull.head_repository or 0)
    if target is None:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "The head repository is gone.")
    if target.id != repository.id:
        target.git.fetch(repository.git.directory, {commit.oid: HEADS + pull.head_ref})
    else:
        target.git.update(HEADS + pull.head_ref, commit.oid, pull.head_sha)
    synchronise(host, target, {HEADS + pull.head_ref: viewer.login})
    synchronise(host, repository)


def merge_branches(
    host: Host, repository: HostedRepository, viewer: Account, *, base: str, head: Commit, message: str
) -> Commit | None:
    """None when there is nothing to merge."""
    oid = repository.head(base)
    if oid is None:
        raise Refusal(HTTPStatus.NOT_FOUND, "Base does not exist")
    if repository.git.graph.reaches(oid, head.oid):
        return None
    tree = repository.merger.merge(oid, head.oid).tree
    if tree is None:
        raise conflict("Merge conflict")
    author = host.signature(viewer.login, int(time.time()))
    commit = repository.git.write_commit(tree, (oid, head.oid), message, author=author, committer=github_signature())
    repository.git.update(HEADS + base, commit.oid, oid)
    synchronise(host, repository, {HEADS + base: viewer.login})
    return commit


def _pull(issue: Issue) -> Pull:
    if issue.pull is None:
        raise not_allowed("Pull Request is not mergeable")
    return issue.pull
