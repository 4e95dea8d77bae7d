"""Pull requests are opened, edited, closed and opened again."""

from dataclasses import dataclass

from .body import Body
from .clock import now
from .errors import Invalid, forbidden
from .git.repository import HEADS
from .host import Happening, Host
from .hosted import HostedRepository
from .model import Account, Issue, Pull
from .sync import bring_head, close_pull, head_of, synchronise

RESOURCE = "PullRequest"


@dataclass(frozen=True, slots=True)
class Head:
    repository: HostedRepository
    owner: str
    branch: str
    oid: str


def open_pull(host: Host, repository: HostedRepository, viewer: Account, body: Body) -> Issue:
    base = body.text("base", resource=RESOURCE)
    head = find_head(host, repository, body.text("head", resource=RESOURCE), body.optional_text("head_repo"))
    title = body.text("title", resource=RESOURCE)
    base_oid = repository.head(base)
    if base_oid is None:
        raise Invalid.field(RESOURCE, "base", "invalid")
    if not host.may(viewer, repository, "write") and head.repository.id == repository.id:
        raise forbidden("Resource not accessible by integration")
    _refuse_duplicate(repository, head, base)
    pull = Pull(
        base_ref=base,
        base_sha=base_oid,
        head_repository=head.repository.id,
        head_owner=head.owner,
        head_ref=head.branch,
        head_sha=head.oid,
        draft=body.boolean("draft"),
        maintainer_can_modify=body.boolean("maintainer_can_modify", default=head.repository.id != repository.id),
    )
    issue = Issue(
        id=host.store.new_id(),
        repository=repository.id,
        number=repository.record.next_number,
        title=title,
        body=body.optional_text("body"),
        user=viewer.login,
        created_at=now(),
        updated_at=now(),
        pull=pull,
    )
    bring_head(host, repository, issue, head.oid)
    refuse_nothing_between(repository, pull)
    repository.take_number()
    repository.add(issue)
    host.announce(Happening(repository, "pull_request", "opened", viewer.login, issue.number))
    return issue


def find_head(host: Host, repository: HostedRepository, name: str, head_repository: str | None = None) -> Head:
    """`branch`, `owner:branch`, or a branch of the repository named beside it."""
    owner, colon, branch = name.partition(":")
    if not colon:
        owner, branch = repository.record.owner, name
    source = _head_repository(host, repository, owner, head_repository)
    if source is None:
        raise Invalid.field(RESOURCE, "head", "invalid")
    if source.id != repository.id:
        synchronise(host, source)
    oid = source.head(branch)
    if oid is None:
        raise Invalid.field(RESOURCE, "head", "invalid")
    return Head(source, source.record.owner, branch, oid)


def _head_repository(host: Host, repository: HostedRepository, owner: str, name: str | None) -> HostedRepository | None:
    if name:
        return host.repository(*name.split("/", 1)) if "/" in name else host.repository(owner, name)
    if owner.lower() == repository.record.owner.lower():
        return repository
    network = repository.record.fork_of or repository.id
    return next((one for one in host.repositories_of(owner) if network in {one.record.fork_of, one.id}), None)


def _refuse_duplicate(repository: HostedRepository, head: Head, base: str) -> None:
    for other in repository.open_pulls.values():
        pull = other.pull
        if pull and (pull.head_repository, pull.head_ref, pull.base_ref) == (head.repository.id, head.branch, base):
            raise Invalid.custom(RESOURCE, f"A pull request already exists for {head.owner}:{head.branch}.")


def refuse_nothing_between(repository: HostedRepository, pull: Pull) -> None:
    graph = repository.git.graph
    if graph.reaches(pull.base_sha, pull.head_sha):
        raise Invalid.custom(RESOURCE, f"No commits between {pull.base_ref} and {pull.head_ref}")
    if graph.merge_base(pull.base_sha, pull.head_sha) is None:
        message = f"The {pull.head_ref} branch has no history in common with {pull.base_ref}"
        raise Invalid.custom(RESOURCE, message)


def edit_pull(host: Host, repository: HostedRepository, issue: Issue, viewer: Account, body: Body) -> None:
    state = body.one_of("state", ("open", "closed"), default=issue.state)
    title = body.text("title", resource=RESOURCE) if "title" in body else issue.title
    text = body.optional_text("body", issue.body)
    if "base" in body:
        _retarget(host, repository, issue, viewer, body.text("base", resource=RESOURCE))
    rename(repository, issue, viewer, title)
    issue.body = text
    if issue.pull is not None and "maintainer_can_modify" in body:
        issue.pull.maintainer_can_modify = body.boolean("maintainer_can_modify")
    repository.touch(issue)
    if state != issue.state and state == "closed":
        close_pull(host, repository, issue, viewer.login)
    elif state != issue.state:
        _reopen(host, repository, issue, viewer)
    else:
        host.announce(Happening(repository, "pull_request", "edited", viewer.login, issue.number))


