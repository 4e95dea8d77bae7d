"""
Observing: the same steps in a world that they read and cannot change.

What a step would record is kept in memory, and is there when it reads again, so that one step's records reach the
next as they would for real. What has no harmless stand-in (merging, closing, pushing) is a defect of the step that
asks for it, and raises what no step expects.
"""

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from config.schema import MergeMethod
from tasks.adapters.audit_event import DAMAGED, Position, sequenced
from tasks.adapters.clock import timestamp
from tasks.adapters.evidence_key import checked_key, checked_prefix
from tasks.code_store import CodeStore, Mirror
from tasks.domain.audit import Event, EventType
from tasks.domain.content import Brought
from tasks.domain.errors import AuditLogError, EvidenceConflict, EvidenceError
from tasks.domain.examined import Disturbed, StoreKept
from tasks.domain.land import MergeReply, PushReply
from tasks.domain.merging import Change, Fetched, MergeResult
from tasks.domain.model import (
    CommitSha,
    Contribution,
    Login,
    PullRequest,
    Reference,
    RelatedState,
    RepositoryName,
    Snapshot,
    TreeSha,
)
from tasks.domain.protection import CommitSignature, Protection
from tasks.domain.provenance import Move, Origin
from tasks.ports import AuditLog, Clock, CodeHost, EvidenceStore


class ChangedWhileObserving(RuntimeError):
    """A step asked for a change in a run that changes nothing: a defect, not a failure of the world."""


