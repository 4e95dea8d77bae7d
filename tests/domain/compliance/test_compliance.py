from dataclasses import replace
from typing import Any

import pytest

from config.schema import BASELINE_POLICIES, Enforcement, Filters, PolicyFile, Severity
from tasks.domain.approvals import count_approvals
from tasks.domain.checks.gating import Proof
from tasks.domain.checks.people import judge_reviewers
from tasks.domain.compliance import ComplianceReport, Finding, evaluate, reasons_before_gates
from tasks.domain.gates import Verdict
from tasks.domain.model import Circumstances, Login, PullRequest, ReviewState
from tasks.domain.reasons import ReasonCode
from tasks.domain.rules import Rules
from tests.domain.builders import approval, commit, evaluation, gate, gate_result, pull_request, review, rules

PROOF = Proof(evaluation(1), frozenset({"unit"}))


def policy(check: str, *, enforcement: str = "block", rule: str = "T-001", **parameters: Any) -> PolicyFile:
    """One rule, for the title of which nobody cares."""
    return PolicyFile.model_validate(
        {
            "apiVersion": "merge-hub/v1",
            "kind": "Policy",
            "metadata": {"name": rule.lower(), "owner": "us"},
            "rules": [
                {
                    "id": rule,
                    "title": "A rule",
                    "check": check,
                    "severity": "high",
                    "enforcement": enforcement,
                    "controls": ["SOC2:CC8.1"],
                    "with": parameters,
                }
            ],
        }
    )


def judged(
    pull: PullRequest, by: Rules, proof: Proof | None = PROOF, groups: dict[str, frozenset[Login]] | None = None
) -> Finding:
    """The only finding of rules that have one."""
    (finding,) = evaluate(pull, by, Circumstances(groups=groups or {}), proof).findings
    return finding


def only(check: str, filters: Filters | None = None, **parameters: Any) -> Rules:
    return rules(policies=(policy(check, **parameters),), filters=filters)


def codes(report: ComplianceReport) -> list[ReasonCode]:
    return [reason.code for reason in report.blocking_reasons]


def test_what_is_approved_gated_and_recorded_is_compliant() -> None:
    report = evaluate(pull_request(), rules(), Circumstances(), PROOF)

    assert report.compliant
    assert report.blocking_reasons == ()


def test_a_satisfied_rule_says_what_was_expected_and_found() -> None:
    report = evaluate(pull_request(), rules(), Circumstances(), PROOF)

    assert [(finding.rule, finding.because) for finding in report.findings] == [
        ("BASE-001", "1 of 1 independent approvals of 0000000"),
        ("BASE-002", "every required reviewer approved this head"),
        ("BASE-003", "every wanted label is set and no excluded one"),
        ("BASE-004", f"1 of 1 gates passed on tree {PROOF.evaluation.candidate.tree[:7]}"),
        ("BASE-005", "the audit log shows that every required gate passed"),
    ]


def test_every_rule_is_judged_even_after_one_has_failed() -> None:
    hopeless = pull_request(reviews=(), labels={"security-review-pending"})
    demanding = rules(filters=Filters(required_reviewers=("dave",)))
    report = evaluate(hopeless, demanding, Circumstances(), None)

    assert [finding.satisfied for finding in report.findings] == [False] * 5
    assert codes(report) == [
        ReasonCode.APPROVALS_MISSING,
        ReasonCode.REVIEWER_MISSING,
        ReasonCode.LABEL_EXCLUDED,
        ReasonCode.POLICY_VIOLATED,
        ReasonCode.AUDIT_TRAIL_MISSING,
    ]


def test_rules_are_judged_in_the_order_of_their_ids_wherever_they_stand() -> None:
    spread = (policy("labels", rule="T-002"), policy("reviewers", rule="T-001"), policy("gates", rule="A-009"))
    report = evaluate(pull_request(), rules(policies=spread), Circumstances(), PROOF)

    assert [finding.rule for finding in report.findings] == ["A-009", "T-001", "T-002"]


def test_a_finding_carries_what_the_rule_is_evidence_for() -> None:
    finding = judged(pull_request(), only("labels"))

    assert (finding.title, finding.severity, finding.controls) == ("A rule", Severity.HIGH, ("SOC2:CC8.1",))


def test_a_rule_that_warns_blocks_nothing() -> None:
    warned = rules(policies=(policy("labels", enforcement="warn", all_of=["qa"]),))
    report = evaluate(pull_request(), warned, Circumstances(), PROOF)

    assert report.compliant
    assert report.findings[0].enforcement is Enforcement.WARN
    assert not report.findings[0].satisfied


def test_no_findings_at_all_is_not_compliance() -> None:
    report = evaluate(pull_request(), rules(policies=()), Circumstances(), PROOF)

    assert not report.compliant
    assert codes(report) == [ReasonCode.POLICY_VIOLATED]


def test_a_reason_that_two_rules_give_is_told_once() -> None:
    twice = (policy("labels", rule="T-001", all_of=["qa"]), policy("labels", rule="T-002", all_of=["qa"]))
    report = evaluate(pull_request(), rules(policies=twice), Circumstances(), PROOF)

    assert codes(report) == [ReasonCode.LABEL_MISSING]


