"""The shape of one repository's part of `merge-hub run --json`, key by key as the public contract spells it."""

from dataclasses import replace
from typing import Any

import pytest

from config.schema import MergeMethod
from tasks.domain.errors import CodeHostUnreachable
from tasks.domain.gates import Verdict
from tasks.domain.journey import GateRun, Journey
from tasks.domain.land import Landed
from tasks.domain.memory import Memory
from tasks.domain.model import CommitSha, RepositoryName
from tasks.domain.ordering import order_candidates
from tasks.domain.outset import Known, begin
from tasks.domain.plan import make_plan
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.result import failed_result, repository_result, stopped
from tests.domain.builders import BASE, candidate, gate_result, pull_request, rules, sha, snapshot, tree

HELD = Reason(ReasonCode.DRAFT, "it is a draft", "alice")
LANDED = Landed(1, CommitSha("c" * 40), tree(1), tree(1), MergeMethod.REBASE)


def journey() -> Journey:
    """#1 landed and #2 is a draft."""
    world = snapshot(pull_request(1), pull_request(2))
    ordered = order_candidates(world, [1])
    plan = make_plan(rules(), world, ordered, {})
    start = begin(world, rules(), ordered, plan, Known(Memory(), {2: (HELD,)}, {}, {}))
    runs = (GateRun(candidate(1), gate_result(exit_code=0, seconds=1.25, cached=True)),)
    return replace(start, landed={1: LANDED}, base=LANDED.commit, runs=runs)


def test_a_repository_says_what_was_planned_gated_and_decided() -> None:
    assert repository_result(journey()) == {
        "repository": "acme/web",
        "target": "main",
        "base_before": BASE,
        "base_after": LANDED.commit,
        "status": "ok",
        "error": None,
        "plan_digest": journey().plan.digest,
        "change_sets": [],
        "searches": [],
        "gate_runs": [
            {
                "phase": "gate",
                "pull_requests": [1],
                "ahead": [],
                "purpose": "search",
                "candidate": candidate(1).commit,
                "tree": tree(1),
                "gate": "unit",
                "verdict": "passed",
                "cached": True,
                "exit_code": 0,
                "seconds": 1.25,
                "log": "sha256:" + "1" * 64,
            }
        ],
        "pull_requests": [
            {
                "number": 1,
                "title": "Change 1",
                "head": sha(1),
                "outcome": "merged",
                "landed": {"commit": LANDED.commit, "tree": tree(1), "gated_tree": tree(1), "method": "rebase"},
                "reasons": [],
            },
            {
                "number": 2,
                "title": "Change 2",
                "head": sha(2),
                "outcome": "held",
                "landed": None,
                "reasons": [{"code": "draft", "message": "it is a draft", "actor": "alice"}],
            },
        ],
    }


def test_what_landed_has_no_reasons_left() -> None:
    found: dict[str, Any] = repository_result(replace(journey(), reasons={1: (HELD,), 2: (HELD,)}))

    assert [pull["reasons"] for pull in found["pull_requests"]] == [
        [],
        [{"code": "draft", "message": "it is a draft", "actor": "alice"}],
    ]


def test_a_pull_request_without_a_reason_and_without_a_landing_is_a_defect() -> None:
    with pytest.raises(KeyError):
        repository_result(replace(journey(), reasons={}))


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_told_by_its_value(verdict: Verdict) -> None:
    found: dict[str, Any] = repository_result(
        replace(journey(), runs=(GateRun(candidate(1), gate_result(verdict=verdict)),))
    )

    assert found["gate_runs"][0]["verdict"] == verdict.value


def test_a_repository_that_the_world_failed_says_so_in_the_same_shape() -> None:
    error = CodeHostUnreachable("no answer", remedy="Wait and run again.")
    found = failed_result(RepositoryName("acme/web"), "main", error)

    assert found.keys() == repository_result(journey()).keys()
    assert found["status"] == "failed"
    assert found["error"] == {
        "code": "code-host-unreachable",
        "message": "no answer",
        "remedy": "Wait and run again.",
    }
    assert (found["pull_requests"], found["gate_runs"], found["plan_digest"]) == ([], [], None)


def test_a_repository_that_stops_keeps_what_landed_and_was_decided_and_fails_the_rest() -> None:
    error = CodeHostUnreachable("github.com cannot be reached", remedy="Wait.")
    world = snapshot(pull_request(1), pull_request(2), pull_request(3))
    begun = replace(journey(), snapshot=world)

    known = stopped(world, begun, error).known

    assert {**known, "pull_requests": None} == {
        **{key: value for key, value in repository_result(journey()).items() if key not in {"status", "error"}},
        "pull_requests": None,
    }
    assert told(known) == [
        (1, "merged", []),
        (2, "held", ["draft"]),
        (3, "failed", ["repository-failed"]),
    ]


def test_a_repository_that_stops_before_its_plan_lists_every_open_pull_request_as_failed() -> None:
    stop = stopped(snapshot(pull_request(1), pull_request(2)), None, KeyError("nobody"))

    assert told(stop.known) == [(1, "failed", ["repository-failed"]), (2, "failed", ["repository-failed"])]
    assert (stop.known["base_before"], stop.error.code) == (BASE, "unforeseen")


def told(known: Any) -> list[tuple[int, str, list[str]]]:
    return [
        (pull["number"], pull["outcome"], [reason["code"] for reason in pull["reasons"]])
        for pull in known["pull_requests"]
    ]
