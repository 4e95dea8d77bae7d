"""A real bare repository that plays the code host's, and changes to put into it."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.domain.merging import Change
from tasks.domain.model import CommitSha, Login, RepositoryName

REPOSITORY = RepositoryName("acme/app")
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "LC_ALL": "C",
}
ALICE = "Alice <alice@example.org>"
BOB = "Bob <bob@example.org>"
START = 1_700_000_000
INTO_GIT = (".git/config", ".GIT/config", ".gi\u200ct/config", "git~1/config", "x/.git/hooks/pre-commit")

Files = Mapping[str, str | None]
"""Contents by path; None takes a file away."""


def git(place: Path, *arguments: str, stdin: bytes = b"") -> str:
    completed = subprocess.run(
        ["git", *arguments], cwd=place, env=ENVIRONMENT, input=stdin, capture_output=True, check=True
    )
    return completed.stdout.decode(errors="surrogateescape").strip()


@dataclass(frozen=True)
class Remote:
    path: Path

    @staticmethod
    def made(path: Path) -> "Remote":
        path.mkdir(parents=True)
        git(path, "init", "--quiet", "--bare", "--initial-branch=main")
        return Remote(path)

    def commit(
        self,
        files: Files,
        *parents: CommitSha,
        branch: str = "topic",
        message: str = "work",
        author: str = ALICE,
        date: int = START,
    ) -> CommitSha:
        """`branch` is moved to a new commit that changes `files` of the first parent."""
        text = [f"commit refs/heads/{branch}", f"author {author} {date} +0100", f"committer {BOB} {date} +0200"]
        text += [_data(message), *(f"{word} {parent}" for word, parent in zip(_WORDS, parents, strict=False))]
        text += [
            f'D "{path}"' if content is None else f'M 644 inline "{path}"\n{_data(content)}'
            for path, content in files.items()
        ]
        reset = [] if parents else [f"reset refs/heads/{branch}"]
        git(self.path, "fast-import", "--quiet", "--force", stdin="\n".join([*reset, *text, ""]).encode())
        return self.tip(branch)

    def odd_commit(self, path: str, parent: CommitSha, mode: str = "100644") -> CommitSha:
        """A commit that holds nothing but `path`, which git's own porcelain would not take."""
        entry, kind = git(self.path, "hash-object", "-w", "--stdin", stdin=b"evil\n"), f"{mode} blob"
        for name in reversed(path.split("/")):
            entry, kind = git(self.path, "mktree", stdin=f"{kind} {entry}\t{name}\n".encode()), "040000 tree"
        signature = f"{ALICE} {START} +0000"
        raw = f"tree {entry}\nparent {parent}\nauthor {signature}\ncommitter {signature}\n\nevil\n"
        return CommitSha(git(self.path, "hash-object", "-t", "commit", "-w", "--stdin", stdin=raw.encode()))

    def tip(self, branch: str = "main") -> CommitSha:
        return CommitSha(git(self.path, "rev-parse", f"refs/heads/{branch}"))

    def move(self, branch: str, commit: CommitSha) -> None:
        git(self.path, "update-ref", f"refs/heads/{branch}", commit)

    def hook(self, name: str, script: str) -> None:
        hook = self.path / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{script}\n")
        hook.chmod(0o755)


_WORDS = ("from", "merge", "merge")


def _data(content: str) -> str:
    return f"data {len(content.encode())}\n{content}"


def change(
    head: CommitSha,
    *,
    number: int = 7,
    title: str = "Add a thing",
    head_branch: str = "topic",
    author: str | None = "alice",
) -> Change:
    return Change(number, head, head_branch, title, None if author is None else Login(author))


def history(place: Path, commits: str, layout: str) -> Sequence[str]:
    """One line a commit, oldest first."""
    return git(place, "log", "--reverse", "--topo-order", f"--format={layout}", commits).splitlines()