def test_before_gates_nothing_is_held_against_a_pull_request_for_lack_of_gates() -> None:
    assert reasons_before_gates(pull_request(), rules(), Circumstances()) == ()


def test_before_gates_only_what_blocks_is_a_reason() -> None:
    mixed = (policy("labels", rule="T-001", enforcement="warn", all_of=["qa"]), policy("approvals", rule="T-002"))
    reasons = reasons_before_gates(pull_request(reviews=()), rules(policies=mixed), Circumstances())

    assert [reason.code for reason in reasons] == [ReasonCode.APPROVALS_MISSING]


def test_approvals_that_are_missing_are_told_with_each_that_does_not_count() -> None:
    pull = pull_request(reviews=(approval("carol"), approval("alice")))
    finding = judged(pull, only("approvals", min=2))

    assert finding.because == "1 of 2 independent approvals of 0000000"
    assert [reason.code for reason in finding.reasons] == [
        ReasonCode.APPROVALS_MISSING,
        ReasonCode.APPROVAL_NOT_INDEPENDENT,
    ]


def test_approvals_that_do_not_count_are_not_held_against_one_that_has_enough() -> None:
    pull = pull_request(reviews=(approval("carol"), approval("alice")))

    assert judged(pull, only("approvals")).satisfied


def test_a_rule_may_ask_for_more_than_the_team_and_never_for_less() -> None:
    pull, strict_team = pull_request(), Filters(required_approvals=2)

    assert not judged(pull, only("approvals", min=2)).satisfied
    assert not judged(pull, only("approvals", filters=strict_team, min=1)).satisfied


def test_a_request_for_changes_is_named_with_who_asked() -> None:
    pull = pull_request(reviews=(approval("carol"), review("dave", ReviewState.CHANGES_REQUESTED)))
    finding = judged(pull, only("approvals"))

    assert [(reason.message, reason.actor) for reason in finding.reasons] == [("dave asked for changes", "dave")]


def test_a_request_for_changes_of_a_deleted_account_has_nobody_to_act() -> None:
    pull = pull_request(reviews=(approval("carol"), review(None, ReviewState.CHANGES_REQUESTED)))
    finding = judged(pull, only("approvals"))

    assert [(reason.message, reason.actor) for reason in finding.reasons] == [
        ("a deleted account asked for changes", None)
    ]


def test_an_incomplete_list_of_commits_is_not_satisfied_by_any_number_of_approvals() -> None:
    pull = replace(pull_request(reviews=(approval("carol"), approval("dave"))), commit_count=251)
    finding = judged(pull, only("approvals"))

    assert [(reason.code, reason.message) for reason in finding.reasons] == [
        (
            ReasonCode.COMMITS_UNKNOWN,
            "1 of 251 commits are listed, so contributors cannot be told from approvers",
        )
    ]


@pytest.mark.parametrize(
    "pull",
    [
        replace(pull_request(commits=()), commit_count=0),
        pull_request(commits=(commit("alice"), commit())),
        replace(pull_request(commits=(commit("alice"), commit("alice"))), commit_count=1),
    ],
    ids=["no commit", "a commit that nobody wrote", "more commits than there are"],
)
def test_a_list_of_commits_that_cannot_be_is_not_satisfied(pull: PullRequest) -> None:
    assert [reason.code for reason in judged(pull, only("approvals")).reasons] == [ReasonCode.COMMITS_UNKNOWN]


def test_a_required_reviewer_who_may_have_written_what_is_not_listed_is_an_error() -> None:
    pull = replace(pull_request(), commit_count=2)
    report = evaluate(pull, rules(filters=Filters(required_reviewers=("carol",))), Circumstances(), None)
    (finding,) = (each for each in report.findings if each.rule == "BASE-002")

    assert (finding.result, finding.because) == (
        "error",
        "1 of 2 commits are listed, so contributors cannot be told from approvers",
    )


def test_a_contributor_that_nobody_can_resolve_blocks_nothing() -> None:
    assert judged(pull_request(commits=(commit("alice", None),)), only("approvals")).satisfied


LEADS = {"acme/leads": frozenset({Login("carol"), Login("dave")})}


@pytest.mark.parametrize("name", ["carol", "Carol", "acme/leads"])
def test_a_required_reviewer_is_a_login_in_any_case_or_a_team_of_which_any_member_counts(name: str) -> None:
    demanding = only("reviewers", filters=Filters(required_reviewers=(name,)))

    assert judged(pull_request(), demanding, groups=LEADS).satisfied


@pytest.mark.parametrize("name", ["dave", "acme/owners", "acme/carol"])
def test_a_required_reviewer_who_did_not_approve_is_named(name: str) -> None:
    demanding = only("reviewers", filters=Filters(required_reviewers=("carol", name)))
    finding = judged(pull_request(), demanding, groups=LEADS)

    assert finding.because == f"not approved by {name}"
    assert [(reason.code, reason.actor) for reason in finding.reasons] == [(ReasonCode.REVIEWER_MISSING, name)]


