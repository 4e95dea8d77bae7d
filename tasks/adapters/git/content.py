"""
What a commit brings beyond a branch, told so that two of them can be compared.

Whitespace counts: to `git patch-id --stable` an indentation is nothing, and to many languages it is everything.
"""

from tasks.adapters.git.process import Git
from tasks.adapters.git.spelling import checked_object_id
from tasks.domain.content import Brought
from tasks.domain.model import CommitSha, TreeSha

LARGEST = 64 * 2**20
"""Of more bytes in all files before and after, no patch is made: it would have to fit into memory."""

_AS_STORED = ("--full-index", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color")


def brought(git: Git, branch: CommitSha, commit: CommitSha) -> Brought | None:
    bases = git.run(
        "merge-base", "--all", checked_object_id(branch), checked_object_id(commit), accepted=(0, 1)
    ).stdout.split()
    if len(bases) != 1:
        return None
    base = CommitSha(bases[0].decode())
    if _bytes_between(git, base, commit) > LARGEST:
        return None
    diff = git.run("diff-tree", "-p", *_AS_STORED, base, commit, "--").stdout
    patch = git.run("patch-id", "--verbatim", stdin=diff).stdout
    tree = git.run("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}").stdout
    return Brought(commit, base, TreeSha(tree.decode().strip()), patch.decode()) if patch else None


def _bytes_between(git: Git, base: CommitSha, commit: CommitSha) -> int:
    """In all files that differ, as they were and as they are."""
    listing = git.run("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", base, commit, "--").stdout
    asked = b"".join(b"%s\n%s\n" % tuple(about.split(b" ")[2:4]) for about in listing.split(b"\0")[:-1:2])
    sizes = git.run("cat-file", "--batch-check=%(objectsize)", stdin=asked).stdout.split(b"\n")
    return sum(int(size) for size in sizes if size.isdigit())
