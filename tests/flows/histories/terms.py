"""What made-up teams demand, by dice, and how that is configured."""

import random
from collections.abc import Mapping

from tests.flows.histories.facts import PRIORITIES, Frozen, Terms
from tests.flows.histories.history import QUARANTINE_AFTER
from tests.flows.histories.moments import Place
from tests.flows.hub import Configuration
from tests.flows.world import Repository

QUEUE: dict[str, object] = {
    "priorities": [{"label": label, "priority": priority} for label, priority in PRIORITIES.items()],
    "hotfix": {"labels": ["hotfix"]},
    "quarantine_after": QUARANTINE_AFTER,
}


def imagine_terms(dice: random.Random, steps: int) -> Terms:
    """`steps` is how often time goes on in all."""
    again = dice.choices([(), ("smoke",)], [2, 1])[0]
    return Terms(
        method=dice.choice(["merge", "squash", "rebase"]),
        landing=dice.choices(["fast-forward", "api"], [3, 1])[0],
        cap=dice.choice([1, 2, 3, 10]),
        stage=dice.choices(["merge", "gate", "observe"], [22, 1, 1])[0],
        approvals=dice.choice([1, 1, 2]),
        gates=dice.choices([("tests",), ("tests", "style"), ("tests", "contract"), ()], [20, 6, 6, 1])[0],
        frozen=_imagine_freeze(dice, steps) if dice.random() < 0.25 else None,
        again=again,
        takes_back=bool(again) and dice.random() < 0.8,
        policy=dice.choices(["", "warn", "block"], [2, 1, 1])[0],
    )


def _imagine_freeze(dice: random.Random, steps: int) -> Frozen:
    """Some hold from before the beginning, some to beyond the end."""
    first = dice.randint(-1, steps)
    return Frozen(first, dice.randint(first + 1, steps + 1), hotfix=dice.random() < 0.5)


def configure(config: Configuration, name: str, repository: Repository, place: Place, terms: Terms, *more: str) -> None:
    """`more` are gates that are not required."""
    required = [place.gate(gate, required=True) for gate in terms.gates]
    policies = {"max_prs_per_batch": terms.cap, "landing": terms.landing, "method": terms.method}
    config.team(
        name,
        repository,
        gates=[*required, *(place.gate(gate, required=False) for gate in more)],
        filters={"labels": ["ready"], "exclude_labels": ["wip"], "required_approvals": terms.approvals},
        policies={**policies, "rollback_on_gate_failure": terms.takes_back},
        stage=terms.stage,
        post_landing=[place.gate(gate, required=True) for gate in terms.again],
    )
    config.teams[name] |= {"queue": QUEUE, "freezes": [] if terms.frozen is None else [_freeze(terms.frozen)]}


def policies_of(terms: Mapping[str, Terms]) -> list[dict[str, object]]:
    """One document, of the same rule in block and in warn; `terms` are by team."""
    rules: list[dict[str, object]] = [
        {"id": "GAT-001", "title": "Gates passed", "check": "gates", "severity": "critical"}
    ]
    for rule, enforcement in (("SEC-001", "block"), ("SEC-002", "warn")):
        rules += [
            {
                "id": rule,
                "title": "Holds no secret",
                "check": "labels",
                "with": {"none_of": ["secret"]},
                "severity": "high",
                "enforcement": enforcement,
                "when": {"teams": teams},
            }
            for teams in [[team for team, each in terms.items() if each.policy == enforcement]]
            if teams
        ]
    metadata = {"name": "security", "owner": "@acme/security"}
    return [{"apiVersion": "merge-hub/v1", "kind": "Policy", "metadata": metadata, "rules": rules}]


def _freeze(frozen: Frozen) -> Mapping[str, object]:
    named = {"name": "closing", "reason": "the books are closed", "owner": "finance"}
    return {**named, "from": frozen.begins.isoformat(), "until": frozen.ends.isoformat(), "hotfix": frozen.hotfix}


def optional_gates(dice: random.Random) -> tuple[str, ...]:
    return ("advice",) if dice.random() < 0.15 else ()
