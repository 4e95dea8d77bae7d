"""
Patterns of paths and of text.

A pattern of paths means what it means in a CODEOWNERS file: a slash at its beginning or in its middle ties it to the
root, `*` stops at a slash, `**` does not, and what names a directory names everything below it. There is no negation
and no class of characters. A path is taken apart into names: of several places where names may stand the first one is
as good as any, so that nothing is ever tried again, and within a name `fnmatch` does the same. A pattern of text is a
regular expression of the engine that pydantic brings. Neither takes longer than what it is matched with is long,
whoever wrote that.
"""

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import SchemaError, SchemaValidator, core_schema

from config.schema.values import refused

LONGEST_PATTERN = 500

_NOT_IN_A_PATTERN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]|^[!#]|[\[\]]|\\$")
_PARTS = re.compile(r"\*+|\?|\\.|[^*?\\]+", re.DOTALL)

_Name = str | re.Pattern[str]
"""What one name between slashes has to be."""


@dataclass(frozen=True, slots=True)
class _PathPattern:
    """
    `runs` are names that follow each other, the first one from the root on, each other one below any folders.

    Below the last one are at least `least` names more, and none where `ends`.
    """

    runs: tuple[tuple[_Name, ...], ...]
    least: int
    ends: bool

    def matches(self, names: Sequence[str]) -> bool:
        first, *others = self.runs
        if not _stands(first, names, 0):
            return False
        at = len(first)
        for run in others:
            last = len(names) - len(run)
            starts = range(max(at, last) if self.ends and run is others[-1] else at, last + 1)
            found = next((start for start in starts if _stands(run, names, start)), None)
            if found is None:
                return False
            at = found + len(run)
        return at == len(names) if self.ends else len(names) - at >= self.least


def matches_path(pattern: str, path: str) -> bool:
    return _read(pattern).matches(path.split("/"))


def matches_text(pattern: str, text: str) -> bool:
    """Whether it matches anywhere in `text`."""
    return _expression(pattern).isinstance_python(text)


def is_path_pattern(text: str) -> bool:
    return len(text) <= LONGEST_PATTERN and bool(text.strip("/")) and _NOT_IN_A_PATTERN.search(text) is None


@lru_cache(maxsize=16_384)
def _read(pattern: str) -> _PathPattern:
    """`docs/` is what is below it, `docs/*` only what is directly in it, and `docs` the file or all below it."""
    names = pattern.strip("/").split("/")
    rooted, last = "/" in pattern.rstrip("/"), names[-1]
    if last == "**":
        names.pop()
    runs: list[list[_Name]] = [[]] if rooted else [[], []]
    for name in names:
        if name == "**":
            runs.append([])
        else:
            runs[-1].append(_name(name))
    below = last == "**" or pattern.endswith("/")
    return _PathPattern(tuple(map(tuple, runs)), int(below), not below and last == "*" and "/" in pattern)


@lru_cache(maxsize=4096)
def _name(text: str) -> _Name:
    parts = _PARTS.findall(text)
    if not any(part[0] in "*?" for part in parts):
        return "".join(map(_literal, parts))
    shell = "".join(part if part[0] in "*?" else re.sub(r"[*?\[]", r"[\g<0>]", _literal(part)) for part in parts)
    return re.compile(fnmatch.translate(shell))


def _literal(part: str) -> str:
    return part[1:] if part[0] == "\\" else part


def _stands(run: Sequence[_Name], names: Sequence[str], at: int) -> bool:
    if at + len(run) > len(names):
        return False
    for position, name in enumerate(run, start=at):
        if not (names[position] == name if isinstance(name, str) else name.match(names[position])):
            return False
    return True


@lru_cache(maxsize=256)
def _expression(pattern: str) -> SchemaValidator:
    return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))


def _path_pattern(text: str) -> str:
    if not is_path_pattern(text):
        raise refused("is no pattern of paths", "write it as in CODEOWNERS, such as `src/auth/` or `*.sql`")
    return text


def _text_pattern(text: str) -> str:
    try:
        found = matches_text(text, "")
    except SchemaError:
        raise refused(
            "is no regular expression that is understood here", "mend it; there is no look-around and no back-reference"
        ) from None
    if found:
        raise refused("matches empty text, so that it demands nothing", "write what a reference looks like")
    return text


PathPattern = Annotated[str, AfterValidator(_path_pattern), Field(min_length=1, max_length=LONGEST_PATTERN)]
TextPattern = Annotated[str, AfterValidator(_text_pattern), Field(min_length=1, max_length=500)]
