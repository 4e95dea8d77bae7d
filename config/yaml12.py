"""
YAML 1.2 with its core schema, on PyYAML, which by itself reads 1.1: there `on` is true, `012` is ten and `1:30` is 90.

JSON is YAML here, tabs included. Where each value stands is kept, so that a problem can name its line.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml
from yaml.composer import Composer
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

KeyPath: TypeAlias = tuple[str | int, ...]

LARGEST_FILE = 256 * 1024
# What aliases may expand to: without a bound, ten lines of YAML can stand for a billion values.
_MOST_VALUES = 20_000
_DEEPEST = 40
_LONGEST_TOLD = 100
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Place:
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with the text itself, whatever it means."""

    place: Place | None
    path: KeyPath
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Content:
    """`value` is None when the text could not be read. A key of a mapping stands in `places` under its value's path."""

    value: object
    places: Mapping[KeyPath, Place]
    flaws: tuple[Flaw, ...]


class _CoreLoader(Reader, Scanner, Parser, Composer, BaseResolver):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)
        self._depth = 0

    def scan_to_next_token(self) -> None:
        super().scan_to_next_token()
        # A tab separates tokens; it may not indent a block, and only there a simple key could begin.
        while self.peek() == "\t" and (self.flow_level or not self.allow_simple_key):
            self.forward()
            super().scan_to_next_token()

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        if self._depth > _DEEPEST:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # the stubs leave it out
            raise yaml.MarkedYAMLError(problem=f"nested more than {_DEEPEST} levels deep", problem_mark=mark)
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


for _name, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
):
    _CoreLoader.add_implicit_resolver(_TAG + _name, re.compile(rf"(?:{_pattern})\Z"), _first)


def _integer(text: str) -> int:
    return int(text, 8 if text.startswith("0o") else 16) if text[:2] in {"0o", "0x"} else int(text)


def _text(text: str) -> str:
    # JSON writes a character beyond the first plane as two escapes; PyYAML leaves them as two halves.
    return text.encode("utf-16", "surrogatepass").decode("utf-16")


_SCALARS = {
    f"{_TAG}null": lambda _: None,
    f"{_TAG}bool": lambda text: {"true": True, "false": False}[text.lower()],
    f"{_TAG}int": _integer,
    f"{_TAG}float": lambda text: float(re.sub(r"\.(inf|nan)$", r"\1", text.lower())),
    f"{_TAG}str": _text,
}


class _TooMuchError(Exception):
    pass


@dataclass(slots=True)
class _Builder:
    places: dict[KeyPath, Place] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)

    def built(self, node: Node, path: KeyPath) -> object:
        self.places.setdefault(path, _place(node.start_mark))
        if len(self.places) > _MOST_VALUES or len(path) > _DEEPEST:
            raise _TooMuchError
        match node:
            case MappingNode(tag="tag:yaml.org,2002:map"):
                return self._mapping(node, path)
            case SequenceNode(tag="tag:yaml.org,2002:seq"):
                return [self.built(item, (*path, position)) for position, item in enumerate(node.value)]
            case _:
                return self._scalar(node, path)

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[str, object]:
        mapping: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key is None:
                continue
            place = _place(key_node.start_mark)
            if key in mapping:
                first = self.places[*path, key].line
                self._flaw(place, (*path, key), f"stands here again, first in line {first}", "keep one of them")
                continue
            self.places[*path, key] = place
            mapping[key] = self.built(value_node, (*path, key))
        return mapping

    def _key(self, node: Node, path: KeyPath) -> str | None:
        if isinstance(node, ScalarNode) and node.tag == f"{_TAG}str":
            return str(self._scalar(node, path))
        self._flaw(_place(node.start_mark), path, "has a key that is not text", "put the key in quotes")
        return None

    def _scalar(self, node: Node, path: KeyPath) -> object:
        if not isinstance(node, ScalarNode) or node.tag not in _SCALARS:
            self._flaw(
                _place(node.start_mark), path, f"has the tag {node.tag[:_LONGEST_TOLD]!r}", "write the plain value"
            )
            return None
        try:
            value = _SCALARS[node.tag](node.value)
        except (ValueError, KeyError, OverflowError):
            kind = node.tag.removeprefix(_TAG)
            message = f"is no value of the kind `{kind}`"
            self._flaw(_place(node.start_mark), path, message, "put it in quotes, or mend it")
            return None
        if value is None:
            remedy = "give it one or leave the key out; text that begins with # needs quotes"
            self._flaw(self.places.get(path), path, "has no value", remedy)
        return value

    def _flaw(self, place: Place | None, path: KeyPath, message: str, remedy: str) -> None:
        self.flaws.append(Flaw(place, path, message, remedy))


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def parse(raw: bytes) -> Content:
    """One document. Never raises: what cannot be read is a flaw."""
    if len(raw) > LARGEST_FILE:
        return _unreadable(None, f"is larger than {LARGEST_FILE // 1024} KiB", "split it, or remove what is no setting")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Place(raw.count(b"\n", 0, error.start) + 1, 1)
        return _unreadable(place, f"is not UTF-8: byte 0x{raw[error.start]:02x}", "save it as UTF-8")
    return _parsed(text)


def _parsed(text: str) -> Content:
    try:
        node = _CoreLoader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        return _not_yaml(_place(error.problem_mark) if error.problem_mark else None, _story(error))
    except yaml.reader.ReaderError as error:
        return _not_yaml(Place(text.count("\n", 0, error.position) + 1, 1), "a control character")
    except (ValueError, OverflowError):
        return _not_yaml(None, "a number or an escape is out of range")
    if node is None:
        return _unreadable(Place(1, 1), "is empty", "write the settings into it, or remove it")
    return _of(node)


def _of(node: Node) -> Content:
    builder = _Builder()
    try:
        value = builder.built(node, ())
    except _TooMuchError:
        return _unreadable(_place(node.start_mark), "expands to too many values", "write them out, without aliases")
    return Content(value, builder.places, tuple(builder.flaws))


def _story(error: yaml.MarkedYAMLError) -> str:
    begun = f" (line {error.context_mark.line + 1})" if error.context_mark else ""
    context = f"{error.context}{begun}: " if error.context else ""
    return f"{context}{(error.problem or '')[:_LONGEST_TOLD]}"


def _not_yaml(place: Place | None, problem: str) -> Content:
    return _unreadable(place, f"is not YAML: {problem}", "look at indentation, quotes and brackets before this place")


def _unreadable(place: Place | None, message: str, remedy: str) -> Content:
    return Content(None, {}, (Flaw(place, (), message, remedy),))
