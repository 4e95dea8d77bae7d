"""From a file's content to its model, or to problems, each with its line, its key and a remedy."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.errors import Problem
from config.schema.credentials import KEPT
from config.schema.values import Section
from config.wording import likely, told
from config.yaml12 import Content, KeyPath, Place

Model = TypeVar("Model", bound=Section)

# What stands here may be an address with a token in it, in its place or not; no message repeats it.
_PRIVATE: tuple[KeyPath, ...] = (("notifications",), ("credentials",), ("audit", "database"), ("metrics", "database"))
# Where the format says "one of several kinds", pydantic puts the kind's name into the path of an error.
_CODE_HOST = ("credentials", "code_host")
_TOLD = (
    ("notifications", "slack", "webhook"),
    ("notifications", "email", "password"),
    ("audit", "database"),
    ("metrics", "database"),
)
_RULES = (("rules", 0), ("policies", "rules", 0))
_KINDS = frozenset(
    {("audit", "storage"), _CODE_HOST}
    | {(*rule, *key) for rule in _RULES for key in ((), ("with", "passed"))}
    | {("post_landing", 0)}
    | {(*_CODE_HOST, place, *login) for place in ("place", "key") for login in ((), ("login",))}
    | {(*told, *login) for told in _TOLD for login in ((), ("login",))}
)


@dataclass(frozen=True)
class Draft:
    """A file as far as it is sound. `flawed` are the places that a problem names."""

    file: str
    content: Content
    flawed: frozenset[KeyPath]

    def problem(self, path: KeyPath, message: str, remedy: str) -> Problem:
        return _problem(self.file, self.content, path, message, remedy)

    def at(self, *path: str | int) -> Any:
        """None where nothing is written, or where it or what it stands in is wrong."""
        value: Any = self.content.value
        if self._is_in_a_flaw(path):
            return None
        for part in path:
            if part not in (value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)):
                return None
            value = value[part]
        return value

    def texts(self, *path: str | int) -> Iterator[tuple[int, str]]:
        """The sound ones of a list, each with its position."""
        for position in range(len(self.at(*path) or ())):
            text = self.at(*path, position)
            if isinstance(text, str):
                yield position, text

    def is_whole(self, *path: str | int) -> bool:
        """Whether nothing is wrong with it, within it or around it; of a list, every item is known then."""
        return path not in self._touched and not self._is_in_a_flaw(path)

    def _is_in_a_flaw(self, path: KeyPath) -> bool:
        return any(path[:length] in self.flawed for length in range(len(path) + 1))

    @cached_property
    def _touched(self) -> frozenset[KeyPath]:
        return frozenset(flaw[:length] for flaw in self.flawed for length in range(len(flaw) + 1))


@dataclass(frozen=True)
class Source(Draft, Generic[Model]):
    """A file that is valid by itself."""

    model: Model


def validated(file: str, content: Content, model: type[Model]) -> tuple[Draft | Source[Model], tuple[Problem, ...]]:
    """A source when there is no problem: half a file is never used."""
    problems = [_at(file, flaw.place, flaw.path, flaw.message, flaw.remedy) for flaw in content.flaws]
    flawed = {flaw.path for flaw in content.flaws}
    if content.value is None:
        return Draft(file, content, frozenset(flawed)), tuple(problems)
    try:
        valid = model.model_validate(content.value, by_alias=True, by_name=False)
    except ValidationError as error:
        told = [(_path(detail), detail) for detail in error.errors(include_url=False)]
        for path, detail in told:
            # A list whose items are all wrong is "too short" to pydantic, which says so beside what is wrong with them.
            if path not in flawed and not (detail["type"] == "too_short" and detail["input"]):
                problems.append(_problem(file, content, path, *_told(model, content, detail, path)))
        return Draft(file, content, frozenset(flawed | {path for path, _ in told})), tuple(problems)
    if problems:
        return Draft(file, content, frozenset(flawed)), tuple(problems)
    return Source(file, content, frozenset(), valid), ()


def spelled(path: KeyPath) -> str:
    """`team.repos[1]`; a key with other characters stands in quotes."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{_quoted(part)}" for part in path).removeprefix(".")


def _quoted(key: str) -> str:
    return key if re.fullmatch(r"[\w-]{1,60}", key) else json.dumps(key[:60])


def _problem(file: str, content: Content, path: KeyPath, message: str, remedy: str) -> Problem:
    """At the value, or at the nearest mapping around it when it is missing."""
    around = (content.places.get(path[:length]) for length in range(len(path), -1, -1))
    return _at(file, next((place for place in around if place), None), path, message, remedy)


def _at(file: str, place: Place | None, path: KeyPath, message: str, remedy: str) -> Problem:
    line, column = (place.line, place.column) if place else (None, None)
    return Problem(file=file, line=line, column=column, key=spelled(path), message=message, remedy=remedy)


def _is_one_of_several_kinds(path: KeyPath) -> bool:
    return tuple(0 if isinstance(part, int) else part for part in path) in _KINDS


def _path(detail: ErrorDetails) -> KeyPath:
    path: KeyPath = ()
    parts = iter(detail["loc"])
    for part in parts:
        path = (*path, part)
        # Of what is kept somewhere, the kind of its place follows.
        if _is_one_of_several_kinds(path) and next(parts, None) == KEPT:
            next(parts, None)
    if detail["type"].startswith("union_tag"):
        path = (*path, detail["ctx"]["discriminator"].strip("'"))
    if path[-1:] == ("[key]",) and detail["type"] != "extra_forbidden":
        path = path[:-1]
    return (*path, *detail.get("ctx", {}).get("at", ()))


def _told(model: type[Section], content: Content, detail: ErrorDetails, path: KeyPath) -> tuple[str, str]:
    if detail["type"] == "extra_forbidden":
        return "is not a known key", likely(str(path[-1]), _known_keys(model, content.value, path[:-1]))
    return told(detail, secret=any(path[: len(private)] == private for private in _PRIVATE))


def _known_keys(model: type[Section], value: Any, path: KeyPath) -> list[str]:
    sections = [model]
    for part in path:
        value = value[part]
        sections = [found for section in sections for found in _below(section, part)] or sections
        sections = [section for section in sections if _is_kind(section, value)] or sections
    return sorted({field.alias or name for section in sections for name, field in section.model_fields.items()})


def _below(section: type[Section], key: str | int) -> Iterator[type[Section]]:
    for name, field in section.model_fields.items():
        if key == (field.alias or name):
            yield from _sections_in(field.annotation)


def _sections_in(annotation: Any) -> Iterator[type[Section]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for argument in get_args(annotation):
        yield from _sections_in(argument)


def _is_kind(section: type[Section], value: Any) -> bool:
    """Of several kinds of section, whether it is the one that the value says it is."""
    if not isinstance(value, dict):
        return True
    named = [(value.get(name), section.model_fields.get(name)) for name in ("check", "type")]
    return all(kind in get_args(field.annotation) for kind, field in named if field is not None)
