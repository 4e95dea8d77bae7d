"""
How much of what strangers can make long a record takes in.

An event too large for the log would stop a repository.
"""

from collections.abc import Sequence
from itertools import accumulate

from pydantic import JsonValue

from tasks.domain.canonical import canonical_json
from tasks.domain.dependencies import printable

TITLE_LENGTH = 200
MESSAGE_LENGTH = 2_000
LISTED_BYTES = 32_768


def bounded(text: str) -> str:
    return printable(text, MESSAGE_LENGTH)


def listed(name: str, entries: Sequence[JsonValue]) -> dict[str, JsonValue]:
    """The first of `entries`, as many as an event has room for, and how many more there are."""
    ends = accumulate(len(canonical_json(entry)) + 1 for entry in entries)
    fitting = sum(1 for end in ends if end <= LISTED_BYTES)
    more = len(entries) - fitting
    return {name: list(entries[:fitting])} | ({f"{name}_more": more} if more else {})
