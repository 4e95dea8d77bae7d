"""What a rule may demand of approvals beyond their number."""

from dataclasses import replace

import pytest

from config.schema import PolicyFile
from tasks.domain.compliance import Finding, evaluate
from tasks.domain.model import Circumstances, CommitSha, Login, PullRequest
from tests.domain.builders import approval, pull_request, rules

OLD = "0" * 40


def found(pull: PullRequest, **parameters: object) -> Finding:
    outline = {"id": "T-001", "title": "A rule", "check": "approvals", "severity": "high"}
    policy = PolicyFile.model_validate(
        {
            "apiVersion": "merge-hub/v1",
            "kind": "Policy",
            "metadata": {"name": "t", "owner": "us"},
            "rules": [{**outline, "with": parameters}],
        }
    )
    demanding = rules(policies=(policy,))
    return evaluate(pull, demanding, Circumstances(groups={"leads": frozenset({Login("carol")})}), None).findings[0]


REBASED = replace(pull_request(reviews=(approval(commit=OLD),)), same_content=frozenset({CommitSha(OLD)}))


def test_a_rule_leaves_it_to_the_team_whether_an_approval_survives_a_rebase() -> None:
    assert found(REBASED).satisfied


@pytest.mark.parametrize("among", [{}, {"from_people": ["carol"]}, {"from_groups": ["leads"]}])
def test_a_rule_on_the_final_commit_wants_the_head_to_be_approved(among: dict[str, object]) -> None:
    finding = found(REBASED, on_final_commit=True, **among)

    assert [reason.code for reason in finding.reasons] == ["approvals-missing", "approval-stale"]


UNKNOWN_PUSHER = pull_request()
KNOWN = replace(UNKNOWN_PUSHER, last_pusher=Login("alice"))


def test_who_is_not_known_keeps_nobody_s_approval_from_counting_unless_a_rule_says_so() -> None:
    assert found(UNKNOWN_PUSHER).satisfied


@pytest.mark.parametrize("among", [{}, {"from_people": ["carol"]}, {"from_groups": ["leads"]}])
def test_a_rule_may_want_everybody_known_who_had_a_part_in_it(among: dict[str, object]) -> None:
    finding = found(UNKNOWN_PUSHER, everybody_known=True, **among)

    assert [reason.code for reason in finding.reasons] == ["commits-unknown"]
    assert found(KNOWN, everybody_known=True, **among).satisfied


def test_who_pushed_the_head_may_approve_where_a_rule_excludes_only_the_author() -> None:
    pushed = replace(pull_request(), last_pusher=Login("carol"))

    assert not found(pushed).satisfied
    assert found(pushed, exclude="author").satisfied
