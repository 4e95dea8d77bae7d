"""
GitHub's way to hand out a list: connections with cursors.

A cursor holds the sort key of its item, so that a page goes on after it even when items before it have left the list.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

LARGEST = 100


@dataclass(frozen=True, slots=True)
class Window:
    """The arguments every connection takes."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class Edge:
    cursor: str
    node: Any


class Connection:
    """`key` sorts as the items are sorted (`descending` if from large to small); without it the position counts."""

    def __init__(
        self,
        items: Sequence[Any],
        make: Callable[[Any], Any],
        window: Window,
        *,
        key: Callable[[Any], Any] | None = None,
        descending: bool = False,
    ) -> None:
        _refuse(window)
        keys = [key(item) if key else position for position, item in enumerate(items)]
        chosen = [
            position
            for position, value in enumerate(keys)
            if (window.after is None or _beyond(value, window.after, descending=descending))
            and (window.before is None or _beyond(value, window.before, descending=not descending))
        ]
        cut = chosen
        if window.first is not None:
            cut = cut[: window.first]
        if window.last is not None:
            cut = cut[max(len(cut) - window.last, 0) :]
        self._bounded = window.first is not None or window.last is not None
        self.total_count = len(items)
        self.chosen = [items[position] for position in cut]
        self._make = make
        self._cursors = [_cursor(keys[position]) for position in cut]
        self._has_next = bool(cut) and cut[-1] < len(items) - 1
        self._has_previous = bool(cut) and cut[0] > 0
        self._nodes: list[Any] | None = None

    def nodes(self) -> list[Any]:
        """The count alone may be asked without a page size; the items may not."""
        if not self._bounded:
            message = "You must provide a `first` or `last` value to properly paginate this connection."
            raise GraphQLError(message, extensions={"type": "MISSING_PAGINATION_BOUNDARIES"})
        if self._nodes is None:
            self._nodes = [self._make(item) for item in self.chosen]
        return self._nodes

    def edges(self) -> list[Edge]:
        return [Edge(cursor, node) for cursor, node in zip(self._cursors, self.nodes(), strict=True)]

    def page_info(self) -> PageInfo:
        ends = (self._cursors[0], self._cursors[-1]) if self._cursors else (None, None)
        return PageInfo(self._has_next, self._has_previous, *ends)

    def issue_count(self) -> int:
        return self.total_count


def _refuse(window: Window) -> None:
    for name in ("first", "last"):
        value = getattr(window, name)
        if value is not None and value > LARGEST:
            message = f"Requesting {value} records on this connection exceeds the `{name}` limit of {LARGEST} records."
            raise GraphQLError(message, extensions={"type": "EXCESSIVE_PAGINATION"})
        if value is not None and value < 0:
            raise GraphQLError(f"`{name}` cannot be negative.", extensions={"type": "INVALID_CURSOR_ARGUMENTS"})


def _cursor(value: Any) -> str:
    return base64.b64encode(b"cursor:v2:" + json.dumps(value).encode()).decode()


def _beyond(value: Any, cursor: str, *, descending: bool) -> bool:
    try:
        text = base64.b64decode(cursor, validate=True).decode().removeprefix("cursor:v2:")
        mark = json.loads(text)
        normal = json.loads(json.dumps(value))
        return bool(normal < mark if descending else normal > mark)
    except (binascii.Error, UnicodeDecodeError, ValueError, TypeError) as error:
        message = f"`{cursor}` does not appear to be a valid cursor."
        raise GraphQLError(message, extensions={"type": "INVALID_CURSOR_ARGUMENTS"}) from error
