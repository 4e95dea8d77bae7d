"""
What a pull request says it depends on, read from its body.

A line `Depends-on: #12, acme/api#7` (also `Depends`, `Requires` and `Blocked-by`) names what must land first, there or
in the list below it; `Closes:`, `Fixes:` and `Resolves:` count where they name a pull request. What such a line names
and nobody can read is kept, not dropped: a dependency that vanishes lets its pull request land too early. What a
comment or a code fence hides is not read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.domain.bodies import visible_lines
from tasks.domain.model import Reference, RepositoryName

MAXIMUM_NUMBER = 2**31 - 1
# Each reference may cost a question to the code host and a reason in a record of limited size.
MAXIMUM_REFERENCES = 100
MAXIMUM_UNREADABLE = 10
MAXIMUM_QUOTE = 80

_KEY = re.compile(
    r"\s*(?:[-*+]\s+)?[*_]{0,3}(?:Depends[- ]on|Blocked[- ]by|(?P<prose>Depends|Requires))[*_]{0,3}:[*_]{0,3}"
    r"(?P<value>.*)",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"\b(?:Closes|Fixes|Resolves)[*_]{0,3}:[*_]{0,3}", re.IGNORECASE)
_LIST_ITEM = re.compile(r"\s*[-*+]\s+(?:\[[ xX]\]\s+)?(?P<value>.*)")

_BETWEEN_WORDS = re.compile(r"[\s,()\[\]<>{}\"'`;|]+")
_BEFORE_WORDS = "*"
_AFTER_WORDS = "*.:!?"
_AROUND_NOTHING = " \t.*_()-\N{EN DASH}\N{EM DASH}"
_NOTHING = frozenset({"", "n/a", "na", "no", "none", "nothing"})
_SHORT = re.compile(
    r"(?:PR-|(?P<repository>(?:[A-Za-z0-9][A-Za-z0-9_-]{0,99}/)?[A-Za-z0-9._-]{1,100})?#)(?P<number>[0-9]{1,20})",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"https?://[^/]{1,255}/(?P<repository>[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9._-]{1,100})"
    r"/(?:pull|issues)/(?P<number>[0-9]{1,20})(?:[/?#].*)?",
    re.IGNORECASE,
)
_MEANT_AS_REFERENCE = re.compile(r"#|/pull/|/issues/|PR-[0-9]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Notation:
    """A reference as it is written; `repository` is `owner/name`, `name` of the same owner, or empty for its own."""

    repository: str
    number: int

    def within(self, repository: RepositoryName) -> Reference:
        """What it means in a body of `repository`, whose own spelling wins: the code host ignores case."""
        owner = repository.partition("/")[0]
        named = self.repository if "/" in self.repository else f"{owner}/{self.repository}"
        same = not self.repository or named.casefold() == repository.casefold()
        return Reference(repository if same else RepositoryName(named), self.number)


@dataclass(frozen=True, slots=True)
class DeclaredReference:
    """`closing` where only `Closes:`, `Fixes:` or `Resolves:` names it, which is mostly an issue."""

    reference: Reference
    closing: bool


@dataclass(frozen=True, slots=True)
class Declared:
    """
    `references` in the order in which they are first named, `unreadable` fit to be quoted.

    `surplus` counts what is named beyond the limits of both; a body that has some cannot be satisfied.
    """

    references: tuple[DeclaredReference, ...]
    unreadable: tuple[str, ...]
    surplus: int


def parse(body: str, repository: RepositoryName) -> Declared:
    closing: dict[Reference, bool] = {}
    unreadable: dict[str, None] = {}
    for value in _values(visible_lines(body)):
        for item in value.text.split(","):
            notations, unread = _read_item(item, prose=value.prose)
            for notation in notations:
                reference = notation.within(repository)
                closing[reference] = value.closes and closing.get(reference, True)
            if not value.closes:
                unreadable |= dict.fromkeys(unread)
    references = tuple(DeclaredReference(*named) for named in closing.items())
    surplus = max(0, len(references) - MAXIMUM_REFERENCES) + max(0, len(unreadable) - MAXIMUM_UNREADABLE)
    return Declared(references[:MAXIMUM_REFERENCES], tuple(unreadable)[:MAXIMUM_UNREADABLE], surplus)


def read_notation(word: str) -> Notation | None:
    """Reads `#12`, `PR-12`, `name#12` or `owner/name#12`; None for all else, and for numbers that cannot be."""
    return _notation(_SHORT.fullmatch(word))


def printable(text: str, limit: int = MAXIMUM_QUOTE) -> str:
    """Foreign text made fit for one line of a message: no control or formatting characters, `limit` characters."""
    # What is cut off anyway is not worth looking at.
    clean = "".join(character for character in text[: 10 * limit] if character.isprintable()).strip()
    return clean if len(clean) <= limit else f"{clean[: limit - 1]}…"


@dataclass(frozen=True, slots=True)
class _Value:
    """What stands behind a key. After `Requires` and `Depends` it may be `prose` that names no pull request at all."""

    text: str
    closes: bool = False
    prose: bool = False


def _values(lines: list[str]) -> Iterator[_Value]:
    for position, line in enumerate(lines):
        if key := _KEY.fullmatch(line):
            values = [key["value"]] if key["value"].strip() else _values_below(lines, position + 1)
            yield from (_Value(value, prose=key["prose"] is not None) for value in values)
        elif key := _CLOSING.search(line):
            yield _Value(line[key.end() :], closes=True)


def _values_below(lines: list[str], start: int) -> list[str]:
    """The list under a key without value, or one line; after a blank line only if it begins with a reference."""
    first = next((position for position in range(start, len(lines)) if lines[position].strip()), len(lines))
    items: list[str] = []
    for position in range(first, len(lines)):
        item = _LIST_ITEM.fullmatch(lines[position])
        # A list item that is itself a key begins a value of its own, and would otherwise be read again for each.
        if item is None or _KEY.fullmatch(lines[position]):
            break
        items.append(item["value"])
    if items and first == start:
        return items
    values = items or lines[first : first + 1]
    return values if values and _begins_with_reference(values[0]) else []


def _begins_with_reference(text: str) -> bool:
    words = _words(text)
    return bool(words) and _read_word(words[0]) is not None


def _words(text: str) -> list[str]:
    parts = _BETWEEN_WORDS.split(text)
    return [word for part in parts if (word := part.lstrip(_BEFORE_WORDS).rstrip(_AFTER_WORDS))]


def _read_item(item: str, *, prose: bool) -> tuple[list[Notation], list[str]]:
    """The references of one item, and what of it cannot be read: words meant as one, or all of it if there is none."""
    if item.strip(_AROUND_NOTHING).casefold() in _NOTHING:
        return [], []
    notations: list[Notation] = []
    unread: list[str] = []
    for word in _words(item):
        notation = _read_word(word)
        if notation is not None:
            notations.append(notation)
        elif _MEANT_AS_REFERENCE.search(word):
            unread.append(printable(word))
    return notations, unread or ([] if notations or prose else [printable(item)])


def _read_word(word: str) -> Notation | None:
    return read_notation(word) or _notation(_ADDRESS.fullmatch(word))


def _notation(found: re.Match[str] | None) -> Notation | None:
    if found is None:
        return None
    repository, number = found["repository"] or "", int(found["number"])
    named = repository.rpartition("/")[2] not in {".", ".."}
    return Notation(repository, number) if named and 0 < number <= MAXIMUM_NUMBER else None
