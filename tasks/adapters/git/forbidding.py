"""
Which paths no checkout may hold, found before anything is checked out.

git is the judge of what reaches into `.git`, since it knows every spelling of it that any file system takes for that:
an index does not take such a path in. The rest is what a file system has no room for.
"""

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from tasks.adapters.git.failures import disk_failure
from tasks.adapters.git.process import Git
from tasks.adapters.git.spelling import checked_object_id
from tasks.domain.model import CommitSha

_NAME_LIMIT = 255
_PATH_LIMIT = 3072  # what Linux allows, less what may stand before a path where gates run
_DELETED = b"000000"

_Entry = tuple[bytes, bytes, bytes]
_Entries = frozenset[_Entry]
"""Mode, object and path of each file."""


def forbidden_paths(git: Git, base: CommitSha, heads: Iterable[CommitSha]) -> Mapping[CommitSha, tuple[str, ...]]:
    brought = _brought(git, base, heads)
    if not _forbidden(git, frozenset[_Entry]().union(*brought.values())):
        return {}
    found = ((head, _forbidden(git, entries)) for head, entries in brought.items())
    return {head: tuple(path.decode(errors="backslashreplace") for path in paths) for head, paths in found if paths}


def _brought(git: Git, base: CommitSha, heads: Iterable[CommitSha]) -> Mapping[CommitSha, _Entries]:
    """By head that differs, what it has and `base` has not, or has otherwise; asked at once, as of children of it."""
    asked = "".join(f"{checked_object_id(head)} {checked_object_id(base)}\n" for head in heads).encode()
    options = ("--stdin", "-r", "-z", "--raw", "--no-abbrev", "--no-renames")
    told = iter(git.run("diff-tree", *options, stdin=asked).stdout.split(b"\0")[:-1])
    found: dict[CommitSha, set[_Entry]] = {}
    entries: set[_Entry] = set()
    for each in told:
        if not each.startswith(b":"):
            entries = found.setdefault(CommitSha(each.decode()), set())
            continue
        (_, mode, _, blob, _), path = each.split(b" "), next(told)
        if mode != _DELETED:
            entries.add((mode, blob, path))
    return {head: frozenset(entries) for head, entries in found.items()}


def _forbidden(git: Git, entries: _Entries) -> list[bytes]:
    allowed = _taken_in(git, entries)
    return sorted({path for _, _, path in entries if path not in allowed or not _has_room(path)})


def _has_room(path: bytes) -> bool:
    return len(path) <= _PATH_LIMIT and all(len(name) <= _NAME_LIMIT for name in path.split(b"/"))


def _taken_in(git: Git, entries: _Entries) -> frozenset[bytes]:
    lines = b"".join(b"%s %s\t%s\0" % entry for entry in sorted(entries))
    try:
        with tempfile.TemporaryDirectory(prefix=f".{git.directory.name}.", dir=git.directory.parent) as place:
            aside = git.at(Path(place))
            aside.run("init", "--quiet", "--bare", "--template=")
            aside.run("update-index", "-z", "--index-info", stdin=lines)
            return frozenset(aside.run("ls-files", "--cached", "-z").stdout.split(b"\0"))
    except OSError as error:
        raise disk_failure("No index can be made beside the mirror", error) from error
