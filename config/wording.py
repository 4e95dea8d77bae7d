"""What pydantic found wrong, in words that need no knowledge of pydantic: a message and a remedy."""

import difflib
import json
import re
from collections.abc import Sequence
from typing import Any

from pydantic_core import ErrorDetails

_SHAPES = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "`true` or `false`",
    "tuple_type": "a list",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
}
_LIMITS = {
    "greater_than": "greater than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
}
_LONGEST_SHOWN = 60


def told(detail: ErrorDetails, *, secret: bool) -> tuple[str, str]:
    """With `secret`, the message does not repeat what was written."""
    context: dict[str, Any] = detail.get("ctx", {})
    value = context.get("tag", detail["input"])
    unlike = "" if secret else f", not {_shown(value)}"
    match detail["type"]:
        case kind if kind in _SHAPES:
            message, remedy = f"must be {_SHAPES[kind]}{unlike}", _mended(kind, value)
        case kind if kind in _LIMITS:
            words = _LIMITS[kind].format(**context)
            message, remedy = f"must be {words}{unlike}", f"write a number {words}"
        case "enum" | "literal_error" | "union_tag_invalid":
            choices = re.findall(r"'([^']*)'", context.get("expected") or context["expected_tags"])
            message, remedy = _not_a_choice(choices, str(value), unlike)
        case "refused":
            sentence = context["sentence"]
            message = f"{sentence}{unlike}" if sentence.startswith("must be ") else sentence
            remedy = context["remedy"]
        case "missing" | "union_tag_not_found":
            message, remedy = "is missing", "add it"
        case "too_short":
            message, remedy = "must not be an empty list", "list at least one"
        case _:
            message, remedy = detail["msg"][:1].lower() + detail["msg"][1:], "correct it"
    return message, remedy


def likely(name: str, known: Sequence[str]) -> str:
    """The nearest known name as a question, or all of them."""
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if nearest:
        return f"did you mean `{nearest[0]}`?"
    return f"known are {listed(known)}" if known else "remove it"


def listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _mended(kind: str, value: object) -> str:
    match kind, value:
        case "string_type", bool() | int() | float():
            return "put it in quotes"
        case "tuple_type", str():
            return "put it in brackets: `[…]`"
        case "int_type", str() if value.isdigit():
            return "remove the quotes"
        case "bool_type", str():
            return "write `true` or `false`, without quotes"
        case _:
            return f"write {_SHAPES[kind]} here"


def _not_a_choice(choices: Sequence[str], given: str, unlike: str) -> tuple[str, str]:
    # `true` is the only choice that is no text.
    only = choices[0] if choices else "true"
    if len(choices) < 2:  # noqa: PLR2004 - one choice is no choice
        return f"must be `{only}`{unlike}", f"write `{only}`"
    nearest = likely(given, choices)
    remedy = "choose one of them" if nearest.startswith("known") else nearest
    return f"must be one of {listed(choices)}{unlike}", remedy


def _shown(value: object) -> str:
    match value:
        case dict():
            return "a mapping"
        case list():
            return "a list" if value else "an empty list"
        case str() if len(value) > _LONGEST_SHOWN:
            return json.dumps(value[:_LONGEST_SHOWN] + "…", ensure_ascii=False)
        case _:
            return json.dumps(value, ensure_ascii=False)
