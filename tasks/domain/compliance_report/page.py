"""A page in plain words and cells, of which Markdown and HTML are two renderings."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """Said in words as well: nobody depends on colours."""

    GOOD = "good"
    BAD = "bad"
    OPEN = "open"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Mark:
    text: str
    tone: Tone


Cell = str | Mark


@dataclass(frozen=True, slots=True)
class Table:
    """`numbers` are the columns that are set to the right; `unlisted` rows are elsewhere, as `where` says."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: frozenset[int] = frozenset()
    unlisted: int = 0
    where: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """`nothing` is said where the table has no row."""

    heading: str
    lines: tuple[str, ...] = ()
    table: Table | None = None
    nothing: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    name: str
    value: str
    note: str
    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class Page:
    title: str
    scope: tuple[str, ...]
    tiles: tuple[Tile, ...]
    parts: tuple[Part, ...]


MAXIMUM_ROWS = 200


def table(*heads: str, rows: Sequence[Sequence[Cell]], numbers: Sequence[int] = (), where: str = "") -> Table:
    shown = tuple(tuple(row) for row in rows[:MAXIMUM_ROWS])
    return Table(heads, shown, frozenset(numbers), max(0, len(rows) - MAXIMUM_ROWS), where)


def short(digest: str) -> Mark:
    """As much of a commit or digest as people compare."""
    return Mark(digest.removeprefix("sha256:")[:12] or "none", Tone.CODE)


def plain(sentence: str) -> str:
    """Of ours, without the marks around what can be typed."""
    return sentence.replace("`", "")


def minute(time: str) -> str:
    """Of a time as the log writes it; empty for none."""
    return f"{time[:10]} {time[11:16]}" if time else ""