def rename(repository: HostedRepository, issue: Issue, viewer: Account, title: str) -> None:
    if title != issue.title:
        old, issue.title = issue.title, title
        repository.log_event(issue, "renamed", viewer.login, **{"from": old, "to": title})


def _retarget(host: Host, repository: HostedRepository, issue: Issue, viewer: Account, base: str) -> None:
    pull = issue.pull
    oid = repository.head(base)
    if pull is None or base == pull.base_ref:
        return
    if issue.state != "open":
        raise Invalid.custom(RESOURCE, "Cannot change the base branch of a closed pull request.", "base")
    if oid is None:
        raise Invalid.custom(RESOURCE, f"Proposed base branch '{base}' was not found", "base")
    source = host.repositories.get(pull.head_repository or 0)
    if source is not None:
        _refuse_duplicate(repository, Head(source, pull.head_owner, pull.head_ref, pull.head_sha), base)
    proposed = pull.model_copy(update={"base_ref": base, "base_sha": oid})
    repository.git.graph.load([oid, pull.head_sha])
    refuse_nothing_between(repository, proposed)
    old = pull.base_ref
    issue.pull = proposed
    repository.log_event(issue, "base_ref_changed", viewer.login, previous=old, current=base)


def _reopen(host: Host, repository: HostedRepository, issue: Issue, viewer: Account) -> None:
    pull = issue.pull
    if pull is None or pull.merged_at is not None:
        raise Invalid.custom(RESOURCE, "A merged pull request cannot be reopened.", "state")
    head, base = head_of(host, repository, pull), repository.head(pull.base_ref)
    if head is None or base is None:
        gone = pull.head_ref if head is None else pull.base_ref
        raise Invalid.custom(RESOURCE, f"state cannot be changed. The {gone} branch was force-pushed or deleted.")
    bring_head(host, repository, issue, head)
    proposed = pull.model_copy(update={"head_sha": head, "base_sha": base})
    refuse_nothing_between(repository, proposed)
    source = host.repositories.get(pull.head_repository or 0) or repository
    _refuse_duplicate(repository, Head(source, pull.head_owner, pull.head_ref, head), pull.base_ref)
    issue.pull = proposed
    issue.state, issue.closed_at, issue.closed_by = "open", None, None
    repository.touch(issue)
    repository.log_event(issue, "reopened", viewer.login)
    host.announce(Happening(repository, "pull_request", "reopened", viewer.login, issue.number))


def find_pulls(repository: HostedRepository, query: dict[str, str]) -> list[Issue]:
    """GitHub's filters: state, head (`owner:branch`), base; sorted by created, updated, popularity or long-running."""
    state, head, base = query.get("state", "open"), query.get("head"), query.get("base")
    pool = repository.open_pulls if state == "open" else repository.issues
    found = [
        issue
        for issue in list(pool.values())
        if issue.pull is not None
        and state in {"all", issue.state}
        and (not base or issue.pull.base_ref == base.removeprefix(HEADS))
        and (not head or ":" not in head or f"{issue.pull.head_owner}:{issue.pull.head_ref}" == head)
    ]
    sort = query.get("sort", "created")
    descending = query.get("direction", "desc" if sort == "created" else "asc") == "desc"
    keys = {
        "updated": lambda issue: (issue.updated_at, issue.number),
        "popularity": lambda issue: (len(repository.comments[issue.number]), issue.number),
    }
    return sorted(found, key=keys.get(sort, lambda issue: (issue.created_at, issue.number)), reverse=descending)


def pulls_of_commit(repository: HostedRepository, oid: str) -> list[Issue]:
    """Of a commit on the default branch the merged ones that brought it; of any other the open ones too."""
    graph = repository.git.graph
    tip = repository.head(repository.record.default_branch)
    landed = tip is not None and graph.reaches(tip, oid)
    return [
        issue
        for issue in list(repository.issues.values())
        if (pull := issue.pull) is not None
        and (pull.merged_at or (issue.state == "open" and not landed))
        and (
            pull.merge_commit_sha == oid
            or (graph.reaches(pull.head_sha, oid) and not graph.reaches(pull.base_sha, oid))
        )
    ]
