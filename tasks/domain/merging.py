"""What merging one pull request onto a commit needs to know, and what can come of it."""

from dataclasses import dataclass

from tasks.domain.model import CommitSha, Login, TreeSha


@dataclass(frozen=True, slots=True)
class Change:
    """One pull request, as far as a commit made of it may depend on it: what is not here cannot change the commit."""

    number: int
    head: CommitSha
    head_branch: str
    title: str
    author: Login | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """`tip` is where the target branch is; `gone` are the heads asked for that nobody has any more."""

    tip: CommitSha
    gone: frozenset[CommitSha]


@dataclass(frozen=True, slots=True)
class Merged:
    """
    A head that the commit below already contains merges to that very commit.

    `commits` is how many of them were put onto the branch's own line, that of first parents.
    """

    commit: CommitSha
    tree: TreeSha
    commits: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """`paths` are the files that conflict, sorted."""

    paths: tuple[str, ...]


MergeResult = Merged | Conflict
