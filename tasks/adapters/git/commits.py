"""Commits as bytes: read whole, written whole, so that nothing of the machine or the moment gets into them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tasks.adapters.git.process import Git
from tasks.adapters.git.spelling import checked_object_id, single_line
from tasks.domain.errors import GitError
from tasks.domain.model import CommitSha, TreeSha

HUB = "merge-hub <merge-hub@users.noreply.github.com>"
# 2100-01-01. A commit dated later is lying, and would date every commit merged after it.
_LATEST_DATE = 4_102_444_800
_SIGNATURE = re.compile(rb"(?P<name>[^<>\n]*?) ?<(?P<email>[^<>\n]*)> (?P<date>\d{1,18}) (?P<zone>[+-]\d{4})")


@dataclass(frozen=True, slots=True)
class StoredCommit:
    """`author` is the raw line: name, address, date. `committed_at` is in seconds, 0 where it cannot be believed."""

    commit: CommitSha
    tree: TreeSha
    parents: tuple[CommitSha, ...]
    author: bytes
    committed_at: int
    encoding: bytes | None
    message: bytes

    @property
    def merges(self) -> bool:
        return len(self.parents) > 1

    @property
    def credited(self) -> str | None:
        """The author as a trailer names people; None for a line that is malformed."""
        signature = _SIGNATURE.fullmatch(self.author)
        if signature is None:
            return None
        name, email = (single_line(self._text(signature[part])) for part in ("name", "email"))
        return f"{name or email} <{email}>"

    @property
    def text(self) -> str:
        return self._text(self.message)

    def _text(self, content: bytes) -> str:
        try:
            return content.decode((self.encoding or b"utf-8").decode("ascii", "replace"), "replace")
        except LookupError:
            return content.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class NewCommit:
    tree: TreeSha
    parents: tuple[CommitSha, ...]
    author: bytes
    committer: bytes
    message: bytes
    encoding: bytes | None = None

    def content(self) -> bytes:
        lines = [f"tree {self.tree}".encode(), *(f"parent {parent}".encode() for parent in self.parents)]
        lines += [b"author " + self.author, b"committer " + self.committer]
        if self.encoding is not None:
            lines.append(b"encoding " + self.encoding)
        return b"\n".join([*lines, b"", self.message.replace(b"\0", b"")])


def hub_signature(date: int) -> bytes:
    return f"{HUB} {date} +0000".encode()


def believable_author(commit: StoredCommit, date: int) -> bytes:
    """The author line as it stands, or the hub's where git would refuse it in a new commit."""
    signature = _SIGNATURE.fullmatch(commit.author)
    if signature is None or not signature["name"].strip() or int(signature["date"]) > _LATEST_DATE:
        return hub_signature(date)
    return commit.author


def read_commits(git: Git, commits: Iterable[CommitSha]) -> tuple[StoredCommit, ...]:
    wanted = tuple(commits)
    listing = git.run("cat-file", "--batch", stdin="".join(f"{commit}\n" for commit in wanted).encode()).stdout
    found: list[StoredCommit] = []
    position = 0
    for commit in wanted:
        end = listing.index(b"\n", position)
        header = listing[position:end].split(b" ")
        if header[1:2] != [b"commit"]:
            raise absent(commit)
        size = int(header[2])
        found.append(_parsed(commit, listing[end + 1 : end + 1 + size]))
        position = end + size + 2
    return tuple(found)


def absent(commit: str) -> GitError:
    return GitError(
        f"There is no commit {commit} here.",
        remedy="Run again: the pull request was pushed to meanwhile and its old head is gone.",
    )


def _parsed(commit: CommitSha, content: bytes) -> StoredCommit:
    head, _, message = content.partition(b"\n\n")
    headers = [line.partition(b" ")[::2] for line in head.split(b"\n") if not line.startswith(b" ")]
    first = {name: value for name, value in reversed(headers)}  # noqa: C416  # the first of a name wins
    return StoredCommit(
        commit=commit,
        tree=TreeSha(first[b"tree"].decode()),
        parents=tuple(CommitSha(value.decode()) for name, value in headers if name == b"parent"),
        author=first.get(b"author", b""),
        committed_at=_date(first.get(b"committer", b"")),
        encoding=first.get(b"encoding"),
        message=message,
    )


def _date(signature: bytes) -> int:
    parsed = _SIGNATURE.fullmatch(signature)
    date = 0 if parsed is None else int(parsed["date"])
    return date if date <= _LATEST_DATE else 0


def write_commit(git: Git, new: NewCommit) -> CommitSha:
    written = git.run("hash-object", "-t", "commit", "-w", "--stdin", stdin=new.content())
    return CommitSha(written.stdout.decode().strip())


def commits_between(git: Git, onto: CommitSha, head: CommitSha) -> Mapping[CommitSha, tuple[CommitSha, ...]]:
    """What `head` has and `onto` has not, each with its parents, and parents before children."""
    return commits_beyond(git, (onto,), head)


def commits_beyond(git: Git, known: Iterable[CommitSha], head: CommitSha) -> Mapping[CommitSha, tuple[CommitSha, ...]]:
    """What `head` has and none of `known` has, as `commits_between` tells it."""
    without = [f"^{commit}" for commit in known]
    listing = git.run("rev-list", "--reverse", "--topo-order", "--parents", head, *without, "--").stdout
    lines = (tuple(map(CommitSha, line.split())) for line in listing.decode().splitlines())
    return {commit: tuple(parents) for commit, *parents in lines}


def commit_with_tree(
    git: Git, tree: TreeSha, *, after: CommitSha, until: CommitSha, besides: CommitSha
) -> CommitSha | None:
    """
    The branch's own line is searched first: other heads that merges brought in may carry the very tree as well.

    A branch whose line somebody turned, by merging it into another and pushing that, is then searched as a whole.
    """
    ends = [checked_object_id(until), f"^{checked_object_id(after)}", "--"]
    # A commit that is not here is not on the branch either, which is here as a whole.
    if git.run("cat-file", "-e", f"{checked_object_id(besides)}^{{commit}}", accepted=(0, 1, 128)).code == 0:
        ends.insert(1, f"^{besides}")
    for line in ("--first-parent", "--ancestry-path"):
        order = ("--reverse", "--topo-order", "--no-commit-header", "--format=%H %T")
        for pair in git.run("rev-list", *order, line, *ends).stdout.decode().splitlines():
            commit, _, carried = pair.partition(" ")
            if carried == tree:
                return CommitSha(commit)
    return None
