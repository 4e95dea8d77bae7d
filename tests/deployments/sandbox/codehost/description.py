"""GitHub's OpenAPI description, asked whether an exchange could have been with GitHub."""

import json
import re
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

SLICE = Path(__file__).parents[1] / "openapi" / "slice.json"
GREEDY = ("ref", "path", "basehead", "branch")
# Answers that any path may give without GitHub's description listing them one by one.
ANYWHERE = {"301", "304", "401", "403", "404", "422", "501"}


class Description:
    def __init__(self, text: str) -> None:
        document = json.loads(text.replace('"#/', '"urn:slice#/'), object_hook=_as_meant)
        self.registry: Registry[Any] = Registry[Any]().with_resource("urn:slice", DRAFT202012.create_resource(document))
        self.document = document
        self.paths = sorted(
            ((_pattern(path), operations) for path, operations in document["paths"].items()),
            key=lambda item: (item[0].pattern.count("(.+)"), -len(item[0].pattern)),
        )

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        for pattern, operations in self.paths:
            if pattern.fullmatch(path) and method.lower() in operations:
                found: dict[str, Any] = operations[method.lower()]
                return found
        return None

    def complain(self, method: str, path: str, status: int, payload: Any) -> list[str]:
        operation = self.operation(method, path)
        if operation is None:
            return []
        response = operation["responses"].get(str(status))
        if response is None:
            return [] if str(status) in ANYWHERE else [f"{method} {path}: status {status} is not declared"]
        while "$ref" in response:
            response = self.document["components"]["responses"][response["$ref"].rsplit("/", 1)[-1]]
        schema = response.get("content", {}).get("application/json", {}).get("schema")
        if schema is None or payload is None:
            return []
        validator = OAS30Validator(schema, registry=self.registry, format_checker=oas30_format_checker)
        return [
            f"{method} {path}: {error.json_path}: {error.message[:300]}" for error in validator.iter_errors(payload)
        ]


def _as_meant(schema: dict[str, Any]) -> dict[str, Any]:
    """
    Two things that the description says and its answers do not hold to.

    `nullable` lets null stand beside the values of an enum; `oneOf` has alternatives that do not exclude one another,
    and a discriminator that a list does not have.
    """
    if isinstance(schema.get("oneOf"), list):
        schema["anyOf"] = schema.pop("oneOf")
        schema.pop("discriminator", None)
    if schema.get("nullable") is True and isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    return schema


def _pattern(path: str) -> re.Pattern[str]:
    expression = re.escape(path)
    for name in re.findall(r"\{(\w+)\}", path):
        expression = expression.replace(rf"\{{{name}\}}", "(.+)" if name in GREEDY else "([^/]+)")
    return re.compile(expression)
