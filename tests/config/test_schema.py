from datetime import timedelta

import pytest
from pydantic import ValidationError

from config.errors import UnknownTeam
from config.schema import (
    BASELINE_POLICIES,
    AccessFile,
    Audit,
    Check,
    Configuration,
    Filters,
    Gate,
    GatesParameters,
    GlobalFile,
    LocalStorage,
    Organization,
    PolicyFile,
    Scope,
    Stage,
    TeamFile,
    digest_of_rules,
)


def team(name: str, *repos: str, gates: tuple[Gate, ...] = ()) -> TeamFile:
    return TeamFile.model_validate({"team": {"name": name, "repos": repos}, "gates": gates})


def gate(name: str) -> Gate:
    return Gate(name=name, command="true")


def configuration(
    *teams: TeamFile,
    organization: Organization | None = None,
    access: AccessFile | None = None,
    gates: tuple[Gate, ...] = (),
) -> Configuration:
    global_ = GlobalFile(organization=organization or Organization(name="AcmeCorp"), global_gates=gates)
    return Configuration(global_=global_, teams=teams, access=access, digest="sha256:0")


def policy(*rules: dict[str, object]) -> PolicyFile:
    metadata = {"name": "security", "owner": "@acme/security"}
    whole = {"apiVersion": "merge-hub/v1", "kind": "Policy", "metadata": metadata, "rules": rules}
    return PolicyFile.model_validate(whole)


def rule(identifier: str, **more: object) -> dict[str, object]:
    return {"id": identifier, "title": "A rule", "check": "gates", "severity": "high", **more}


@pytest.mark.parametrize(
    ("cache", "lifetime"),
    [
        ("never", None),
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("24h", timedelta(days=1)),
        ("7d", timedelta(days=7)),
    ],
)
def test_a_pass_holds_as_long_as_the_gate_says(cache: str, lifetime: timedelta | None) -> None:
    assert Gate(name="tests", command="make test", cache=cache).cache_lifetime == lifetime


def test_a_pass_holds_for_a_day_unless_said_otherwise() -> None:
    assert gate("tests").cache_lifetime == timedelta(days=1)


@pytest.mark.parametrize("cache", ["0s", "1w", "1.5h", "-1d", "always", "1d ", "", "1000000d"])
def test_other_lifetimes_are_refused(cache: str) -> None:
    with pytest.raises(ValidationError):
        Gate(name="tests", command="make test", cache=cache)


@pytest.mark.parametrize(
    ("one", "other", "lower"),
    [
        (Stage.OBSERVE, Stage.MERGE, Stage.OBSERVE),
        (Stage.MERGE, Stage.GATE, Stage.GATE),
        (Stage.GATE, Stage.GATE, Stage.GATE),
        (Stage.GATE, Stage.OBSERVE, Stage.OBSERVE),
    ],
)
def test_the_lower_of_two_stages_holds(one: Stage, other: Stage, lower: Stage) -> None:
    assert Stage.lower_of(one, other) is lower


@pytest.mark.parametrize("branch", ["main", "release/1.2", "feature-x", "a@b", "ünïcode"])
def test_what_git_calls_a_branch_may_be_a_target(branch: str) -> None:
    assert Scope(target=branch).target == branch


@pytest.mark.parametrize(
    "branch",
    [
        *("", "-d", "--force", "a..b", "a b", "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b", "/a", "a/", "a//b", ".a"),
        *("a/.b", "a.", "a.lock", "a.lock/b", "a@{1}", "@", "HEAD", "refs/heads/main", "a\nb", "a\x7f"),
    ],
)
def test_what_git_refuses_or_mistakes_is_no_target(branch: str) -> None:
    with pytest.raises(ValidationError):
        Scope(target=branch)


@pytest.mark.parametrize("name", ["all", "Team-A", "-a", "team a", "", "team/a", "../a"])
def test_a_team_is_not_called(name: str) -> None:
    with pytest.raises(ValidationError):
        team(name, "acme/a")


@pytest.mark.parametrize(
    "repository", ["a/b/c", "/a", "a/", "a/..", "a/.", "a/b.git", "-a/b", "a b", "https://a/b", ""]
)
def test_a_repository_is_not_spelled(repository: str) -> None:
    with pytest.raises(ValidationError):
        team("team-a", repository)


