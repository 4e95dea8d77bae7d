"""
Brings the records up to what git holds now.

Every request that looks at a repository passes here first. A branch that moved since the last look was pushed to; each
open pull request then follows its head, is merged when its head has become reachable from its base, and is closed when
a branch of it is gone.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from .clock import now
from .git.process import ZERO
from .git.repository import HEADS
from .host import Happening, Host
from .hosted import HostedRepository
from .model import Issue, Pull, Push

PUSHERS = "pushed-by"


def synchronise(host: Host, repository: HostedRepository, pushers: Mapping[str, str] | None = None) -> None:
    """`pushers` says who moved which full reference; whoever is in neither it nor the push record stays unknown."""
    with repository.lock:
        references = repository.git.references()
        seen = {name: oid for name, oid in references.items() if name.startswith((HEADS, "refs/tags/"))}
        repository.references = references
        moved = seen != repository.record.seen
        if moved:
            repository.git.graph.load(references.values())
            _record_pushes(host, repository, seen, dict(pushers or {}))
        for issue in list(repository.open_pulls.values()):
            if moved or _crosses(repository, issue):
                _settle(host, repository, issue)


def _crosses(repository: HostedRepository, issue: Issue) -> bool:
    return issue.pull is not None and issue.pull.head_repository != repository.id


def _record_pushes(host: Host, repository: HostedRepository, seen: dict[str, str], pushers: dict[str, str]) -> None:
    before = repository.record.seen
    known = {(ref, oid): login for ref, oid, login in _pushed_by(repository.git.directory)}
    pushes = [
        Push(
            id=host.store.new_id(),
            repository=repository.id,
            ref=ref,
            before=before.get(ref, ZERO),
            after=seen.get(ref, ZERO),
            actor=pushers.get(ref) or known.get((ref, seen.get(ref, ZERO))),
            kind=_kind(repository, before.get(ref), seen.get(ref)),
            created_at=now(),
        )
        for ref in sorted(before.keys() | seen.keys())
        if before.get(ref) != seen.get(ref)
    ]
    repository.record.seen = seen
    repository.record.pushed_at = now()
    repository.add(*pushes)
    repository.save(repository.record)
    for push in pushes:
        detail = {"ref": push.ref, "before": push.before, "after": push.after, "forced": push.kind == "force_push"}
        detail |= {"created": push.before == ZERO, "deleted": push.after == ZERO}
        host.announce(Happening(repository, "push", None, push.actor, detail=detail))


PushKind = Literal["push", "force_push", "branch_deletion", "branch_creation"]


def _kind(repository: HostedRepository, before: str | None, after: str | None) -> PushKind:
    if before is None:
        return "branch_creation"
    if after is None:
        return "branch_deletion"
    graph = repository.git.graph
    if graph.get(before) is None or graph.get(after) is None:
        return "force_push"
    return "push" if graph.reaches(after, before) else "force_push"


def _pushed_by(directory: Path) -> list[tuple[str, str, str]]:
    """What the receiving hook noted about authenticated pushes; the note is taken away."""
    note = directory / PUSHERS
    if not note.exists():
        return []
    lines = note.read_text().splitlines()
    note.unlink()
    return [(words[0], words[1], words[2]) for words in (line.split(" ") for line in lines) if len(words) == 3]  # noqa: PLR2004


def _settle(host: Host, repository: HostedRepository, issue: Issue) -> None:
    pull = issue.pull
    if pull is None:
        return
    base = repository.head(pull.base_ref)
    head = head_of(host, repository, pull)
    if base is None:
        _base_gone(host, repository, issue, pull)
        return
    if (head, base) == (pull.head_sha, pull.base_sha):
        return
    if head is not None and head != pull.head_sha:
        bring_head(host, repository, issue, head)
    graph = repository.git.graph
    for landed in dict.fromkeys(oid for oid in (head, pull.head_sha) if oid):
        if graph.reaches(base, landed) and not graph.reaches(pull.base_sha, landed):
            pull.head_sha = landed
            mark_merged(host, repository, issue, base)
            return
    if head is None or (head != pull.head_sha and graph.reaches(base, head)):
        close_pull(host, repository, issue, None)
        return
    pull.base_sha = base
    if head != pull.head_sha:
        _head_moved(host, repository, issue, head)
    repository.save(issue)


def head_of(host: Host, repository: HostedRepository, pull: Pull) -> str | None:
    """Where the head branch is now, in whichever repository it lives."""
    if pull.head_repository == repository.id:
        return repository.head(pull.head_ref)
    source = host.repositories.get(pull.head_repository or 0)
    return source.git.references().get(HEADS + pull.head_ref) if source else None


def bring_head(host: Host, repository: HostedRepository, issue: Issue, head: str) -> None:
    """Keeps `refs/pull/N/head` at the head, its objects included."""
    pull = issue.pull
    if pull is None:
        return
    reference = f"refs/pull/{issue.number}/head"
    source = host.repositories.get(pull.head_repository or 0)
    if source is not None and source.id != repository.id:
        repository.git.fetch(source.git.directory, {head: reference})
    elif repository.references.get(reference) != head:
        repository.git.update(reference, head)
    repository.references[reference] = head
    repository.git.graph.load([head])


def mark_merged(host: Host, repository: HostedRepository, issue: Issue, base: str, by: str | None = None) -> None:
    pull = issue.pull
    if pull is None:
        return
    if pull.merge_commit_sha is None or by is None:
        pull.merge_commit_sha = landing_commit(repository, pull, base)
    pusher = next((push.actor for push in reversed(repository.pushes) if push.ref == HEADS + pull.base_ref), None)
    actor = by or pusher
    pull.merged_at = issue.closed_at = issue.updated_at = now()
    pull.merged_by = issue.closed_by = actor
    issue.state = "closed"
    repository.save(issue)
    repository.log_event(issue, "merged", actor or issue.user, commit_id=pull.merge_commit_sha)
    repository.log_event(issue, "closed", actor or issue.user)
    host.announce(Happening(repository, "pull_request", "closed", actor, issue.number))


def landing_commit(repository: HostedRepository, pull: Pull, base: str) -> str:
    """The oldest commit of the base branch's mainline that contains the head."""
    graph = repository.git.graph
    line = graph.first_parents(base, graph.ancestors(pull.base_sha))
    landing = base
    for oid in line:
        if not graph.reaches(oid, pull.head_sha):
            break
        landing = oid
    return landing


