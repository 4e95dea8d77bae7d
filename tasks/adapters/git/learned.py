"""
What a process has learned of a mirror, so that the next holder need not ask git again.

It holds for the mirror as it is: one that was made anew has forgotten what was merged in it. Nor is it kept for days:
what no reference holds is removed in time.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path

from config.schema import MergeMethod
from tasks.adapters.git.commits import StoredCommit
from tasks.domain.merging import Change, MergeResult
from tasks.domain.model import CommitSha

_KEPT_SECONDS = 86_400


@dataclass(slots=True)
class Learned:
    """
    `commits` were read or written here, `merges` are what came of merging, `whole` was found with all that it needs.

    `made` tells one mirror from the next.
    """

    made: tuple[int, int]
    since: float = field(default_factory=time.monotonic)
    commits: dict[CommitSha, StoredCommit] = field(default_factory=dict)
    merges: dict[tuple[CommitSha, Change, MergeMethod], MergeResult] = field(default_factory=dict)
    whole: set[CommitSha] = field(default_factory=set)

    def forget(self) -> None:
        self.commits.clear()
        self.merges.clear()
        self.whole.clear()


def still_true(learned: Learned | None, mirror: Path) -> Learned:
    """`learned` where it is about this mirror, or what a newcomer knows, which is nothing."""
    status = (mirror / "HEAD").stat()
    made = (status.st_ino, status.st_ctime_ns)
    if learned is None or learned.made != made or time.monotonic() - learned.since > _KEPT_SECONDS:
        return Learned(made)
    return learned
