from dataclasses import replace
from typing import Any

import pytest

from config.errors import UnknownTeam
from config.schema import BASELINE_POLICIES, AccessFile, Configuration, GlobalFile, Landing, Stage, TeamFile
from tasks.domain.model import RepositoryName
from tasks.domain.rules import Rules, rules_for

ORDER = [Stage.OBSERVE, Stage.GATE, Stage.MERGE]


def configuration(
    access: dict[str, Any] | None = None, organization: dict[str, Any] | None = None, **team: Any
) -> Configuration:
    whole = {
        "organization": organization or {"name": "AcmeCorp", "login": "acme"},
        "global_gates": [{"name": "scan", "command": "scan"}],
    }
    web = {"team": {"name": "web", "repos": ["acme/web"]}, "gates": [{"name": "unit", "command": "make test"}], **team}
    return Configuration(
        global_=GlobalFile.model_validate(whole),
        teams=(TeamFile.model_validate(web),),
        access=AccessFile.model_validate({"teams": {"web": access}}) if access is not None else None,
        digest="sha256:0",
    )


def ruled(run: Stage = Stage.MERGE, **team: Any) -> Rules:
    return rules_for(configuration(**team), "web", RepositoryName("acme/web"), run)


def test_rules_are_the_team_s_within_the_organization_s() -> None:
    rules = ruled(scope={"target": "trunk"}, policies={"max_prs_per_batch": 4, "method": "squash"})

    assert (rules.organization, rules.login, rules.team) == ("AcmeCorp", "acme", "web")
    assert (rules.target, rules.batch_cap, rules.method.value) == ("trunk", 4, "squash")
    assert [gate.name for gate in rules.gates] == ["scan", "unit"]
    assert (rules.policies, rules.audited) == (BASELINE_POLICIES, True)


def test_an_organization_without_a_login_goes_by_its_name() -> None:
    assert ruled(organization={"name": "acme"}).login == "acme"


@pytest.mark.parametrize("team", ORDER)
@pytest.mark.parametrize("run", ORDER)
def test_a_run_goes_as_far_as_both_the_team_and_the_run_may(team: Stage, run: Stage) -> None:
    assert ruled(run, stage=team.value).stage is min(team, run, key=ORDER.index)


def test_what_the_code_host_merges_is_gated_one_at_a_time() -> None:
    rules = ruled(policies={"landing": "api", "max_prs_per_batch": 8})

    assert (rules.landing, rules.batch_cap) == (Landing.API, 1)


def test_where_access_control_lists_nobody_everybody_may_approve() -> None:
    assert ruled().approvers is None
    assert ruled(access={}).approvers is None


def test_listed_approvers_are_compared_in_small_letters_as_the_code_host_resolves_them() -> None:
    assert ruled(access={"approvers": ["Carol", "dave"]}).approvers == frozenset({"carol", "dave"})


def test_an_empty_list_of_approvers_is_nobody_and_not_everybody() -> None:
    assert ruled(access={"approvers": []}).approvers == frozenset()


def test_a_team_that_is_not_configured_has_no_rules() -> None:
    with pytest.raises(UnknownTeam):
        rules_for(configuration(), "api", RepositoryName("acme/web"), Stage.MERGE)


@pytest.mark.parametrize(("workers", "slots"), [(None, 1), (1, 1), (3, 1), (4, 2), (9, 4)])
def test_as_many_candidates_are_gated_at_a_time_as_there_are_workers_for_all_their_gates(
    workers: int | None, slots: int
) -> None:
    assert with_workers(workers, Stage.MERGE).slots == slots


def test_where_nothing_lands_nothing_is_gated_ahead_of_time() -> None:
    assert with_workers(9, Stage.GATE).slots == 1


@pytest.mark.parametrize(("workers", "threshold", "odds"), [(19, None, 0.45), (20, None, 0.25), (20, 60, 0.6)])
def test_with_room_for_ten_candidates_less_probable_ones_are_gated_ahead_of_time_unless_a_threshold_is_said(
    workers: int, threshold: int | None, odds: float
) -> None:
    assert with_workers(workers, Stage.MERGE, threshold).least_odds == odds


def with_workers(workers: int | None, stage: Stage, threshold: int | None = None) -> Rules:
    known = configuration()
    said = {"max_workers": workers, "speculation_threshold": threshold}
    execution = known.global_.execution.model_copy(update=said)
    whole = replace(known, global_=known.global_.model_copy(update={"execution": execution}))
    return rules_for(whole, "web", RepositoryName("acme/web"), stage)


TIGHTER = {
    "id": "BASE-003",
    "title": "No review is pending, nor anybody in doubt",
    "check": "labels",
    "with": {"none_of": ["security-review-pending", "in-doubt"]},
    "severity": "critical",
    "controls": ["SOC2:CC8.1", "ISO27001:A.8.28"],
}


def test_what_a_team_tightened_holds_for_it_in_the_place_of_the_organization_s_rule() -> None:
    rules = ruled(policies={"rules": [TIGHTER, {**TIGHTER, "id": "WEB-001"}]})

    held = {rule.id: rule for policy in rules.policies for rule in policy.rules}
    assert sorted(held) == ["BASE-001", "BASE-002", "BASE-003", "BASE-004", "BASE-005", "WEB-001"]
    assert held["BASE-003"].title == TIGHTER["title"]
    assert rules.policy_digest != ruled().policy_digest