class DryRunLog:
    """The log as it was when first asked, followed by what was recorded since, here."""

    def __init__(self, log: AuditLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._kept = log.size()
        self._recorded: list[tuple[Event, bytes]] = []
        self._known: set[str] | None = None
        self._turn = threading.Lock()

    def append(self, events: Sequence[Event]) -> tuple[Event, ...]:
        with self._turn:
            if self._known is None:
                self._known = {event.id for event in self._log.events() if event.seq <= self._kept}
            new = sequenced(events, known=self._known, last=self._last(), now=timestamp(self._clock.now()))
            self._recorded += new
            self._known |= {event.id for event, _ in new}
        return tuple(event for event, _ in new)

    def events(
        self,
        *,
        repository_id: str | None = None,
        types: Collection[EventType] | None = None,
        mentioning: str | None = None,
        after: int = 0,
        newest_first: bool = False,
    ) -> Iterator[Event]:
        kept = self._log.events(
            repository_id=repository_id, types=types, mentioning=mentioning, after=after, newest_first=newest_first
        )
        recorded = [
            event
            for event, content in self._recorded
            if event.seq > after
            and (repository_id is None or (event.repository is not None and event.repository.id == repository_id))
            and (types is None or event.type in types)
            and (mentioning is None or mentioning.lower() in content.decode().lower())
        ]
        if newest_first:
            yield from reversed(recorded)
        yield from (event for event in kept if event.seq <= self._kept)
        if not newest_first:
            yield from recorded

    def size(self) -> int:
        return self._kept + len(self._recorded)

    def lines(self, first: int, last: int) -> bytes:
        if first <= last > self.size():
            raise AuditLogError(f"the audit log lacks event {self.size() + 1}", remedy=DAMAGED)
        kept = self._log.lines(first, min(last, self._kept))
        recorded = self._recorded[max(first - self._kept - 1, 0) : max(last - self._kept, 0)]
        return kept + b"".join(content + b"\n" for _, content in recorded)

    def _last(self) -> Position:
        if self._recorded:
            event, _ = self._recorded[-1]
            return Position(event.seq, event.time)
        if not self._kept:
            return Position(0, "")
        return Position(self._kept, next(iter(self._log.events(after=self._kept - 1))).time)


class _NoEvidence:
    """Where no store is at hand: nothing is there, and nothing can be put."""

    location = "nowhere"

    def put(self, key: str, content: bytes, *, media_type: str) -> str:  # noqa: ARG002 -- it is refused
        _refuse(f"keep {key}")

    def keys(self, prefix: str, *, after: str = "") -> tuple[str, ...]:  # noqa: ARG002 -- there are none
        return ()

    def get(self, key: str) -> bytes:
        raise EvidenceError(f"{key} was not recorded in this run", remedy="Run for real, so that evidence is kept.")

    def disturbed(self) -> Disturbed:
        return Disturbed()

    def survey(self) -> StoreKept:
        _refuse("look through a store")


class DryRunEvidence:
    """What `store` holds, and what was recorded here; without a store only the latter."""

    def __init__(self, store: EvidenceStore | None = None) -> None:
        self._store: EvidenceStore = store or _NoEvidence()
        self._recorded: dict[str, bytes] = {}

    @property
    def location(self) -> str:
        return self._store.location

    def put(self, key: str, content: bytes, *, media_type: str) -> str:  # noqa: ARG002 -- nothing is stored
        kept = self._store.get(key) if checked_key(key) in self._store.keys(key) else content
        if self._recorded.setdefault(key, kept) != content:
            raise EvidenceConflict(
                f"{self.location}/{key} holds other bytes",
                remedy="Evidence is never overwritten. Find out who wrote the first.",
            )
        return f"{self.location}/{key}"

    def keys(self, prefix: str, *, after: str = "") -> tuple[str, ...]:
        recorded = {key for key in tuple(self._recorded) if key > after and key.startswith(checked_prefix(prefix))}
        return tuple(sorted(recorded.union(self._store.keys(prefix, after=after))))

    def get(self, key: str) -> bytes:
        recorded = self._recorded.get(checked_key(key))
        return self._store.get(key) if recorded is None else recorded

    def disturbed(self) -> Disturbed:
        return self._store.disturbed()

    def survey(self) -> StoreKept:
        return self._store.survey()


class DryRunCodeHost:
    def __init__(self, host: CodeHost) -> None:
        self._host = host

    def snapshot(self, repository: RepositoryName, target: str) -> Snapshot:
        return self._host.snapshot(repository, target)

    def name_of(self, repository_id: str) -> RepositoryName | None:
        return self._host.name_of(repository_id)

    def reread(self, repository: RepositoryName, repository_id: str, numbers: Sequence[int]) -> tuple[PullRequest, ...]:
        return self._host.reread(repository, repository_id, numbers)

    def related(self, references: Iterable[Reference]) -> Mapping[Reference, RelatedState]:
        return self._host.related(references)

    def bodies(self, references: Iterable[Reference]) -> Mapping[Reference, str]:
        return self._host.bodies(references)

    def groups(self, organization: str, names: Iterable[str]) -> Mapping[str, frozenset[Login]]:
        return self._host.groups(organization, names)

    def protection(self, repository: RepositoryName, repository_id: str, branch: str) -> Protection:
        return self._host.protection(repository, repository_id, branch)

    def signatures(
        self, repository: RepositoryName, repository_id: str, commits: Sequence[CommitSha]
    ) -> Mapping[CommitSha, CommitSignature]:
        return self._host.signatures(repository, repository_id, commits)

    def moves(self, repository: RepositoryName, repository_id: str, branch: str) -> Iterator[Move]:
        return self._host.moves(repository, repository_id, branch)

    def origins(
        self, repository: RepositoryName, repository_id: str, commits: Sequence[CommitSha]
    ) -> Mapping[CommitSha, Origin]:
        return self._host.origins(repository, repository_id, commits)

    def merge(
        self,
        repository: RepositoryName,
        repository_id: str,  # noqa: ARG002 -- it is refused
        change: Change,
        method: MergeMethod,  # noqa: ARG002 -- it is refused
        note: str,  # noqa: ARG002 -- it is refused
    ) -> MergeReply:
        _refuse(f"merge {repository}#{change.number}")

    def close(self, repository: RepositoryName, repository_id: str, number: int, comment: str) -> None:  # noqa: ARG002 -- it is refused
        _refuse(f"close {repository}#{number}")

    def comment(self, repository: RepositoryName, repository_id: str, number: int, comment: str) -> None:  # noqa: ARG002 -- it is refused
        _refuse(f"comment on {repository}#{number}")


class DryRunCode:
    """The local mirrors are caches of what the code host holds, and are kept up to date; nothing is pushed."""

    def __init__(self, code: CodeStore) -> None:
        self._code = code

    @contextmanager
    def exclusively(self, repository: RepositoryName, repository_id: str) -> Iterator[Mirror]:
        with self._code.exclusively(repository, repository_id) as mirror:
            yield _DryRunMirror(mirror)


class _DryRunMirror:
    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror

    def fetch(self, target: str, commits: Iterable[CommitSha]) -> CommitSha:
        return self._mirror.fetch(target, commits)

    def fetch_heads(self, target: str, heads: Iterable[CommitSha]) -> Fetched:
        return self._mirror.fetch_heads(target, heads)

    def forbidden_paths(self, base: CommitSha, heads: Iterable[CommitSha]) -> Mapping[CommitSha, tuple[str, ...]]:
        return self._mirror.forbidden_paths(base, heads)

    def tree(self, commit: CommitSha) -> TreeSha:
        return self._mirror.tree(commit)

    def contribution(
        self, base: CommitSha, head: CommitSha, *, step: tuple[CommitSha, CommitSha] | None = None
    ) -> Contribution:
        return self._mirror.contribution(base, head, step=step)

    def file(self, commit: CommitSha, path: str, *, most: int) -> bytes | None:
        return self._mirror.file(commit, path, most=most)

    def contains(self, descendant: CommitSha, ancestor: CommitSha) -> bool:
        return self._mirror.contains(descendant, ancestor)

    def commit_with_tree(
        self, tree: TreeSha, *, after: CommitSha, until: CommitSha, besides: CommitSha
    ) -> CommitSha | None:
        return self._mirror.commit_with_tree(tree, after=after, until=until, besides=besides)

    def merge(self, onto: CommitSha, change: Change, method: MergeMethod) -> MergeResult:
        return self._mirror.merge(onto, change, method)

    def brought(self, branch: CommitSha, commit: CommitSha) -> Brought | None:
        return self._mirror.brought(branch, commit)

    def merged_tree(self, ours: CommitSha, theirs: CommitSha) -> TreeSha | None:
        return self._mirror.merged_tree(ours, theirs)

    def asking_to_skip(self, *, after: CommitSha, until: CommitSha) -> tuple[CommitSha, ...]:
        return self._mirror.asking_to_skip(after=after, until=until)

    def line(self, *, after: CommitSha, until: CommitSha) -> tuple[CommitSha, ...]:
        return self._mirror.line(after=after, until=until)

    def graph(self, *, known: Iterable[CommitSha], until: CommitSha) -> Mapping[CommitSha, tuple[CommitSha, ...]]:
        return self._mirror.graph(known=known, until=until)

    def revert(self, onto: CommitSha, commits: Sequence[CommitSha], note: str) -> MergeResult:
        return self._mirror.revert(onto, commits, note)

    def push(self, target: str, commit: CommitSha, *, expected: CommitSha) -> PushReply:  # noqa: ARG002 -- it is refused
        _refuse(f"push {commit} to {target}")

    def checkout(self, commit: CommitSha, directory: Path) -> None:
        self._mirror.checkout(commit, directory)


def _refuse(act: str) -> NoReturn:
    raise ChangedWhileObserving(f"a step was about to {act} in a run that changes nothing")
