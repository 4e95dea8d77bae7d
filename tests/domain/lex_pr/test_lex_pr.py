from tasks.domain.lex_pr import lex_pr_plan
from tasks.domain.plan import make_plan, order_candidates
from tests.domain.builders import gate, pull_request, rules, snapshot
from tests.domain.lex_pr.peer import PeerPlan

WORLD = snapshot(pull_request(1, body="Depends-on: #10"), pull_request(9, body="Depends-on: c#"), pull_request(10))
RULES = rules(gates=(gate(), gate("docs", "make docs", timeout=5, required=False)))
PLAN = make_plan(RULES, WORLD, order_candidates(WORLD, [1, 9, 10]), {})


def test_items_are_the_members_in_landing_order_with_every_gate() -> None:
    gates = [
        {"name": "unit", "run": "make test", "env": {}, "runtime": "local", "artifacts": []},
        {"name": "docs", "run": "make docs", "env": {}, "runtime": "local", "artifacts": []},
    ]

    assert lex_pr_plan(PLAN, RULES) == {
        "schemaVersion": "1.0.0",
        "target": "main",
        "policy": {
            "requiredGates": ["unit"],
            "optionalGates": ["docs"],
            "mergeRule": {"type": "strict-required"},
        },
        "items": [
            {"name": "PR-10", "deps": [], "gates": gates},
            {"name": "PR-1", "deps": ["PR-10"], "gates": gates},
        ],
    }


def test_the_peer_reads_it_and_drops_nothing() -> None:
    document = lex_pr_plan(PLAN, RULES)

    assert PeerPlan.model_validate(document).model_dump(by_alias=True, exclude_unset=True) == document
