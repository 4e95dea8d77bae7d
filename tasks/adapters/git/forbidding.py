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

_Entries = frozenset[tuple[bytes, bytes, bytes]]
"""Mode, object and path of each file."""


def forbidden_paths(git: Git, base: CommitSha, heads: Iterable[CommitSha]) -> Mapping[CommitSha, tuple[str, ...]]:
    brought = {head: _brought(git, base, head) for head in heads}
    if not _forbidden(git, frozenset[tuple[bytes, bytes, bytes]]().union(*brought.values())):
        return {}
    found = ((head, _forbidden(git, entries)) for head, entries in brought.items())
    return {head: tuple(path.decode(errors="backslashreplace") for path in paths) for head, paths in found if paths}


def _brought(git: Git, base: CommitSha, head: CommitSha) -> _Entries:
    """What `head` has and `base` has not, or has otherwise."""
    ends = (checked_object_id(base), checked_object_id(head), "--")
    listing = git.run("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", *ends).stdout.split(b"\0")
    changes = zip((about.split(b" ") for about in listing[::2]), listing[1::2], strict=False)
    return frozenset((about[1], about[3], path) for about, path in changes if about[1] != _DELETED)


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
