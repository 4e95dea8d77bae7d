from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from config.schema import Queue, Stage
from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.gates import definition_digest
from tasks.domain.model import HeadStatus, Mergeability, PullRequest, Snapshot, StatusState
from tasks.domain.plan import ConflictFound, Member, Plan, make_plan, order_candidates, plan_document
from tasks.domain.queue import Ranking
from tasks.domain.reasons import Outcome, Reason, ReasonCode, outcome_of
from tasks.domain.rules import Rules
from tests.domain.builders import NOON, gate, pull_request, rules, sha, snapshot


def planned(world: Snapshot, *conflicts: ConflictFound, by: Rules | None = None) -> Plan:
    everyone = [one.number for one in world.pull_requests]
    found = {conflict.number: conflict for conflict in conflicts}
    return make_plan(by or rules(), world, order_candidates(world, everyone), found)


def three(first: PullRequest | None = None) -> Snapshot:
    second = pull_request(2, author="bob")
    return snapshot(first or pull_request(1), second, pull_request(3, body="Depends-on: #2"))


def told(plan: Plan, number: int) -> list[tuple[ReasonCode, str, str | None]]:
    return [(reason.code, reason.message, reason.actor) for reason in plan.reasons[number]]


def test_members_are_the_ordered_candidates_with_their_heads_and_dependencies() -> None:
    plan = planned(three())

    assert plan.members == (Member(1, sha(1), ()), Member(2, sha(2), ()), Member(3, sha(3), (2,)))
    assert (plan.reasons, plan.waiting) == ({}, {})


def test_a_conflict_with_the_target_branch_refuses_with_the_files_named() -> None:
    plan = planned(three(), ConflictFound(1, None, ("a.py", "b\x1b.py")))

    assert told(plan, 1) == [(ReasonCode.CONFLICT_BASE, "conflicts with the target branch in a.py, b.py", "alice")]
    assert ([member.number for member in plan.members], plan.waiting) == ([2, 3], {})


@pytest.mark.parametrize(("paths", "named"), [("abcde", "a, b, c, d, e"), ("abcdefg", "a, b, c, d, e and 2 more")])
def test_of_many_conflicting_files_five_are_named(paths: str, named: str) -> None:
    plan = planned(three(), ConflictFound(1, None, tuple(paths)))

    assert plan.reasons[1][0].message == f"conflicts with the target branch in {named}"


def test_a_conflict_with_one_ahead_waits_for_it() -> None:
    plan = planned(three(), ConflictFound(3, 2, ("a.py",)))

    assert told(plan, 3) == [
        (
            ReasonCode.CONFLICT_AHEAD,
            "conflicts with #2, which goes first, in a.py: rebase it onto what lands",
            "alice",
        )
    ]
    assert plan.waiting == {3: 2}


def test_a_conflict_with_one_that_is_gone_is_told_in_the_same_words() -> None:
    plan = planned(three(), ConflictFound(3, 77, ()))

    assert told(plan, 3) == [
        (
            ReasonCode.CONFLICT_AHEAD,
            "conflicts with #77, which goes first, in files that are not known: rebase it onto what lands",
            "alice",
        )
    ]


def test_what_depends_on_a_conflicting_one_is_held_transitively() -> None:
    chain = [pull_request(number, body=f"Depends-on: #{number - 1}") for number in (2, 3)]

    plan = planned(snapshot(pull_request(1, author="bob"), *chain), ConflictFound(1, None, ("a.py",)))

    assert told(plan, 2) == [(ReasonCode.DEPENDENCY_HELD, "needs #1 landed first, and it is not landing itself", "bob")]
    assert told(plan, 3) == [(ReasonCode.DEPENDENCY_HELD, "needs #2 landed first, and that waits for #1", "bob")]
    assert plan.members == ()


def test_a_conflict_of_one_that_cannot_be_planned_anyway_is_no_reason() -> None:
    plan = planned(three(pull_request(1, body="Depends-on: c#")), ConflictFound(1, None, ("a.py",)))

    assert [code for code, _, _ in told(plan, 1)] == [ReasonCode.DEPENDENCY_UNKNOWN]


@pytest.mark.parametrize("gates", [(), (gate(required=False),)])
def test_without_a_required_gate_nothing_is_a_member(gates: tuple[()]) -> None:
    plan = planned(three(pull_request(1, body="Depends-on: c#")), ConflictFound(3, 2, ()), by=rules(gates=gates))

    assert plan.members == ()
    assert all(told(plan, number)[-1][0] is ReasonCode.NO_REQUIRED_GATE for number in (1, 2, 3))
    assert [code for code, _, _ in told(plan, 1)] == [ReasonCode.DEPENDENCY_UNKNOWN, ReasonCode.NO_REQUIRED_GATE]


def test_who_only_observes_plans_the_same_members() -> None:
    assert planned(three(), by=rules(stage=Stage.OBSERVE)).members == planned(three()).members


def test_the_digest_forgets_base_titles_reviews_and_statuses() -> None:
    failing = (HeadStatus("ci/tests", StatusState.FAILURE),)
    renamed = pull_request(1, title="Another title", labels={"urgent"}, reviews=(), body="Words")
    elsewhere = replace(three(replace(renamed, statuses=failing)), base=sha(99))

    assert planned(elsewhere).digest == planned(three()).digest


