"""Verdicts are those that somebody else comes to, who has the facts that are kept and the documentation."""

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from config.schema import Check
from tasks.domain.facts import written
from tests.domain.demands import ABSENT, DEMANDS, dice_of, judged, rule_of, world
from tests.domain.independent import KNOWN_CHECKS, verdict

CHECKS = tuple(map(Check, KNOWN_CHECKS))
WORLDS = [world(seed) for seed in range(60)]
KEPT = [json.loads(written(facts)) for facts in WORLDS]


def both(check: Check, dice: Random) -> tuple[str, str, Any]:
    """The two verdicts on the same facts, and what they were about."""
    asked = {key: value for key in DEMANDS[check] if (value := dice.choice(DEMANDS[check][key])) is not ABSENT}
    which, required = dice.randrange(len(WORLDS)), dice.randint(0, 3)
    try:
        rule = rule_of(check, asked)
    except ValidationError:
        return both(check, dice)
    filters = {"required_approvals": required, "required_reviewers": ["leads"]}
    kept = {**KEPT[which], "demands": {**KEPT[which]["demands"], "filters": filters}}
    document = {"check": check.value, "with": asked}
    return judged(rule, WORLDS[which], required).result, verdict(document, kept), (document, kept)


@pytest.mark.parametrize("check", CHECKS)
@settings(max_examples=10)
@given(seed=st.integers(0, 2**32))
def test_somebody_else_comes_to_the_same_verdict(check: Check, seed: int) -> None:
    dice = dice_of(seed)
    differing = [about for ours, theirs, about in (both(check, dice) for _ in range(20)) if ours != theirs]

    assert differing == []


@pytest.mark.parametrize("check", CHECKS)
def test_every_verdict_is_among_those_compared(check: Check) -> None:
    dice = dice_of(1)
    seen = {both(check, dice)[0] for _ in range(60)}

    assert seen >= {"pass", "fail"}