@pytest.mark.parametrize("reviewer", ["alice", "acme/security", "@acme/security", "dependabot-1"])
def test_a_reviewer_is_a_login_or_a_team(reviewer: str) -> None:
    assert Filters(required_reviewers=(reviewer,)).required_reviewers == (reviewer,)


def test_what_is_left_out_is_safe() -> None:
    chosen = team("team-a", "acme/a")

    assert (
        chosen.scope.filters.required_approvals,
        chosen.policies.require_audit_log,
        chosen.scope.target,
        Audit().enabled,
        Audit().storage,
    ) == (1, True, "main", True, LocalStorage())


def test_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        team("team-a", "acme/a").stage = Stage.OBSERVE


def test_a_repository_without_owner_is_the_organizations() -> None:
    chosen = team("team-a", "service-auth", "other/service-api")

    assert configuration(chosen).repositories_of(chosen) == ("AcmeCorp/service-auth", "other/service-api")


def test_the_login_of_the_organization_goes_before_its_name() -> None:
    chosen = team("team-a", "service-auth")
    whole = configuration(chosen, organization=Organization(name="Acme Corporation", login="acme"))

    assert whole.repositories_of(chosen) == ("acme/service-auth",)


def test_global_gates_come_before_the_teams() -> None:
    chosen = team("team-a", "acme/a", gates=(gate("tests"),))
    whole = configuration(chosen, gates=(gate("license-check"),))

    assert [each.name for each in whole.gates_for(chosen)] == ["license-check", "tests"]


def test_an_unknown_team_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownTeam) as refusal:
        configuration(team("team-a", "acme/a"), team("team-b", "acme/b")).team("team-c")

    assert (str(refusal.value), refusal.value.remedy) == ("no team is called 'team-c'", "choose one of team-a, team-b")


def test_without_an_access_file_anybody_may_approve() -> None:
    chosen = team("team-a", "acme/a")

    assert configuration(chosen).approvers_for(chosen) is None


def test_an_empty_list_of_approvers_is_not_anybody() -> None:
    chosen = team("team-a", "acme/a")
    access = AccessFile.model_validate({"teams": {"team-a": {"approvers": []}}})

    assert configuration(chosen, access=access).approvers_for(chosen) == frozenset()


def test_the_baseline_demands_what_every_organization_can_and_blocks() -> None:
    rules = [each for bundle in BASELINE_POLICIES for each in bundle.rules]

    assert ({each.check for each in rules}, {each.enforcement for each in rules}) == (
        {Check.APPROVALS, Check.REVIEWERS, Check.LABELS, Check.GATES, Check.AUDIT_TRAIL},
        {"block"},
    )


def test_no_policies_is_not_no_rules() -> None:
    assert configuration(team("team-a", "acme/a")).policies == BASELINE_POLICIES


def test_the_digest_of_rules_does_not_depend_on_their_order() -> None:
    one, other = rule("SEC-001"), rule("SEC-002", title="Another rule")

    assert digest_of_rules([policy(one, other)]) == digest_of_rules([policy(other), policy(one)])


def test_the_digest_of_rules_changes_with_a_parameter() -> None:
    lax, strict = rule("SEC-001", check="approvals"), rule("SEC-001", check="approvals", **{"with": {"min": 2}})

    assert digest_of_rules([policy(lax)]) != digest_of_rules([policy(strict)])


def test_a_default_that_is_written_out_changes_no_digest() -> None:
    written = rule("SEC-001", enforcement="block", **{"with": {"passed": "required"}})

    assert digest_of_rules([policy(written)]) == digest_of_rules([policy(rule("SEC-001"))])


def test_gates_that_must_pass_are_the_required_ones_or_named() -> None:
    named = policy(rule("SEC-001", **{"with": {"passed": ["tests"]}})).rules[0].parameters

    assert named == GatesParameters(passed=("tests",))


def test_an_empty_list_of_gates_is_not_a_demand() -> None:
    with pytest.raises(ValidationError):
        GatesParameters(passed=())


def test_a_policy_without_rules_is_refused() -> None:
    with pytest.raises(ValidationError):
        policy()
