"""
What is read back of the records that a rerun needs: refusals, red target branches, announced and finished landings.

The shapes are those that `tasks.domain.records` writes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from config.schema import MergeMethod
from tasks.domain.audit import Event
from tasks.domain.land import Landed
from tasks.domain.model import CommitSha, Digest, Reference, RepositoryName, TreeSha
from tasks.domain.plan import ConflictFound

Pinned = tuple[int, CommitSha]
"""A pull request by number and head."""


@dataclass(frozen=True, slots=True)
class RefusalRecord:
    """
    `context` are the pull requests, with their heads, in whose company it failed.

    `together` are the others of its change set that were gated as one with it, and failed as one; `beside` are those in
    other repositories whose candidates the gate saw.

    `tree` is what it was refused on, after the gate had been asked again as often as it may be.
    """

    number: int
    head: CommitSha
    gate: str
    definition: Digest
    environment: Digest
    context: tuple[Pinned, ...]
    retry: str | None
    code: str
    message: str
    together: frozenset[Pinned] = frozenset()
    beside: frozenset[tuple[Reference, CommitSha]] = frozenset()
    tree: TreeSha | None = None


@dataclass(frozen=True, slots=True)
class BaseRedRecord:
    tree: TreeSha
    definition: Digest
    environment: Digest
    retries: frozenset[str]
    message: str
    since: datetime


@dataclass(frozen=True, slots=True)
class IntentRecord:
    """A landing that was announced; `event` is the id of its record."""

    event: str
    number: int
    head: CommitSha
    base: CommitSha
    candidate: CommitSha
    tree: TreeSha
    method: MergeMethod


@dataclass(frozen=True, slots=True)
class LandedRecord:
    intent: str
    head: CommitSha
    landed: Landed


def parse_refusal(event: Event) -> RefusalRecord:
    data = event.data
    return RefusalRecord(
        number=_number(event),
        head=_head(event),
        gate=str(data["gate"]),
        definition=Digest(str(data["definition"])),
        environment=Digest(str(data["environment"])),
        context=_company(data["context"]),
        retry=None if data["retry"] is None else str(data["retry"]),
        code=str(data["code"]),
        message=str(data["message"]),
        together=frozenset(_company(data.get("together"))),
        beside=frozenset(_beside(data.get("beside"))),
        tree=TreeSha(str(data["tree"])),
    )


def parse_base_red(event: Event) -> BaseRedRecord:
    data = event.data
    retries = data["retries"]
    return BaseRedRecord(
        tree=TreeSha(str(data["tree"])),
        definition=Digest(str(data["definition"])),
        environment=Digest(str(data["environment"])),
        retries=frozenset(str(retry) for retry in retries) if isinstance(retries, list) else frozenset(),
        message=str(data["message"]),
        since=moment_of(event),
    )


def parse_intent(event: Event) -> IntentRecord:
    data = event.data
    return IntentRecord(
        event=event.id,
        number=_number(event),
        head=_head(event),
        base=CommitSha(str(data["base"])),
        candidate=CommitSha(str(event.subject["candidate"])),
        tree=TreeSha(str(data["tree"])),
        method=MergeMethod(str(data["method"])),
    )


def parse_landed(event: Event) -> LandedRecord:
    data = event.data
    landed = Landed(
        number=_number(event),
        commit=CommitSha(str(data["commit"])),
        tree=TreeSha(str(data["tree"])),
        gated_tree=TreeSha(str(data["gated_tree"])),
        method=MergeMethod(str(data["method"])),
    )
    return LandedRecord(intent=str(data["intent"]), head=_head(event), landed=landed)


def parse_rolled_back(event: Event) -> tuple[tuple[int, CommitSha], ...]:
    """The pull requests that were taken back, with the heads that had landed."""
    numbers, heads = event.subject["pull_requests"], event.data["heads"]
    pairs = zip(numbers, heads, strict=True) if isinstance(numbers, list) and isinstance(heads, list) else ()
    return tuple((int(str(number)), CommitSha(str(head))) for number, head in pairs)


def parse_conflict(event: Event) -> tuple[CommitSha, ConflictFound] | None:
    """The head, and the one ahead that it conflicted with; None where an evaluation tells of none."""
    data = event.data
    ahead, paths, more = data.get("conflicts_with"), data.get("conflict_paths"), data.get("conflict_paths_more", 0)
    if not isinstance(ahead, int) or not isinstance(paths, list):
        return None
    named = tuple(str(path) for path in paths)
    return _head(event), ConflictFound(_number(event), ahead, named, int(str(more)))


def moment_of(event: Event) -> datetime:
    """When the log took it, the first time that it was told."""
    return datetime.fromisoformat(event.time)


def _number(event: Event) -> int:
    return int(str(event.subject["pull_request"]))


def _head(event: Event) -> CommitSha:
    return CommitSha(str(event.subject["head"]))


def _beside(value: JsonValue) -> Iterator[tuple[Reference, CommitSha]]:
    for pair in value if isinstance(value, list) else ():
        if isinstance(pair, list):
            repository, _, number = str(pair[0]).rpartition("#")
            yield Reference(RepositoryName(repository), int(number)), CommitSha(str(pair[1]))


def _company(value: JsonValue) -> tuple[Pinned, ...]:
    pairs = value if isinstance(value, list) else []
    return tuple((int(str(pair[0])), CommitSha(str(pair[1]))) for pair in pairs if isinstance(pair, list))
