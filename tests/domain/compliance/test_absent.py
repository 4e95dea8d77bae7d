"""
Whatever is absent from the facts of a decision, be it one field or several: a refusal never becomes a pass.

The facts are those that are kept of each decision, as JSON, with all that they hold: the pull request, every field of
the circumstances and of what stands in them, the proof of gating. What lacks something is read again as `replay` reads
it, and what cannot be read is no pass.

Some kinds of nothing are answers and no gaps. Nobody's login is one, by contract, for whoever does not ask for more: a
rule that wants `everybody_known` does, and for it they are gaps as well.
"""

import json
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from config.schema import AnyRule, ApprovalsRule, Check
from tasks.domain.facts import Facts, UnreadableFacts, read_facts, written
from tests.domain.demands import DEMANDS, dice_of, judged, rule_of, world

Path = tuple[str | int, ...]
Kind = tuple[str, ...]
WORLDS = [world(seed) for seed in range(60)]
KEPT = [json.loads(written(facts)) for facts in WORLDS]
WHENS: tuple[dict[str, Any], ...] = ({}, {}, {}, {"when": {"paths": ["src/"]}}, {"when": {"labels": ["ready"]}})
OF_THE_CONFIGURATION = "demands"
NAMED_BY_THE_WORLD = {"groups", "contributions", "trees", "signatures"}

NONE_ARE_THERE = {"labels", "merges", "asked", "bypass"}
"""Lists that say by being empty that there is nothing of the kind."""
NOT_COUNTED = {"lines"}
"""Of a file of which git counts no lines there are none to count."""
NOBODY = {"author", "last_pusher", "contributors", "reviewer"}


def places(found: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Everything below: each entry of each mapping and each item of each list."""
    for key, below in found.items() if isinstance(found, dict) else enumerate(found):
        if key != OF_THE_CONFIGURATION:
            yield (*path, key), below
            if isinstance(below, dict | list):
                yield from places(below, (*path, key))


def kind_of(path: Path, found: Any) -> Kind:
    """Places of the same kind are alike in whatever facts they are found."""
    named = [key for position, key in enumerate(path) if not position or path[position - 1] not in NAMED_BY_THE_WORLD]
    return (*("" if isinstance(key, int) else key for key in named), type(found).__name__)


def gaps_at(path: Path, found: Any) -> Iterator[Any]:
    """What can stand there instead: nothing at all (`...`), `null`, or an empty one."""
    yield None
    if not isinstance(path[-1], int):
        yield ...
    if isinstance(found, dict | list):
        yield type(found)()


def is_an_answer(path: Path, gap: Any, rule: AnyRule) -> bool:
    names = {key for key in path if isinstance(key, str)}
    if gap is None and NOBODY & names:
        return not (isinstance(rule, ApprovalsRule) and rule.parameters.everybody_known)
    return bool(NOT_COUNTED & names) if gap is None else gap == [] and path[-1] in NONE_ARE_THERE


def put(kept: Any, path: tuple[Any, ...], gap: Any) -> Any:
    """A copy in which `gap` stands there; the same where an earlier gap left no such place."""
    if not path:
        return gap
    if not isinstance(kept, dict | list) or path[0] not in (kept if isinstance(kept, dict) else range(len(kept))):
        return kept
    copy = kept.copy()
    if len(path) == 1 and gap is ...:
        del copy[path[0]]
    else:
        copy[path[0]] = put(kept[path[0]], path[1:], gap)
    return copy


def read(kept: Any) -> Facts | None:
    try:
        return read_facts(json.dumps(kept).encode())
    except UnreadableFacts:
        return None


@cache
def readable_gaps() -> list[dict[Kind, list[tuple[Path, Any]]]]:
    """Of each of `KEPT` what can be taken away so that it is still read, by the kind of place: no other can pass."""
    known: dict[Kind, list[Any]] = {}
    able: list[dict[Kind, list[tuple[Path, Any]]]] = []
    for kept in KEPT:
        able.append({})
        for path, found in places(kept):
            kind = kind_of(path, found)
            if kind not in known:
                known[kind] = [gap for gap in gaps_at(path, found) if read(put(kept, path, gap)) is not None]
            if known[kind]:
                able[-1].setdefault(kind, []).extend((path, gap) for gap in known[kind])
    return able


def some_rule(check: Check, dice: Random) -> AnyRule:
    while True:
        chosen = {key: dice.choice(values) for key, values in DEMANDS[check].items()}
        try:
            return rule_of(check, chosen, **dice.choice(WHENS))
        except ValidationError:
            continue


def turned(check: Check, dice: Random) -> tuple[AnyRule, Any] | None:
    """A rule that refuses something, and what it then let pass for lack of one to three of its fields."""
    which, rule = 0, some_rule(check, dice)
    while not judged(rule, WORLDS[which]).blocking:
        which, rule = dice.randrange(len(WORLDS)), some_rule(check, dice)
    kept, gaps = KEPT[which], readable_gaps()[which]
    for kind in dice.sample(sorted(gaps), dice.randint(1, 3)):
        path, gap = dice.choice(gaps[kind])
        kept = kept if is_an_answer(path, gap, rule) else put(kept, path, gap)
    facts = read(kept)
    passes = facts is not None and len(facts.pull_requests) == 1 and not judged(rule, facts).blocking
    return (rule, kept) if passes else None


@pytest.mark.parametrize("check", Check)
@settings(max_examples=10)
@given(seed=st.integers(0, 2**32))
def test_no_absence_turns_a_refusal_into_a_pass(check: Check, seed: int) -> None:
    dice = dice_of(seed)
    found = [turned(check, dice) for _ in range(10)]

    assert found == [None] * 10


@pytest.mark.parametrize("check", Check)
def test_what_is_tried_passes_now_and_then(check: Check) -> None:
    dice = dice_of(1)
    found = [judged(some_rule(check, dice), facts).blocking for facts in WORLDS]

    assert not all(found)
