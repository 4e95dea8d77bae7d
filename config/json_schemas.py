"""
The JSON Schemas of the files, for editors and other programs; they stand generated in `config/schemas/`.

`python -m config.json_schemas` writes them anew.
"""

import json
from pathlib import Path
from typing import Any

from config.schema import AccessFile, GlobalFile, PolicyFile, SignersFile, TeamFile, WaiversFile
from config.schema.values import Section

_FILES: dict[str, type[Section]] = {
    "access.schema.json": AccessFile,
    "global.schema.json": GlobalFile,
    "policy.schema.json": PolicyFile,
    "signers.schema.json": SignersFile,
    "team.schema.json": TeamFile,
    "waivers.schema.json": WaiversFile,
}


def json_schemas() -> dict[str, dict[str, Any]]:
    """By file name. A key without a value is refused by the loader, so no schema allows null."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {name: dialect | _without_null(model.model_json_schema(by_alias=True)) for name, model in _FILES.items()}


def rendered(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _without_null(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_null(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _without_null(part) for key, part in schema.items() if (key, part) != ("default", None)}
    choices = [choice for choice in kept.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) != 1:
        return kept
    del kept["anyOf"]
    return choices[0] | kept


def main() -> None:
    directory = Path(__file__).parent / "schemas"
    directory.mkdir(exist_ok=True)
    for name, schema in json_schemas().items():
        (directory / name).write_text(rendered(schema), encoding="utf-8")


if __name__ == "__main__":
    main()
