"""
Patterns of paths and of text.

A pattern of paths means what it means in a CODEOWNERS file: a slash at its beginning or in its middle ties it to the
root, `*` stops at a slash, `**` does not, and what names a directory names everything below it. There is no negation
and no class of characters. A pattern of text is a regular expression of the engine that pydantic brings: it never takes
longer than the text is long, whoever wrote the text.
"""

import re
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import SchemaError, SchemaValidator, core_schema

from config.schema.values import refused

_NOT_IN_A_PATTERN = re.compile(r"[\x00-\x1f\x7f]|^[!#]|[\[\]]|\\$")
_PARTS = re.compile(r"\*\*|\*|\?|\\.|[^*?\\]+", re.DOTALL)


def matches_path(pattern: str, path: str) -> bool:
    return _compiled(pattern).fullmatch(path) is not None


def matches_text(pattern: str, text: str) -> bool:
    """Whether it matches anywhere in `text`."""
    return _expression(pattern).isinstance_python(text)


def is_path_pattern(text: str) -> bool:
    return bool(text.strip("/")) and _NOT_IN_A_PATTERN.search(text) is None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    body = pattern.strip("/")
    anchored = "/" in pattern.rstrip("/")
    segments = body.split("/")
    expression = "" if anchored else "(?:.*/)?"
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        if segment == "**":
            expression += ".+" if last else "(?:.*/)?"
        else:
            expression += _segment(segment) + ("" if last else "/")
    return re.compile(expression + _ending(pattern, segments[-1]), re.DOTALL)


def _segment(segment: str) -> str:
    return "".join(_part(part) for part in _PARTS.findall(segment))


def _part(part: str) -> str:
    match part:
        case "*" | "**":
            return "[^/]*"
        case "?":
            return "[^/]"
        case _:
            return re.escape(part.removeprefix("\\") if len(part) > 1 else part)


def _ending(pattern: str, last: str) -> str:
    """`docs/` is what is below it, `docs/*` only what is directly in it, and `docs` the file or all below it."""
    if last == "**":
        return ""
    if pattern.endswith("/"):
        return "/.+"
    return "" if last == "*" and "/" in pattern else "(?:/.+)?"


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


PathPattern = Annotated[str, AfterValidator(_path_pattern), Field(min_length=1, max_length=500)]
TextPattern = Annotated[str, AfterValidator(_text_pattern), Field(min_length=1, max_length=500)]
