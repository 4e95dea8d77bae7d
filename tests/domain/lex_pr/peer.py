"""
lex-pr as recorded: its plan schema and its merge order, written from the recorded cases and checked against them.

It is the judge of the plans that we write in its format, so it shares no code with what writes them.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

CASES: dict[str, Any] = json.loads(Path(__file__).with_name("lex-pr-cases.json").read_text(encoding="utf-8"))["groups"]
ZOD_CODES = {
    "missing": "invalid_type",
    "string_type": "invalid_type",
    "list_type": "invalid_type",
    "model_type": "invalid_type",
    "extra_forbidden": "unrecognized_keys",
    "string_pattern_mismatch": "invalid_string",
    "literal_error": "invalid_enum_value",
    "greater_than_equal": "too_small",
}


def cases(group: str) -> list[Any]:
    found: list[Any] = CASES[group]["cases"]
    return found


def demanded(case: dict[str, Any]) -> Any:
    """What the recording asks of us: what lex-pr does where it is right, what it should do where it is not."""
    return case["expected"] if case["verdict"] == "conform" else case["recommended"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Mount(Strict):
    source: str
    target: str
    type: Literal["bind", "volume"] = "bind"


class Container(Strict):
    image: str
    entrypoint: list[str] = []
    mounts: list[Mount] = []


class PeerGate(Strict):
    name: str
    run: str
    cwd: str | None = None
    env: dict[str, str] = {}
    runtime: Literal["local", "container", "ci-service"] = "local"
    container: Container | None = None
    artifacts: list[str] = []


class Item(Strict):
    name: str
    deps: list[str] = []
    gates: list[PeerGate] = []


class Retry(Strict):
    max_attempts: Annotated[int, Field(ge=1, alias="maxAttempts")] = 1
    backoff_seconds: Annotated[float, Field(ge=0, alias="backoffSeconds")] = 0


class AdminGreen(Strict):
    allowed_users: Annotated[list[str], Field(alias="allowedUsers")] = []
    require_reason: Annotated[bool, Field(alias="requireReason")] = False


class Overrides(Strict):
    admin_green: Annotated[AdminGreen | None, Field(alias="adminGreen")] = None


class MergeRule(Strict):
    type: Literal["strict-required"]


class Policy(Strict):
    required_gates: Annotated[list[str], Field(alias="requiredGates")] = []
    optional_gates: Annotated[list[str], Field(alias="optionalGates")] = []
    max_workers: Annotated[int, Field(ge=1, alias="maxWorkers")] = 1
    retries: dict[str, Retry] = {}
    overrides: Overrides = Overrides()
    block_on: Annotated[list[str], Field(alias="blockOn")] = []
    merge_rule: Annotated[MergeRule, Field(alias="mergeRule")] = MergeRule(type="strict-required")


class PeerPlan(Strict):
    schema_version: Annotated[str, Field(pattern=r"^1\.[0-9]+\.[0-9]+$", alias="schemaVersion")]
    target: str = "main"
    policy: Policy | None = None
    items: list[Item] = []


class UnknownDependencyError(Exception):
    pass


class CycleError(Exception):
    pass


class DuplicateItemError(Exception):
    pass


def written(plan: PeerPlan) -> dict[str, Any]:
    return plan.model_dump(mode="json", by_alias=True, exclude_none=True)


def complaints(error: ValidationError) -> list[tuple[str, str]]:
    """Path and code of each complaint, as lex-pr gives them: an unknown key is the fault of what holds it."""
    found = []
    for one in error.errors():
        location = one["loc"][:-1] if one["type"] == "extra_forbidden" else one["loc"]
        found.append((".".join(map(str, location)), ZOD_CODES[one["type"]]))
    return found


def merge_levels(plan: PeerPlan) -> list[list[str]]:
    """Each level can be merged once those before it are."""
    needs = {item.name: set(item.deps) for item in plan.items}
    if len(needs) < len(plan.items):
        raise DuplicateItemError("duplicate item name")
    for item in plan.items:
        for dependency in sorted(item.deps):
            if dependency not in needs:
                raise UnknownDependencyError(f"unknown dependency '{dependency}' for item '{item.name}'")
    levels: list[list[str]] = []
    merged: set[str] = set()
    while level := sorted(name for name, needed in needs.items() if name not in merged and needed <= merged):
        levels.append(level)
        merged |= set(level)
    if left := sorted(needs.keys() - merged):
        raise CycleError(f"dependency cycle detected involving: {', '.join(left)}")
    return levels