def close_pull(host: Host, repository: HostedRepository, issue: Issue, actor: str | None) -> None:
    issue.state = "closed"
    issue.closed_at = issue.updated_at = now()
    issue.closed_by = actor
    repository.save(issue)
    repository.log_event(issue, "closed", actor or issue.user)
    host.announce(Happening(repository, "pull_request", "closed", actor, issue.number))


def _base_gone(host: Host, repository: HostedRepository, issue: Issue, pull: Pull) -> None:
    """A stacked pull request moves down to where its base was merged to; any other is closed."""
    below = next(
        (
            other.pull
            for other in repository.issues.values()
            if other.pull
            and other.pull.merged_at
            and other.pull.head_ref == pull.base_ref
            and other.pull.head_repository == repository.id
            and repository.head(other.pull.base_ref)
        ),
        None,
    )
    if below is None:
        close_pull(host, repository, issue, None)
        return
    old, pull.base_ref = pull.base_ref, below.base_ref
    repository.touch(issue)
    target = pull.base_ref
    repository.log_event(issue, "automatic_base_change_succeeded", issue.user, previous=old, current=target)
    _settle(host, repository, issue)


def _head_moved(host: Host, repository: HostedRepository, issue: Issue, head: str) -> None:
    pull = issue.pull
    if pull is None:
        return
    before, pull.head_sha = pull.head_sha, head
    issue.updated_at = now()
    pushed = next((push for push in reversed(repository.pushes) if push.after == head), None)
    actor = pushed.actor if pushed else None
    if not repository.git.graph.reaches(head, before):
        repository.log_event(issue, "head_ref_force_pushed", actor or issue.user, before=before, after=head)
    protection = repository.protection(pull.base_ref) or {}
    if (protection.get("required_pull_request_reviews") or {}).get("dismiss_stale_reviews"):
        for review in repository.reviews[issue.number]:
            if review.state == "APPROVED":
                review.state = "DISMISSED"
                repository.save(review)
    detail = {"before": before, "after": head}
    host.announce(Happening(repository, "pull_request", "synchronize", actor, issue.number, detail))
