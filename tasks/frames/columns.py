"""
Of what the report's tables are made: a column has a kind, which says its type and unit, and a meaning in one sentence.

| kind | type in a frame | unit |
|---|---|---|
| text | `str` | |
| count | `Int64` | pieces |
| seconds | `float64` | seconds |
| share | `float64` | 0 to 1 |
| number | `float64` | as the meaning says |
| moment | `datetime64[us, UTC]` | |
| truth | `boolean` | |

What is missing is missing (NaN, NA, NaT), never zero.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    TEXT = "text"
    COUNT = "count"
    SECONDS = "seconds"
    SHARE = "share"
    NUMBER = "number"
    MOMENT = "moment"
    TRUTH = "truth"


DTYPES = {
    Kind.TEXT: "str",
    Kind.COUNT: "Int64",
    Kind.SECONDS: "float64",
    Kind.SHARE: "float64",
    Kind.NUMBER: "float64",
    Kind.MOMENT: "datetime64[us, UTC]",
    Kind.TRUTH: "boolean",
}


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """`keys` are the first columns; a table has one row for each of their combinations, and is sorted by them."""

    name: str
    meaning: str
    keys: tuple[Column, ...]
    values: tuple[Column, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        return (*self.keys, *self.values)


def texts(**meanings: str) -> tuple[Column, ...]:
    return _each(Kind.TEXT, meanings)


def counts(**meanings: str) -> tuple[Column, ...]:
    return _each(Kind.COUNT, meanings)


def seconds(**meanings: str) -> tuple[Column, ...]:
    return _each(Kind.SECONDS, meanings)


def numbers(**meanings: str) -> tuple[Column, ...]:
    return _each(Kind.NUMBER, meanings)


def moments(**meanings: str) -> tuple[Column, ...]:
    return _each(Kind.MOMENT, meanings)


def truths(**meanings: str) -> tuple[Column, ...]:
    return _each(Kind.TRUTH, meanings)


def rate(name: str, meaning: str) -> tuple[Column, ...]:
    """A share of a count: `name`, then `_n`, `_k` and its 95 % interval; where n is 0, all but n and k are missing."""
    return (
        Column(name, Kind.SHARE, meaning),
        Column(f"{name}_n", Kind.COUNT, "Of how many."),
        Column(f"{name}_k", Kind.COUNT, "How many of them."),
        Column(f"{name}_low", Kind.SHARE, "Lower end of its 95 % interval (Wilson)."),
        Column(f"{name}_high", Kind.SHARE, "Upper end of its 95 % interval (Wilson)."),
    )


def times(name: str, meaning: str, percentiles: Sequence[int] = (50, 90)) -> tuple[Column, ...]:
    """
    Durations in seconds: `_n`, `_mean`, and of each percentile its value and its 95 % interval by order statistics.

    A percentile of too few values is missing: under 5 for p50, 10 for p75, 20 for p90, 50 for p95.
    """
    return (
        Column(f"{name}_n", Kind.COUNT, f"{meaning} Of how many it is known."),
        Column(f"{name}_mean", Kind.SECONDS, "Mean; only means may be added."),
        *(column for percentile in percentiles for column in _percentile(name, percentile)),
    )


def _percentile(name: str, percentile: int) -> Iterable[Column]:
    yield Column(f"{name}_p{percentile}", Kind.SECONDS, f"{percentile} % of them took no longer.")
    yield Column(f"{name}_p{percentile}_low", Kind.SECONDS, "Lower end of its 95 % interval.")
    yield Column(f"{name}_p{percentile}_high", Kind.SECONDS, "Upper end of its 95 % interval.")


def _each(kind: Kind, meanings: dict[str, str]) -> tuple[Column, ...]:
    return tuple(Column(name, kind, meaning) for name, meaning in meanings.items())
