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
    shown = "what stands here" if secret else _shown(value)
    match detail["type"]:
        case "string_type" if not isinstance(value, dict | list):
            message, remedy = f"must be text, not {shown}", "put it in quotes"
        case kind if kind in _SHAPES:
            message, remedy = f"must be {_SHAPES[kind]}, not {shown}", "correct it"
        case kind if kind in _LIMITS:
            message, remedy = f"must be {_LIMITS[kind].format(**context)}, not {shown}", "correct it"
        case "enum" | "literal_error" | "union_tag_invalid":
            choices = re.findall(r"'([^']*)'", context.get("expected") or context["expected_tags"])
            message, remedy = _not_a_choice(choices, str(value), shown)
        case "refused":
            sentence = context["sentence"]
            message, remedy = f"{sentence}, not {shown}" if sentence.startswith("must be ") else sentence, "correct it"
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


def _not_a_choice(choices: Sequence[str], given: str, shown: str) -> tuple[str, str]:
    if not choices:
        return f"must be `true`, not {shown}", "correct it"
    if len(choices) == 1:
        return f"must be `{choices[0]}`, not {shown}", f"write `{choices[0]}`"
    return f"must be one of {listed(choices)}, not {shown}", likely(given, choices)


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
