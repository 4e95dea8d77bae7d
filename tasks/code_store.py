"""The git side of what merge-hub needs of the world: one local mirror a repository, no working tree."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from config.schema import MergeMethod
from tasks.domain.content import Brought
from tasks.domain.land import PushReply
from tasks.domain.merging import Change, Fetched, MergeResult
from tasks.domain.model import CommitSha, Contribution, RepositoryName, TreeSha


class CodeStore(Protocol):
    """The git side: one local mirror a repository, no working tree."""

    def exclusively(self, repository: RepositoryName, repository_id: str) -> AbstractContextManager["Mirror"]:
        """
        The mirror, held against other processes on this machine for as long as the context lasts.

        It is the id that says which repository is fetched from and pushed to, whatever that is called by now.
        """


class Mirror(Protocol):
    def fetch(self, target: str, commits: Iterable[CommitSha]) -> CommitSha:
        """Brings the target branch and the named commits here; returns the tip of the target branch."""

    def fetch_heads(self, target: str, heads: Iterable[CommitSha]) -> Fetched:
        """As `fetch`, but a head that is gone is an answer: it was pushed over, or its branch was deleted."""

    def forbidden_paths(self, base: CommitSha, heads: Iterable[CommitSha]) -> Mapping[CommitSha, tuple[str, ...]]:
        """By head, the paths that it has beyond `base` and that cannot be checked out; a harmless head is absent."""

    def tree(self, commit: CommitSha) -> TreeSha: ...

    def contribution(
        self, base: CommitSha, head: CommitSha, *, step: tuple[CommitSha, CommitSha] | None = None
    ) -> Contribution:
        """
        What `head` brings beyond `base`; both must be here.

        `step` is what the target branch would be before it has landed and behind it, where others land with it;
        without, it is merged onto `base`.
        """

    def file(self, commit: CommitSha, path: str, *, most: int) -> bytes | None:
        """What a regular file holds; None where there is none. One of more than `most` bytes raises GitError."""

    def contains(self, descendant: CommitSha, ancestor: CommitSha) -> bool: ...

    def commit_with_tree(
        self, tree: TreeSha, *, after: CommitSha, until: CommitSha, besides: CommitSha
    ) -> CommitSha | None:
        """
        The first commit behind `after`, up to and with `until`, that carries `tree`; None where none does.

        What `besides` contains is none: the head that was merged may carry the very tree that was to land.
        """

    def merge(self, onto: CommitSha, change: Change, method: MergeMethod) -> MergeResult:
        """Merges in memory; the commit depends on nothing but the arguments, so that a rerun makes the same one."""

    def brought(self, branch: CommitSha, commit: CommitSha) -> Brought | None:
        """
        All that `commit` changes of where it parted from `branch`.

        None where that cannot be said: it changes nothing, too much to compare, or there is no one such place.
        """

    def merged_tree(self, ours: CommitSha, theirs: CommitSha) -> TreeSha | None:
        """The tree that merging the two would make, None where they conflict; nothing is written down."""

    def asking_to_skip(self, *, after: CommitSha, until: CommitSha) -> tuple[CommitSha, ...]:
        """The commits behind `after` and up to `until` whose message asks machines to skip their checks."""

    def line(self, *, after: CommitSha, until: CommitSha) -> tuple[CommitSha, ...]:
        """The branch's own line, that of first parents, behind `after` and up to `until`; oldest first."""

    def graph(self, *, known: Iterable[CommitSha], until: CommitSha) -> Mapping[CommitSha, tuple[CommitSha, ...]]:
        """The parents of every commit that `until` has and none of `known` has, parents before children."""

    def revert(self, onto: CommitSha, commits: Sequence[CommitSha], note: str) -> MergeResult:
        """
        Takes back in memory, one after the other, what each of `commits` changed of its first parent.

        Each becomes a commit of its own, which ends in `note`, unless nothing is left of it to take back. The result
        depends on nothing but the arguments.
        """

    def push(self, target: str, commit: CommitSha, *, expected: CommitSha) -> PushReply:
        """Moves the target from `expected` to `commit`, or nothing; never overwrites."""

    def checkout(self, commit: CommitSha, directory: Path) -> None:
        """A checkout of its own in the empty `directory`, with no link back to the mirror and no credential."""
