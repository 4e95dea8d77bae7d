"""What a landing rested on is read back as it was written, and judged as it was."""

from dataclasses import replace

from config.schema import MergeMethod
from tasks.domain.anomalies.landing import Landing, landing_facts, landing_of
from tasks.domain.approvals import approved_by_themselves
from tasks.domain.compliance import ComplianceReport
from tasks.domain.decision_records import policy_decided
from tasks.domain.land import Landed
from tasks.domain.model import Login, PullRequest, ReviewState
from tests.domain.builders import (
    NOON,
    approval,
    candidate,
    evaluation,
    gate_result,
    pull_request,
    recorder,
    review,
    sha,
    taken,
    tree,
)


def landing(pull: PullRequest) -> Landing:
    results = (gate_result("unit"), replace(gate_result("lint"), required=False))
    facts = landing_facts(
        ComplianceReport(pull, ()), evaluation(1, results=results), frozenset({Login("bob")}), [sha(7)]
    )
    details = {**facts, "author": pull.author, "class": "standard"}
    intent = taken(recorder().merge_intent(pull, candidate(1), MergeMethod.MERGE, details))
    landed = Landed(1, sha(9), tree(1), tree(1), MergeMethod.MERGE)
    return landing_of(taken(recorder().merge_completed(intent, landed)), intent)


def test_people_gates_and_messages_are_read_back() -> None:
    read = landing(replace(pull_request(1, reviews=(approval("bob"), approval("mallory"))), last_pusher=Login("erin")))
    assert read.approvals is not None
    assert read.gates is not None

    assert [(each.reviewer, each.commit == read.head) for each in read.approvals] == [("bob", True)]
    assert read.approvals[0].at is not None
    assert read.contributors >= {"alice", "erin"}
    assert read.approvers == frozenset({"bob"})
    assert [(each.name, each.verdict, each.cached) for each in read.gates] == [("unit", "passed", False)]
    assert read.skipping == (sha(7),)
    assert read.at == NOON


def test_who_approves_what_they_wrote_is_named_and_a_machine_is_nobody() -> None:
    reviews = (approval("alice"), approval("bob"), replace(approval("erin"), by_bot=True))
    pull = replace(pull_request(1, author="alice", reviews=reviews), last_pusher=Login("erin"))
    event = policy_decided(recorder(), ComplianceReport(pull, ()), candidate(1), "sha256:policy")

    assert approved_by_themselves(pull) == {"alice"}
    assert event.data["self_approvals"] == ["alice"]


def test_nothing_is_told_where_nobody_approves_what_they_wrote() -> None:
    pull = pull_request(1, reviews=(approval("bob"), review("alice", state=ReviewState.COMMENTED)))
    event = policy_decided(recorder(), ComplianceReport(pull, ()), candidate(1), "sha256:policy")

    assert "self_approvals" not in event.data
