"""What differs between two trees, remembered by the pair of their object ids."""

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from .process import run_git
from .repository import GitRepository

STATUSES = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}
HEADER = re.compile(r"(?:\A|(?<=[\0\n]))(?P<old>[0-9a-f]{40}) (?P<new>[0-9a-f]{40})\n")
MOST_FILES = 3000


@dataclass(frozen=True, slots=True)
class FileChange:
    path: str
    previous: str | None
    status: str
    oid: str
    additions: int
    deletions: int
    binary: bool


Trees = tuple[str, str]


class Diffs:
    def __init__(self, repository: GitRepository) -> None:
        self._repository = repository
        self._changes: dict[Trees, tuple[FileChange, ...]] = {}
        self._lock = threading.Lock()

    def prepare(self, pairs: Iterable[Trees]) -> None:
        """Compares all of these in one process."""
        with self._lock:
            missing = [pair for pair in dict.fromkeys(pairs) if pair not in self._changes]
            if not missing:
                return
            lines = "".join(f"{old} {new}\n" for old, new in missing)
            arguments = ("diff-tree", "--stdin", "-r", "-M", "--raw", "--numstat", "-z", "--no-abbrev")
            output = run_git(self._repository.directory, *arguments, stdin=lines.encode())
            parsed = _split(output)
            for pair in missing:
                self._changes[pair] = parsed.get(pair, ())

    def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        self.prepare([(old, new)])
        return self._changes[(old, new)]

    def patches(self, old: str, new: str) -> dict[str, str]:
        """The hunks of every text file, by its new path."""
        arguments = ("diff-tree", "-r", "-M", "-p", "--no-color", "--no-ext-diff", "--src-prefix=a/", "--dst-prefix=b/")
        output = run_git(self._repository.directory, *arguments, old, new).decode(errors="replace")
        texts = ("\n" + output).split("\ndiff --git ")[1:]
        hunks = [text.partition("\n@@")[2] for text in texts]
        pairs = zip(self.changes(old, new), hunks, strict=False)
        return {change.path: "@@" + hunk.rstrip("\n") for change, hunk in pairs if hunk}


def _split(output: bytes) -> dict[Trees, tuple[FileChange, ...]]:
    text = output.decode(errors="replace")
    headers = list(HEADER.finditer(text))
    ends = [match.start() for match in headers[1:]] + [len(text)]
    return {
        (match["old"], match["new"]): _one(text[match.end() : end].split("\0"))
        for match, end in zip(headers, ends, strict=True)
    }


def _one(fields: list[str]) -> tuple[FileChange, ...]:
    position = 0
    raw: dict[str, tuple[str, str, str | None]] = {}
    while position < len(fields) and fields[position].startswith(":"):
        words = fields[position].split(" ")
        letter = words[4][0]
        renamed = letter in "RC"
        path = fields[position + (2 if renamed else 1)]
        oid = words[2] if letter == "D" else words[3]
        raw[path] = (STATUSES[letter], oid, fields[position + 1] if renamed else None)
        position += 3 if renamed else 2
    changes: list[FileChange] = []
    while position < len(fields) and fields[position].count("\t") >= 2:  # noqa: PLR2004 - added, removed, path
        added, removed, path = fields[position].split("\t", 2)
        if not path:
            path = fields[position + 2]
            position += 2
        position += 1
        status, oid, previous = raw[path]
        counts = (int(added), int(removed)) if added != "-" else (0, 0)
        changes.append(FileChange(path, previous, status, oid, *counts, binary=added == "-"))
    return tuple(changes)
