"""
A plan in the format of lex-pr (`schemaVersion` 1), so that `lex-pr merge-order` and what builds on it read ours.

That schema refuses keys that it does not know: an item cannot carry a head, nor a gate whether it is required or how
long it may take. What it can say is said; plan.json says the rest.
"""

from pydantic import JsonValue

from tasks.domain.plan import Plan
from tasks.domain.rules import Rules

SCHEMA_VERSION = "1.0.0"


def lex_pr_plan(plan: Plan, rules: Rules) -> dict[str, JsonValue]:
    """Items are in landing order, and depend on items only."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "target": plan.target,
        "policy": {
            "requiredGates": [gate.name for gate in rules.gates if gate.required],
            "optionalGates": [gate.name for gate in rules.gates if not gate.required],
            "mergeRule": {"type": "strict-required"},
        },
        "items": [
            {
                "name": f"PR-{member.number}",
                "deps": [f"PR-{number}" for number in member.dependencies],
                "gates": [
                    {"name": gate.name, "run": gate.command, "env": {}, "runtime": "local", "artifacts": []}
                    for gate in rules.gates
                ],
            }
            for member in plan.members
        ],
    }