DIFFERENT = {
    "a head": planned(three(pull_request(1, head="f" * 40))),
    "a member less": planned(three(), ConflictFound(3, 2, ())),
    "a dependency": planned(snapshot(*three().pull_requests[:2], pull_request(3))),
    "what goes first": planned(three(pull_request(1, body="Depends-on: #2"))),
    "a command": planned(three(), by=rules(gates=(gate(command="make check"),))),
    "a time limit": planned(three(), by=rules(gates=(gate(timeout=1),))),
    "an optional gate": planned(three(), by=rules(gates=(gate(), gate("docs", required=False)))),
    "the policies": planned(three(), by=replace(rules(), policy_digest="sha256:0")),
    "the target": planned(replace(three(), target="release")),
    "the repository": planned(replace(three(), repository_id="1002")),
}


@pytest.mark.parametrize("plan", DIFFERENT.values(), ids=DIFFERENT)
def test_the_digest_covers_what_is_signed_for(plan: Plan) -> None:
    assert plan.digest != planned(three()).digest


def test_no_two_of_these_plans_share_a_digest() -> None:
    assert len({plan.digest for plan in DIFFERENT.values()}) == len(DIFFERENT)


def test_the_document_says_what_is_planned_and_what_is_not() -> None:
    world = three(pull_request(1, body="Depends-on: c#", statuses=(HeadStatus("ci/tests", StatusState.FAILURE),)))
    plan = planned(world)
    place = {"lane": "ordinary", "lane_from": "", "priority": 0, "priority_from": [], "age_class": 0}
    ordinary = {**place, "statuses": []}

    assert plan_document(plan, rules(), world) == {
        "schema": "merge-hub-plan/1",
        "digest": plan.digest,
        "organization": "AcmeCorp",
        "team": "platform",
        "repository": "acme/web",
        "repository_id": "1001",
        "target": "main",
        "gates": [{"name": "unit", "definition": definition_digest(gate())}],
        "policy_digest": rules().policy_digest,
        "members": [
            {"position": 1, "number": 2, "title": "Change 2", "head": sha(2), "dependencies": [], **ordinary},
            {"position": 2, "number": 3, "title": "Change 3", "head": sha(3), "dependencies": [2], **ordinary},
        ],
        "change_sets": [],
        "not_planned": [
            {
                "number": 1,
                "outcome": "held",
                "reasons": [
                    {
                        "code": "dependency-unknown",
                        "message": "depends on “c#”, which names no pull request",
                        "actor": "alice",
                        "until": None,
                    }
                ],
                "statuses": [{"name": "ci/tests", "state": "failure"}],
            }
        ],
    }


def test_the_document_says_when_what_is_held_ends_also_of_what_was_no_candidate() -> None:
    frozen = Reason(ReasonCode.FROZEN, "frozen", "acme/release", NOON)
    world = three()
    plan = make_plan(rules(), world, order_candidates(world, [2, 3]), {})

    document: dict[str, Any] = plan_document(plan, rules(), world, {1: (frozen,)})

    assert [(one["number"], one["outcome"], one["reasons"][0]["until"]) for one in document["not_planned"]] == [
        (1, "held", "2026-03-02T12:00:00Z")
    ]


def test_the_document_says_where_lane_and_priority_of_each_member_come_from() -> None:
    queue = Queue.model_validate({"hotfix": {"labels": ["hotfix"]}, "ageing": "24h"})
    world = snapshot(pull_request(1), pull_request(2, body="Depends-on: #1", labels=["hotfix"]))
    ordered = order_candidates(world, [1, 2], Ranking(queue, NOON + timedelta(hours=30)))

    document: dict[str, Any] = plan_document(make_plan(rules(), world, ordered, {}), rules(), world)

    told = [
        {name: one[name] for name in ("lane", "lane_from", "priority", "priority_from", "age_class")}
        for one in document["members"]
    ]
    assert told == [
        {
            "lane": "hotfix",
            "lane_from": "inherited from #2",
            "priority": 1,
            "priority_from": ["aged by 1"],
            "age_class": 1,
        },
        {"lane": "hotfix", "lane_from": "label hotfix", "priority": 1, "priority_from": ["aged by 1"], "age_class": 1},
    ]


def test_the_digest_is_that_of_the_members_in_whatever_order_they_land() -> None:
    queue = Queue.model_validate({"priorities": [{"label": "urgent", "priority": 5}]})
    world = snapshot(pull_request(1), pull_request(2, labels=["urgent"]))
    first_come, urgent = (order_candidates(world, [1, 2], Ranking(each, NOON)) for each in (Queue(), queue))

    plans = [make_plan(rules(), world, ordered, {}) for ordered in (first_come, urgent)]

    assert [[member.number for member in plan.members] for plan in plans] == [[1, 2], [2, 1]]
    assert plans[0].digest == plans[1].digest


def test_the_document_does_not_tell_what_the_code_host_finds_out_late() -> None:
    unknown = snapshot(pull_request(1), pull_request(2, body="Depends-on: c#"))
    known = replace(
        unknown,
        pull_requests=tuple(replace(one, mergeability=Mergeability.MERGEABLE) for one in unknown.pull_requests),
    )

    assert plan_document(planned(known), rules(), known) == plan_document(planned(unknown), rules(), unknown)


def test_the_digest_can_be_computed_from_the_document() -> None:
    document: dict[str, Any] = plan_document(planned(three()), rules(), three())
    signed = {name: document[name] for name in ("repository_id", "target", "gates", "policy_digest")}
    signed["members"] = [
        {name: one[name] for name in ("number", "head", "dependencies")}
        for one in sorted(document["members"], key=lambda one: one["number"])
    ]

    assert digest_of(canonical_json(signed)) == document["digest"]


def test_the_gravest_reason_decides_the_outcome() -> None:
    world = snapshot(pull_request(1, body="Depends-on: #1, c#"))

    assert outcome_of(planned(world).reasons[1]) is Outcome.REFUSED
