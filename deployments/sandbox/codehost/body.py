"""A request's JSON body, read with GitHub's refusals: 400 for no JSON, 422 for what does not fit."""

import json
from collections.abc import Sequence
from typing import Any

from .clock import epoch, timestamp
from .errors import Invalid, Refusal


class Body:
    def __init__(self, document: Any) -> None:
        self.document = document

    @classmethod
    def parse(cls, raw: bytes) -> "Body":
        if not raw.strip():
            return cls({})
        try:
            return cls(json.loads(raw))
        except ValueError as error:
            raise Refusal(400, "Problems parsing JSON") from error

    @property
    def fields(self) -> dict[str, Any]:
        if not isinstance(self.document, dict):
            raise Invalid(message="Invalid request.\n\nBody should be a JSON object.")
        return self.document

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def raw(self, name: str, default: Any = None) -> Any:
        return self.fields.get(name, default)

    def text(self, name: str, *, resource: str) -> str:
        """Required, and not blank."""
        value = self.fields.get(name)
        if value is None or value == "":
            raise Invalid.field(resource, name, "missing_field")
        if not isinstance(value, str):
            raise _wrong_type(name, "a string", value)
        return value

    def optional_text(self, name: str, default: str | None = None) -> str | None:
        value = self.fields.get(name, default)
        if value is not None and not isinstance(value, str):
            raise _wrong_type(name, "a string", value)
        return value

    def boolean(self, name: str, *, default: bool = False) -> bool:
        value = self.fields.get(name, default)
        if not isinstance(value, bool):
            raise _wrong_type(name, "a boolean", value)
        return value

    def texts(self, name: str) -> list[str]:
        value = self.fields.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise _wrong_type(name, "an array of strings", value)
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """Empty when it is not there."""
        value = self.fields.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise _wrong_type(name, "an object", value)
        return value

    def moment(self, name: str, default: str | None = None) -> str | None:
        value = self.optional_text(name)
        if value is None:
            return default
        try:
            return timestamp(epoch(value))
        except ValueError as error:
            raise _wrong_type(name, "a time", value) from error

    def one_of(self, name: str, allowed: Sequence[str], *, default: str | None = None) -> str:
        value = self.fields.get(name, default)
        if value not in allowed:
            listed = ", ".join(allowed)
            raise Invalid(message=f"Invalid request.\n\n{value!r} is not a possible value of {name}: {listed}.")
        return str(value)


def _wrong_type(name: str, wanted: str, value: Any) -> Invalid:
    return Invalid(message=f"Invalid request.\n\nFor '{name}', {json.dumps(value)} is not {wanted}.")
