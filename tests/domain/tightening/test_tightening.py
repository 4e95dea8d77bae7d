"""Whatever a team writes in the place of an organization's rule: it is refused, or it refuses no less."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from config.schema import AnyRule, Check, Enforcement, PolicyFile, digest_of_rules
from config.schema.team_rules import policies_of
from config.schema.tightening import looser_than
from tasks.domain.facts import Facts
from tests.domain.demands import ABSENT, DEMANDS, dice_of, judged, rule_of, world

USUALLY_ABSENT = [ABSENT] * 9
OUTLINE: dict[str, list[Any]] = {
    "severity": ["low", "high", "critical"],
    "enforcement": list(Enforcement),
    "controls": [[], ["SOC2:CC8.1"], ["SOC2:CC8.1", "SOC2:CC7.1"]],
    "when.targets": [*USUALLY_ABSENT, ["main"], ["main", "release"], ["release"]],
    "when.labels": [*USUALLY_ABSENT, ["ready"], ["READY", "qa"], ["never"]],
    "when.paths": [*USUALLY_ABSENT, ["src/"], ["src/", "secret/"], ["docs/"]],
}
WORLDS = [world(seed) for seed in range(120)]
MOSTLY = 0.9


def written(check: Check, chosen: dict[str, Any]) -> AnyRule | None:
    """None where nobody could write that."""
    said = {key: value for key, value in chosen.items() if value is not ABSENT}
    when = {key.removeprefix("when."): said.pop(key) for key in list(said) if key.startswith("when.")}
    outline = {key: said.pop(key) for key in ("severity", "enforcement", "controls")}
    try:
        return rule_of(check, said, **outline, **({"when": when} if when else {}))
    except ValidationError:
        return None


def pair(check: Check, dice: Random) -> tuple[AnyRule, AnyRule] | None:
    """Some rule, and the same with a few things written otherwise; None where nobody could write them."""
    choices = OUTLINE | DEMANDS[check]
    chosen = {key: dice.choice(values) for key, values in choices.items()}
    chosen |= {"enforcement": "block"} if dice.random() < MOSTLY else {}
    changed = [
        dice.choice(sorted(some)) for some in (OUTLINE, DEMANDS[check], DEMANDS[check]) if some and dice.random() < 0.5
    ]
    base = written(check, chosen)
    own = written(check, chosen | {key: dice.choice(choices[key]) for key in changed})
    return None if base is None or own is None else (base, own)


def let_through(check: Check, dice: Random) -> list[tuple[AnyRule, AnyRule, Facts]]:
    """Of one pair that is accepted, worlds in which the organization's rule refuses and the team's does not."""
    rules, required = pair(check, dice), dice.randint(0, 3)
    if rules is None or looser_than(*rules, required):
        return []
    base, own = rules
    return [
        (base, own, each)
        for each in dice.sample(WORLDS, 6)
        if judged(base, each, required).blocking and not judged(own, each, required).blocking
    ]


def test_demands_of_every_check_are_tried() -> None:
    assert set(DEMANDS) == set(Check)


@pytest.mark.parametrize("check", Check)
@settings(max_examples=10)
@given(seed=st.integers(0, 2**32))
def test_what_the_organization_refuses_a_team_that_tightened_refuses_as_well(check: Check, seed: int) -> None:
    dice = dice_of(seed)
    found = [let_through(check, dice) for _ in range(10)]

    assert found == [[]] * 10


@pytest.mark.parametrize("check", Check)
def test_a_rule_is_as_strict_as_itself(check: Check) -> None:
    rules = [found[0] for seed in range(20) if (found := pair(check, dice_of(seed))) is not None]

    assert [looser_than(rule, rule, 2) for rule in rules] == [() for _ in rules]


def org(*rules: dict[str, Any]) -> PolicyFile:
    return PolicyFile.model_validate({**FILE, "rules": [{**RULE, **rule} for rule in rules]})


FILE = {"apiVersion": "merge-hub/v1", "kind": "Policy", "metadata": {"name": "p", "owner": "us"}}
RULE: dict[str, Any] = {"id": "ORG-001", "title": "T", "check": "labels", "severity": "low", "with": {"none_of": ["a"]}}
OF_ALL = org({}, {"id": "ORG-002"})
OF_A = org({"severity": "high", "when": {"teams": ["team-a"]}})


def chosen(team: str, *policies: PolicyFile) -> list[tuple[str, str]]:
    return [(rule.id, rule.severity.value) for policy in policies_of(policies, team) for rule in policy.rules]


@pytest.mark.parametrize("policies", [(OF_ALL, OF_A), (OF_A, OF_ALL)])
def test_the_rule_that_names_a_team_takes_the_place_of_the_one_that_names_none(
    policies: tuple[PolicyFile, ...],
) -> None:
    assert sorted(chosen("team-a", *policies)) == [("ORG-001", "high"), ("ORG-002", "low")]
    assert sorted(chosen("team-b", *policies)) == [("ORG-001", "low"), ("ORG-002", "low")]


def test_a_rule_about_other_teams_alone_stays_to_be_shown_as_such() -> None:
    assert chosen("team-b", OF_A) == [("ORG-001", "high")]


def test_the_digest_of_what_holds_for_a_team_changes_with_its_own_rules_alone() -> None:
    alone, of_a, of_b = (digest_of_rules(policies_of(each, "team-a")) for each in ((OF_ALL,), (OF_ALL, OF_A), ()))

    assert len({alone, of_a, of_b}) == 3
    assert digest_of_rules(policies_of((OF_ALL, OF_A), "team-b")) == alone
