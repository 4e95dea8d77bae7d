"""Trees: listed, read along a path, and written with changes."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .process import GitError, run_git
from .repository import GitRepository


@dataclass(frozen=True, slots=True)
class TreeEntry:
    mode: str
    kind: str
    oid: str
    size: int | None
    path: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a path shall hold; `oid` None removes it."""

    path: str
    mode: str = "100644"
    oid: str | None = None


def list_tree(repository: GitRepository, tree: str, *, path: str = "", recursive: bool = False) -> list[TreeEntry]:
    """Entries of a tree object (or of the directory `path` in it); trees are listed along with what is in them."""
    flags = ["-r", "-t"] if recursive else []
    where = f"{tree}:{path}" if path else tree
    output = run_git(repository.directory, "ls-tree", "-z", "-l", "--full-tree", *flags, where)
    return [_entry(line) for line in output.decode(errors="replace").split("\0") if line]


def find_entry(repository: GitRepository, tree: str, path: str) -> TreeEntry | None:
    output = run_git(
        repository.directory, "--literal-pathspecs", "ls-tree", "-z", "-l", "--full-tree", tree, "--", path
    )
    return next((_entry(line) for line in output.decode(errors="replace").split("\0") if line), None)


def change_tree(repository: GitRepository, base: str | None, changes: Sequence[Change]) -> str:
    """A new tree: `base` (or nothing) with the changes made. Refuses what git refuses, such as `..` in a path."""
    with tempfile.TemporaryDirectory(prefix="codehost-index-") as directory:
        environment = {"GIT_INDEX_FILE": str(Path(directory) / "index")}
        if base:
            run_git(repository.directory, "read-tree", base, environment=environment)
        plain = [change for change in changes if change.mode != "040000" or change.oid is None]
        lines = "".join(_index_line(change) for change in plain)
        run_git(
            repository.directory,
            "update-index",
            "-z",
            "--add",
            "--replace",
            "--index-info",
            stdin=lines.encode(),
            environment=environment,
        )
        for change in changes:
            if change.mode == "040000" and change.oid:
                _replace_directory(repository, change, environment)
        return run_git(repository.directory, "write-tree", environment=environment).decode().strip()


def valid_path(path: str) -> bool:
    parts = path.split("/")
    return "\x00" not in path and all(part not in {"", ".", "..", ".git"} for part in parts)


def _replace_directory(repository: GitRepository, change: Change, environment: dict[str, str]) -> None:
    prefix = change.path.strip("/") + "/"
    run_git(
        repository.directory,
        "rm",
        "-r",
        "--cached",
        "--quiet",
        "--ignore-unmatch",
        "--",
        prefix,
        environment=environment,
        accepted=(0, 1, 128),
    )
    try:
        run_git(repository.directory, "read-tree", f"--prefix={prefix}", change.oid or "", environment=environment)
    except GitError as error:
        raise ValueError(f"{change.path} cannot hold a tree") from error


def _entry(line: str) -> TreeEntry:
    head, _, path = line.partition("\t")
    mode, kind, oid, size = head.split()
    return TreeEntry(mode, kind, oid, None if size == "-" else int(size), path)


def _index_line(change: Change) -> str:
    if change.oid is None:
        return f"0 {'0' * 40}\t{change.path}\0"
    return f"{change.mode} {change.oid}\t{change.path}\0"
