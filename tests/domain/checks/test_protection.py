"""The target branch is guarded as demanded, by all that guards it together, or it is said what lacks."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.schema import RulesetParameters
from tasks.domain.checks.judgement import InError, Judgement, Satisfied, Violated
from tasks.domain.checks.protection import check_protection
from tasks.domain.circumstances import circumstances_document
from tasks.domain.model import Circumstances
from tasks.domain.protection import SWITCHES, Bypass, Guard, Protection, Reach, Unread
from tasks.domain.reasons import ReasonCode
from tests.domain.builders import pull_request

EVERYTHING: dict[str, Any] = {
    "required_reviews": 2,
    "required_checks": ("unit", "lint"),
    "strict_checks": True,
    "dismiss_stale": True,
    "last_push_approval": True,
    "code_owner_review": True,
    "linear_history": True,
    "signed_commits": True,
    "block_force_push": True,
    "block_deletion": True,
}
FULL = Guard(
    name="ruleset full (1)",
    reviews=2,
    checks=("lint", "unit"),
    **dict.fromkeys(SWITCHES, True),
    bypass=(),
    discloses="the permission administration: write",
)
ADMINS = Bypass("role:admin", Reach.MERGING)
HUB = Bypass("app:7", Reach.EVERYTHING)
NOBODY_ELSE = "that nobody else may bypass, and "
CLASSIC = Guard(
    name="branch protection", reviews=1, block_force_push=True, block_deletion=True, bypass=(ADMINS,), discloses="x"
)


def judged(*guards: Guard, unread: tuple[Unread, ...] = (), **parameters: Any) -> Judgement:
    protection = Protection("main", guards, unread)
    return check_protection(RulesetParameters.model_validate(parameters), "main", protection)


def result(judgement: Judgement) -> str:
    return {Satisfied: "pass", Violated: "fail", InError: "error"}[type(judgement)]


def test_a_branch_that_has_every_guard_satisfies_every_demand() -> None:
    assert judged(FULL, **EVERYTHING) == Satisfied("main has 10 of 10 guards, by ruleset full (1)")


@pytest.mark.parametrize("name", [*SWITCHES, "reviews", "checks"])
def test_each_guard_that_lacks_is_missed(name: str) -> None:
    lacking: dict[str, Any] = {"reviews": 1, "checks": ("lint",)}

    assert result(judged(replace(FULL, **{name: lacking.get(name, False)}), **EVERYTHING)) == "fail"


@pytest.mark.parametrize(
    ("guards", "demands", "because"),
    [
        ((), {"block_deletion": True}, "main is to have deletion blocked, and nothing guards it"),
        (
            (CLASSIC,),
            {"required_reviews": 2},
            "main is to have at least 2 approvals required, and branch protection requires 1",
        ),
        (
            (replace(CLASSIC, reviews=None),),
            {"required_reviews": 1},
            "main is to have at least 1 approvals required, and branch protection requires no pull request",
        ),
        (
            (replace(CLASSIC, checks=("lint",)),),
            {"required_checks": ["unit"]},
            "main is to have the required check unit, and branch protection requires lint",
        ),
        (
            (replace(CLASSIC, checks=("unit",)),),
            {"required_checks": ["unit"], "strict_checks": True},
            "main is to have the required check unit, up to date, and branch protection requires it also when outdated",
        ),
        (
            (CLASSIC,),
            {"linear_history": True, "block_deletion": True},
            "main is to have a linear history, and branch protection does not see to it",
        ),
        (
            (CLASSIC,),
            {"required_reviews": 1},
            f"main is to have at least 1 approvals required {NOBODY_ELSE}role:admin may bypass branch protection",
        ),
    ],
)
def test_what_lacks_is_told_with_what_is_there(
    guards: tuple[Guard, ...], demands: dict[str, Any], because: str
) -> None:
    judgement = judged(*guards, **demands)

    assert isinstance(judgement, Violated)
    assert judgement.because == because
    assert {reason.actor for reason in judgement.reasons} == {"an administrator of the repository"}


def test_every_guard_that_lacks_is_a_reason_of_its_own() -> None:
    judgement = judged(**EVERYTHING)

    assert isinstance(judgement, Violated)
    assert len(judgement.reasons) == 10


def test_guards_add_up() -> None:
    other = replace(FULL, name="ruleset other (2)", reviews=None, linear_history=True)
    small = Guard(name="ruleset small (3)", reviews=3, bypass=())

    assert result(judged(other, **EVERYTHING)) == "fail"
    assert judged(other, small, required_reviews=3, linear_history=True) == Satisfied(
        "main has 2 of 2 guards, by ruleset small (3), ruleset other (2)"
    )


@pytest.mark.parametrize(
    ("bypass", "allowed", "passed"),
    [
        (HUB, ["app:7"], {"reviews", "linear", "force"}),
        (HUB, ["app:8"], set()),
        (HUB, [], set()),
        (ADMINS, [], {"force"}),
        (ADMINS, ["role:admin"], {"reviews", "linear", "force"}),
        (Bypass("user:3", Reach.REVIEWS, "bob"), [], {"linear", "force"}),
        (Bypass("EnterpriseOwner:1", Reach.EVERYTHING), ["role:admin", "organization-admins"], set()),
        (HUB, ["anybody"], {"reviews", "linear", "force"}),
    ],
)
def test_what_somebody_else_may_get_around_is_not_there(bypass: Bypass, allowed: list[str], passed: set[str]) -> None:
    demands: dict[str, dict[str, Any]] = {
        "reviews": {"required_reviews": 2},
        "linear": {"linear_history": True},
        "force": {"block_force_push": True},
    }
    guard = replace(FULL, bypass=(bypass,))

    found = {name for name, each in demands.items() if result(judged(guard, allowed_bypass=allowed, **each)) == "pass"}

    assert found == passed


def test_two_guards_that_somebody_may_get_around_each_are_not_taken_for_one() -> None:
    others = [replace(FULL, name=name, bypass=(Bypass(name, Reach.EVERYTHING),)) for name in ("team:1", "team:2")]

    assert result(judged(*others, linear_history=True)) == "fail"
    assert result(judged(*others, FULL, linear_history=True)) == "pass"


def test_what_guards_another_branch_says_nothing() -> None:
    parameters = RulesetParameters(block_deletion=True)

    unknown = [check_protection(parameters, "main", each) for each in (None, Protection("release", (FULL,)))]

    assert [result(each) for each in unknown] == ["error", "error"]
    assert {each.because for each in unknown} == {"it is to be known what guards main, and is not"}


def test_a_guard_that_does_not_tell_who_may_get_around_it_is_an_error_that_says_what_is_needed() -> None:
    silent = replace(FULL, bypass=None)

    judgement = judged(silent, linear_history=True)

    assert isinstance(judgement, InError)
    assert judgement.because == (
        "main is to have a linear history, and who may bypass ruleset full (1) is not told without the permission "
        "administration: write"
    )
    assert [(reason.code, reason.actor) for reason in judgement.reasons] == [
        (ReasonCode.POLICY_ERROR, "the platform team")
    ]
    assert result(judged(silent, linear_history=True, allowed_bypass=["anybody"])) == "pass"
    assert result(judged(silent, FULL, linear_history=True)) == "pass"


def test_what_cannot_be_read_is_an_error_unless_the_rest_does() -> None:
    unread = (Unread("branch protection", "the permission administration: read"),)

    judgement = judged(replace(FULL, linear_history=False), unread=unread, linear_history=True, block_deletion=True)

    assert isinstance(judgement, InError)
    assert judgement.because == (
        "main is to have a linear history, and branch protection cannot be read without the permission administration: "
        "read"
    )
    assert result(judged(FULL, unread=unread, linear_history=True)) == "pass"


def test_what_lacks_beside_what_is_unknown_is_no_violation_that_could_be_waived() -> None:
    judgement = judged(replace(FULL, bypass=None), linear_history=True, required_reviews=3)

    assert isinstance(judgement, InError)
    assert {reason.code for reason in judgement.reasons} == {ReasonCode.POLICY_ERROR, ReasonCode.POLICY_VIOLATED}


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"block_deletion": False, "required_checks": []},
        {"allowed_bypass": ["app:7"]},
        {"strict_checks": True, "linear_history": True},
        {"linear_history": True, "allowed_bypass": ["anybody", "app:7"]},
        {"linear_history": True, "allowed_bypass": ["merge-hub"]},
        {"required_reviews": 0},
    ],
)
def test_a_rule_that_demands_nothing_or_contradicts_itself_is_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RulesetParameters.model_validate(parameters)


GUARDS = st.builds(
    Guard,
    name=st.sampled_from(["a", "b", "c"]),
    reviews=st.none() | st.integers(0, 3),
    checks=st.sampled_from([(), ("unit",), ("lint", "unit")]),
    **{name: st.booleans() for name in SWITCHES},
    bypass=st.none() | st.lists(st.sampled_from([HUB, ADMINS]), max_size=2).map(tuple),
)
WEAKER: dict[str, Any] = {
    **dict.fromkeys(SWITCHES, False),
    "reviews": None,
    "checks": (),
    "bypass": None,
}


@given(guards=st.lists(GUARDS, max_size=2), lost=st.sampled_from(sorted(WEAKER)), allowed=st.booleans())
def test_nothing_that_gets_lost_turns_a_refusal_into_a_pass(guards: list[Guard], lost: str, *, allowed: bool) -> None:
    demands = EVERYTHING | {"allowed_bypass": ["app:7"] if allowed else []}
    less = [replace(guard, **{lost: WEAKER[lost]}) for guard in guards]

    assert result(judged(*guards, **demands)) == "pass" or result(judged(*less, **demands)) != "pass"
    assert result(judged(*guards, **demands)) == "pass" or result(judged(*guards[1:], **demands)) != "pass"


def test_evidence_holds_what_guards_the_branch_and_not_what_does_not() -> None:
    known = Circumstances(
        protection=Protection("main", (CLASSIC,), (Unread("its rulesets", "the permission metadata: read"),))
    )

    assert circumstances_document(known, pull_request())["protection"] == {
        "branch": "main",
        "guards": [
            {
                "name": "branch protection",
                "bypass": [{"actor": "role:admin", "reach": "merging", "name": None}],
                "reviews": 1,
                "block_force_push": True,
                "block_deletion": True,
            }
        ],
        "unread": [{"name": "its rulesets", "needs": "the permission metadata: read"}],
    }


def test_every_switch_of_a_guard_is_listed() -> None:
    assert {each.name for each in fields(Guard) if each.type is bool} == set(SWITCHES)
