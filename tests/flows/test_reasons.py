"""Each reason of the table, reached from outside: by what people, gates and the code host did."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.flows.hub import Hub
from tests.flows.world import PullRequest, Repository

Situation = Callable[[Hub, Repository], PullRequest]


def _team(hub: Hub, repository: Repository, **more: Any) -> None:
    hub.config.team("team-a", repository, **more)


def draft(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    return api.pull_request("topic", draft=True)


def target_other(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    api.commit("release", {"release.txt": "1\n"})
    return api.pull_request("topic", base="release")


def label_missing(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api, filters={"labels": ["ready"]})
    return api.pull_request("topic", labels=["Ready"])


def label_excluded(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api, filters={"exclude_labels": ["wip"]})
    return api.pull_request("topic", labels=["wip"])


def security_review_pending_by_default(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    return api.pull_request("topic", labels=["security-review-pending"])


def changes_requested(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    pull_request = api.pull_request("topic")
    pull_request.approve("carol", "REQUEST_CHANGES")
    return pull_request


def approvals_missing(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api, filters={"required_approvals": 2})
    return api.pull_request("topic", approved_by=["bob"])


def approval_dismissed(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    pull_request = api.pull_request("topic", approved_by=[])
    pull_request.dismiss(pull_request.approve("bob"))
    return pull_request


def approval_stale(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    pull_request = api.pull_request("topic")
    pull_request.push({"more.txt": "more\n"})
    return pull_request


def approval_of_a_contributor(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    api.commit("topic", {"a.txt": "a\n"}, by="bob")
    return api.pull_request("topic", approved_by=["bob"])


def approval_of_a_co_author(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    message = "Change a\n\nCo-authored-by: Bob <bob@example.org>"
    api.commit("topic", {"a.txt": "a\n"}, message=message)
    return api.pull_request("topic", approved_by=["bob"])


def approver_not_listed(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    hub.config.access = {"teams": {"team-a": {"approvers": ["carol"]}}}
    return api.pull_request("topic", approved_by=["bob"])


def approver_who_may_only_read(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    hub.organization.world.tell(users=[{"login": "reader", "permission": "read"}])
    return api.pull_request("topic", approved_by=["reader"])


def reviewer_missing(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api, filters={"required_reviewers": ["carol"]})
    return api.pull_request("topic", approved_by=["bob"])


def reviewing_team_missing(hub: Hub, api: Repository) -> PullRequest:
    hub.organization.team("security", "carol", "dave")
    _team(hub, api, filters={"required_reviewers": [f"{hub.organization.login}/security"]})
    return api.pull_request("topic", approved_by=["bob"])


def policy_violated(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    hub.config.team("team-b", "elsewhere", gates=[{"name": "benchmarks", "command": "true"}], stage="observe")
    hub.organization.repository("elsewhere")
    hub.config.policies = [policy("gates", {"passed": ["benchmarks"]})]
    return api.pull_request("topic")


def audit_disabled(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    hub.config.global_["audit"] = {"enabled": False}
    return api.pull_request("topic")


def no_required_gate(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api, gates=[{"name": "lint", "command": "true", "required": False}])
    return api.pull_request("topic")


def no_gate_at_all(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api, gates=[])
    return api.pull_request("topic")


def dependency_open(hub: Hub, api: Repository) -> PullRequest:
    web = hub.organization.repository("web")
    _team(hub, api, filters={"required_approvals": 1})
    waiting = web.pull_request("waiting", approved_by=[])
    hub.config.team("team-b", web)
    return api.pull_request("topic", depends_on=[waiting])


def dependency_held(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    waiting = api.pull_request("waiting", approved_by=[])
    return api.pull_request("topic", depends_on=[f"#{waiting.number}"])


def dependency_closed(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    closed = api.pull_request("closed")
    closed.close()
    return api.pull_request("topic", depends_on=[f"#{closed.number}"])


def dependency_unknown(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    return api.pull_request("topic", depends_on=["#4711"])


def dependency_unreadable(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    return api.pull_request("topic", depends_on=["the other one"])


def depends_on_itself(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    return api.pull_request("topic", depends_on=["#1"])


def conflict_ahead(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    api.pull_request("first", {"shared.txt": "first\n"})
    return api.pull_request("topic", {"shared.txt": "topic\n"})


def conflict_base(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    api.commit("topic", {"README.md": "mine\n"})
    api.commit("main", {"README.md": "theirs\n"})
    return api.pull_request("topic")


def base_red(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    api.commit("main", {"broken": "yes\n"})
    return api.pull_request("topic")


def stage_observe(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api, stage="observe")
    return api.pull_request("topic")


def stage_gate(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api, stage="gate")
    return api.pull_request("topic")


def gate_failed(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    return api.pull_request("topic", {"broken": "yes\n"})


def gate_timed_out(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api, gates=[{"name": "tests", "command": "test ! -e slow || sleep 60", "timeout": 1}])
    return api.pull_request("topic", {"slow": "yes\n"})


def gate_errored(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api, gates=[{"name": "tests", "command": "test ! -e flaky || exit 75"}])
    return api.pull_request("topic", {"flaky": "yes\n"})


def landing_rejected(hub: Hub, api: Repository) -> PullRequest:
    _team(hub, api)
    hook = api.directory / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'the branch is frozen' >&2\nexit 1\n")
    hook.chmod(0o755)
    return api.pull_request("topic")


def policy(check: str, parameters: dict[str, object]) -> dict[str, object]:
    rule = {"id": "ORG-001", "title": "A rule", "check": check, "severity": "high", "with": parameters}
    metadata = {"name": "org", "owner": "security"}
    return {"apiVersion": "merge-hub/v1", "kind": "Policy", "metadata": metadata, "rules": [rule]}


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        (draft, "held: draft"),
        (target_other, "held: target-other"),
        (label_missing, "held: label-missing"),
        (label_excluded, "held: label-excluded"),
        (security_review_pending_by_default, "held: label-excluded"),
        (changes_requested, "held: changes-requested"),
        (approvals_missing, "held: approvals-missing"),
        (approval_dismissed, "held: approvals-missing"),
        (approval_stale, "held: approvals-missing approval-stale"),
        (approval_of_a_contributor, "held: approvals-missing approval-not-independent"),
        (approval_of_a_co_author, "held: approvals-missing approval-not-independent"),
        (approver_not_listed, "held: approvals-missing approver-not-authorized"),
        (approver_who_may_only_read, "held: approvals-missing approver-not-authorized"),
        (reviewer_missing, "held: reviewer-missing"),
        (reviewing_team_missing, "held: reviewer-missing"),
        (policy_violated, "held: policy-violated"),
        (audit_disabled, "held: audit-trail-missing"),
        (no_required_gate, "held: no-required-gate"),
        (no_gate_at_all, "held: no-required-gate"),
        (dependency_open, "held: dependency-open"),
        (dependency_held, "held: dependency-held"),
        (dependency_closed, "held: dependency-closed"),
        (dependency_unknown, "held: dependency-unknown"),
        (dependency_unreadable, "held: dependency-unknown"),
        (depends_on_itself, "refused: dependency-cycle"),
        (conflict_ahead, "held: conflict-ahead"),
        (conflict_base, "refused: conflict-base"),
        (base_red, "held: base-red"),
        (stage_observe, "held: stage-observe"),
        (stage_gate, "held: stage-gate"),
        (gate_failed, "refused: gate-failed"),
        (gate_timed_out, "refused: gate-timed-out"),
        (gate_errored, "failed: gate-errored"),
        (landing_rejected, "failed: landing-rejected"),
    ],
)
def test_a_pull_request_that_does_not_land_is_told_why(hub: Hub, situation: Situation, expected: str) -> None:
    api = hub.organization.repository("api")
    pull_request = situation(hub, api)

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(pull_request) == [expected]
    assert pull_request.state == "open"
    assert kept["host"] == hub.traces()["host"]
    assert hub.leftovers() == []