def test_a_team_without_members_is_not_a_reviewer_who_approved() -> None:
    demanding = only("reviewers", filters=Filters(required_reviewers=("acme/leads",)))

    assert not judged(pull_request(), demanding, groups={"acme/leads": frozenset()}).satisfied


def test_every_missing_reviewer_is_told() -> None:
    approvals = count_approvals(pull_request(reviews=()), approvers=None)
    because, reasons = judge_reviewers(approvals, ("carol", "dave"), {})

    assert because == "not approved by carol, dave"
    assert len(reasons) == 2


@pytest.mark.parametrize("labels", [{"no-security-review-pending"}, {"security-review"}])
def test_labels_are_compared_whole(labels: set[str]) -> None:
    assert judged(pull_request(labels=labels), only("labels", none_of=["security-review-pending"])).satisfied


def test_an_excluded_label_is_recognized_however_it_is_spelt_and_a_wanted_one_only_as_it_is_configured() -> None:
    labelled = pull_request(labels={"Hold", "Ready"})

    reasons = judged(labelled, only("labels", all_of=["ready"], none_of=["hold"])).reasons

    assert [reason.code for reason in reasons] == [ReasonCode.LABEL_MISSING, ReasonCode.LABEL_EXCLUDED]


def test_labels_of_team_and_rule_are_asked_for_together_and_told_once_each() -> None:
    team = Filters(labels=("ready", "qa"), exclude_labels=("hold",))
    finding = judged(pull_request(labels={"wip", "hold"}), only("labels", filters=team, all_of=["qa"], none_of=["wip"]))

    assert finding.because == (
        "the label ready is not set; the label qa is not set; the label hold is set; the label wip is set"
    )
    assert {reason.actor for reason in finding.reasons} == {"alice"}


TWO = (gate("unit"), gate("e2e"))


def gated(*results: Any, passed: Any = "required", gates: Any = TWO) -> Finding:
    ruled = rules(policies=(policy("gates", passed=passed),), gates=gates)
    return judged(pull_request(), ruled, Proof(evaluation(1, results=results), frozenset()))


def test_required_gates_that_all_passed_satisfy() -> None:
    assert gated(gate_result("unit"), gate_result("e2e")).satisfied


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.TIMED_OUT, Verdict.ERRORED, Verdict.SKIPPED])
def test_a_gate_with_any_other_verdict_is_not_a_pass(verdict: Verdict) -> None:
    finding = gated(gate_result("unit"), gate_result("e2e", verdict))

    assert finding.because == f"on tree {PROOF.evaluation.candidate.tree[:7]}: e2e {verdict.value}"
    assert [reason.code for reason in finding.reasons] == [ReasonCode.POLICY_VIOLATED]


def test_a_required_gate_that_did_not_run_is_not_a_pass() -> None:
    assert gated(gate_result("unit")).because.endswith("e2e did not run")


def test_a_required_gate_is_not_excused_by_a_result_that_says_it_was_not_required() -> None:
    failed = gate_result("e2e", Verdict.FAILED, required=False)

    assert gated(gate_result("unit"), failed).because.endswith("e2e failed")


def test_a_gate_that_both_passed_and_failed_is_not_a_pass() -> None:
    assert not gated(gate_result("unit", Verdict.FAILED), gate_result("unit"), gates=(gate("unit"),)).satisfied


@pytest.mark.parametrize("gates", [(), (gate("docs", required=False),)])
def test_zero_required_gates_are_not_a_pass(gates: Any) -> None:
    assert gated(gate_result("docs", required=False), gates=gates).because.endswith("no gate is required")


def test_gates_that_a_rule_names_must_have_run_and_passed_required_or_not() -> None:
    assert gated(gate_result("docs", required=False), passed=["docs"]).satisfied
    assert gated(gate_result("unit"), passed=["docs", "unit"]).because.endswith("docs did not run")


@pytest.mark.parametrize("check", ["gates", "audit_log_available"])
def test_without_proof_of_gating_nothing_is_satisfied(check: str) -> None:
    assert not judged(pull_request(), only(check), proof=None).satisfied


def test_a_required_gate_whose_pass_is_not_on_record_is_named() -> None:
    ruled = rules(policies=(policy("audit_log_available"),), gates=TWO)
    proof = Proof(evaluation(1, results=(gate_result("unit"), gate_result("e2e"))), frozenset({"unit"}))
    finding = judged(pull_request(), ruled, proof)

    assert finding.because == "the audit log does not show that e2e passed"
    assert [reason.code for reason in finding.reasons] == [ReasonCode.AUDIT_TRAIL_MISSING]


def test_an_audit_log_of_no_required_gate_is_not_an_audit_trail() -> None:
    ruled = rules(policies=(policy("audit_log_available"),), gates=())

    assert not judged(pull_request(), ruled, Proof(evaluation(1), frozenset({"unit"}))).satisfied


def test_the_baseline_asks_for_approvals_reviewers_labels_gates_and_the_audit_log() -> None:
    assert {rule.check for file in BASELINE_POLICIES for rule in file.rules} == {
        "approvals",
        "reviewers",
        "labels",
        "gates",
        "audit_log_available",
    }
