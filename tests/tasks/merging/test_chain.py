"""What pull requests merged one onto the other come to, with git as it is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from config.schema import MergeMethod
from tasks.adapters.git import GitCodeStore
from tasks.code_store import Mirror
from tasks.domain.merging import Change, MergeResult
from tasks.domain.model import CommitSha, PullRequest
from tasks.domain.plan import ConflictFound
from tasks.merging import Chain
from tests.adapters.git.remote import REPOSITORY, Remote
from tests.domain import builders

Planned = Callable[..., Chain]


@dataclass(slots=True)
class Tally:
    """The mirror, with a count of what was merged in it."""

    mirror: Mirror
    merges: int = 0

    def merge(self, onto: CommitSha, change: Change, method: MergeMethod) -> MergeResult:
        self.merges += 1
        return self.mirror.merge(onto, change, method)


@dataclass(slots=True)
class Proposals:
    """Pull requests that each write some files of the target branch anew, numbered from 1."""

    remote: Remote
    base: CommitSha
    made: list[PullRequest] = field(default_factory=list)

    def write(self, *paths: str, after: int | None = None) -> int:
        """`after` is the number of the one that this one is stacked upon."""
        number = len(self.made) + 1
        parent = self.base if after is None else self.made[after - 1].head
        head = self.remote.commit(dict.fromkeys(paths, f"{number}\n"), parent, branch=f"topic-{number}")
        self.made.append(builders.pull_request(number, head=head))
        return number


@pytest.fixture
def proposals(tmp_path: Path) -> Proposals:
    remote = Remote.made(tmp_path / "origin" / f"{REPOSITORY}.git")
    return Proposals(remote, remote.commit(dict.fromkeys("abc", "base\n"), branch="main"))


@pytest.fixture
def tally(proposals: Proposals, tmp_path: Path) -> Iterator[Tally]:
    url = f"file://{tmp_path}/origin/{{repository}}.git"
    with GitCodeStore(tmp_path / "home", url, None, lambda _: REPOSITORY).exclusively(REPOSITORY, "42") as mirror:
        yield Tally(mirror)


def merged(proposals: Proposals, tally: Tally, needs: Mapping[int, frozenset[int]] | None = None) -> Chain:
    base = tally.mirror.fetch("main", [pull.head for pull in proposals.made])
    chain = Chain(tally, builders.rules(), base, needs or {})  # type: ignore[arg-type]  # merging is all that it does
    chain.extend(proposals.made)
    return chain


def test_the_first_one_ahead_with_which_the_conflict_begins_is_named(proposals: Proposals, tally: Tally) -> None:
    proposals.write("b")
    first = proposals.write("a")
    proposals.write("c", after=first)
    last = proposals.write("a", "b")
    chain = merged(proposals, tally)

    assert chain.conflicts == {last: ConflictFound(last, 1, ("b",))}


def test_a_conflict_with_the_target_branch_is_told_from_one_with_those_ahead(
    proposals: Proposals, tally: Tally
) -> None:
    proposals.write("b")
    stale = proposals.write("a")
    proposals.remote.commit({"a": "moved\n"}, proposals.base, branch="main")
    chain = merged(proposals, tally)

    assert chain.conflicts == {stale: ConflictFound(stale, None, ("a",))}


def test_what_is_needed_is_not_what_it_conflicts_with(proposals: Proposals, tally: Tally) -> None:
    """What it needs stands behind the one that it conflicts with."""
    ahead = proposals.write("a")
    needed = proposals.write("b")
    last = proposals.write("a", "b", after=needed)
    chain = merged(proposals, tally, {last: frozenset({needed})})

    assert chain.conflicts == {last: ConflictFound(last, ahead, ("a",))}


def test_a_conflict_is_explained_by_few_merges_however_many_are_ahead(proposals: Proposals, tally: Tally) -> None:
    for number in range(1, 33):
        proposals.write("a" if number == 21 else f"own-{number}")
    last = proposals.write("a")
    chain = merged(proposals, tally)

    assert (chain.conflicts[last].ahead, tally.merges) == (21, 33 + 1 + 5)


def test_a_long_line_of_needs_is_followed_to_its_end(proposals: Proposals, tally: Tally) -> None:
    numbers = [proposals.write(f"own-{number}") for number in range(1, 6)]
    last = proposals.write("own-1")
    needs = {number: frozenset({number - 1, number - 2} & set(numbers)) for number in range(2, last + 1)}
    chain = merged(proposals, tally, needs)

    assert chain.conflicts == {last: ConflictFound(last, None, ("own-1",))}
