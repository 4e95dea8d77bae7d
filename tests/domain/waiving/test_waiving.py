"""What a waiver lets pass, and what it does not."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from config.schema import PolicyFile, Waiver
from tasks.domain.compliance import ComplianceReport, evaluate
from tasks.domain.decision_records import policy_decided, waivers_used
from tasks.domain.model import Circumstances, PullRequest
from tests.domain.builders import candidate, commit, pull_request, recorder, rules

WITHIN = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)


def waiver(**more: Any) -> Waiver:
    scope = {"repo": "acme/web", **more.pop("scope", {})}
    people = {"requested_by": "bob", "approved_by": "carol"}
    days = {"approved_on": "2026-11-20", "expires": "2026-11-30"}
    outline = {"id": "W-7", "rule": "SEC-002", "reason": "The scanner is down.", "ticket": "SEC-99"}
    return Waiver.model_validate({**outline, **people, **days, **more, "scope": scope})


def policies(**more: Any) -> tuple[PolicyFile, ...]:
    rule = {"id": "SEC-002", "title": "Reviewed", "check": "labels", "severity": "high", "waivable": True}
    outline = {"apiVersion": "merge-hub/v1", "kind": "Policy", "metadata": {"name": "security", "owner": "us"}}
    rules_ = [{**rule, "with": {"all_of": ["reviewed"]}, **more}]
    return (PolicyFile.model_validate({**outline, "rules": rules_}),)


def judged(
    *waivers: Waiver, pull: PullRequest | None = None, at: datetime | None = WITHIN, **rule: Any
) -> ComplianceReport:
    here = replace(rules(policies=policies(**rule)), waivers=waivers)
    return evaluate(pull or pull_request(), here, Circumstances(at=at), None)


def test_a_waiver_lets_pass_what_is_violated_and_is_named_with_who_allowed_it() -> None:
    report = judged(waiver())
    (finding,) = report.findings

    assert (report.compliant, finding.result, finding.reasons) == (True, "waived", ())
    assert finding.because == (
        "the label reviewed is not set; waiver W-7 of carol until 2026-11-30: The scanner is down."
    )


def test_what_is_satisfied_needs_no_waiver() -> None:
    (finding,) = judged(waiver(), pull=pull_request(labels=["reviewed"])).findings

    assert finding.result == "pass"


@pytest.mark.parametrize(
    "report",
    [
        judged(),
        judged(waiver(rule="SEC-003")),
        judged(waiver(scope={"pr": 2})),
        judged(waiver(scope={"target": "release"})),
        judged(waiver(), at=None),
        judged(waiver(), at=datetime(2026, 12, 1, tzinfo=UTC)),
        judged(waiver(), at=datetime(2026, 11, 19, 23, 59, tzinfo=UTC)),
        judged(waiver(), pull=pull_request(author="carol")),
        judged(waiver(), pull=pull_request(author=None)),
        judged(waiver(approved_by="Dave"), pull=pull_request(commits=(commit("alice", "dave"),))),
        judged(waiver(), waivable=False),
    ],
    ids=[
        "no waiver",
        "another rule",
        "another pull request",
        "another branch",
        "unknown time",
        "expired",
        "not yet allowed",
        "allowed by its author",
        "no known author",
        "allowed by a contributor",
        "a rule that is not waivable",
    ],
)
def test_a_waiver_of_something_else_lets_nothing_pass(report: ComplianceReport) -> None:
    assert (report.compliant, report.findings[0].result) == (False, "fail")


@pytest.mark.parametrize("scope", [{}, {"pr": 1}, {"target": "main"}])
def test_a_waiver_holds_in_all_of_its_scope(scope: dict[str, object]) -> None:
    assert judged(waiver(scope=scope)).compliant


def test_what_cannot_be_evaluated_cannot_be_waived() -> None:
    paths: Any = {"with": {"none_of": ["secrets/**"]}}
    report = judged(waiver(), check="paths", **paths)

    assert report.findings[0].result == "error"


def test_a_use_is_recorded_once_a_head_and_the_decision_names_the_waiver() -> None:
    held = waiver()
    events = [event for _ in range(2) for event in waivers_used(recorder(), judged(held), (held,))]
    decided: Any = policy_decided(recorder(), judged(held), candidate(1), "sha256:policy").data

    assert len({event.id for event in events}) == 1
    assert events[0].data["approved_by"] == "carol"
    assert (decided["decision"], decided["rules"][0]["result"], decided["rules"][0]["waiver"]) == (
        "allow",
        "waived",
        "W-7",
    )
