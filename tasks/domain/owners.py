"""
The file CODEOWNERS, read as the code host reads it: of the patterns that match a path, the last one says who owns it.

A line that cannot be read is told and never skipped: what it would have said of a path is unknown.
"""

import re
from dataclasses import dataclass

from config.schema.patterns import is_path_pattern, matches_path

OWNERS_FILES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where it is looked for; the first one there is counts."""

LARGEST_OWNERS_FILE = 3 * 1024 * 1024
"""The code host reads none that is larger."""

_OWNER = re.compile(r"@[A-Za-z0-9][A-Za-z0-9_-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)?|[^\s@]+@[^\s@]+")
_WORDS = re.compile(r"(?:\\.|[^\s\\])+")


@dataclass(frozen=True, slots=True)
class OwnedPattern:
    """`owners` are as written: `@login`, `@organization/team` or an address; none where nobody owns it."""

    line: int
    pattern: str
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Owners:
    """`unreadable` are the numbers of the lines that could not be read."""

    patterns: tuple[OwnedPattern, ...]
    unreadable: tuple[int, ...]

    def of(self, path: str) -> OwnedPattern | None:
        """None where no pattern matches; one without owners takes the path from those before it."""
        return next((each for each in reversed(self.patterns) if matches_path(each.pattern, path)), None)

    @property
    def teams(self) -> tuple[str, ...]:
        names = (owner[1:] for each in self.patterns for owner in each.owners if owner[0] == "@" and "/" in owner)
        return tuple(dict.fromkeys(names))


def read_owners(text: str) -> Owners:
    patterns, unreadable = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        words = _words(line)
        if not words:
            continue
        pattern, *owners = words
        if is_path_pattern(pattern) and all(_OWNER.fullmatch(owner) for owner in owners):
            patterns.append(OwnedPattern(number, pattern, tuple(owners)))
        else:
            unreadable.append(number)
    return Owners(tuple(patterns), tuple(unreadable))


def _words(line: str) -> list[str]:
    """Up to a comment, which begins with `#`; a space that belongs to a path stands behind a backslash."""
    words = []
    for word in _WORDS.findall(line):
        if word.startswith("#"):
            break
        words.append(word)
    return words
