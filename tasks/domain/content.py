"""
Whether two heads of a pull request bring the same, so that who approved one of them has seen the other.

After a pure rebase they do. Nothing is the same as what is unknown.
"""

from dataclasses import dataclass

from tasks.domain.model import CommitSha, TreeSha


@dataclass(frozen=True, slots=True)
class Brought:
    """What `commit` changes of `base`, where it parted from the target branch: `patch` identifies all of it."""

    commit: CommitSha
    base: CommitSha
    tree: TreeSha
    patch: str


def bring_the_same(earlier: Brought | None, now: Brought | None, moved: TreeSha | None) -> bool:
    """
    `moved` is the tree of `earlier` merged with the base of `now`, None where that conflicts.

    The patches alone would not do: a change can be put in another place that looks alike, and in what resolves a
    conflict anything can be.
    """
    return earlier is not None and now is not None and earlier.patch == now.patch and moved == now.tree
