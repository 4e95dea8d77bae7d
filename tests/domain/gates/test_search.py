"""What holds for every search, by every small world of one kind and by many worlds of all kinds."""

from collections.abc import Callable, Sequence
from itertools import combinations
from random import Random
from typing import TypeVar

import pytest

from tasks.domain.gates import BaseRed, Conclusion, Evaluation, Members
from tests.domain.builders import evaluation, red
from tests.domain.gates.searching import Search, World, search

T = TypeVar("T")

FIVE = (1, 2, 3, 4, 5)
EIGHT = tuple(range(1, 9))


def subsets(batch: Members) -> list[frozenset[int]]:
    return [frozenset(some) for size in range(len(batch) + 1) for some in combinations(batch, size)]


def some_world(seed: int) -> World:
    """Up to eight members, of which few are bad, as dependent on one another as it happens."""
    random = Random(seed)  # noqa: S311 -- the same worlds each time
    batch = EIGHT[: random.randint(1, 8)]
    pairs = list(combinations(batch, 2))

    def some(population: Sequence[T], most: int) -> list[T]:
        return random.sample(population, random.randint(0, min(most, len(population))))

    return World(
        batch=batch,
        bad=frozenset(some(batch, 3)),
        errored=frozenset(some(batch, 1)),
        clashing=frozenset(some(pairs, 2)),
        needs={number: frozenset(some(batch[: number - 1], 2)) for number in batch},
        built_on={later: ground for ground, later in some(pairs, 2)},
        base_red=(base_red := random.random() < 0.2),
        base_on_record=not base_red and random.random() < 0.5,
    )


FOUND = [(world, search(world)) for world in map(some_world, range(400))]
CONCLUDED = [(world, found, found.conclusion) for world, found in FOUND if isinstance(found.end, Conclusion)]


def violations(law: Callable[[World, Search, Conclusion], bool]) -> list[World]:
    return [each[0] for each in CONCLUDED if not law(*each)]


def test_the_worlds_have_all_fates_in_them() -> None:
    fates = [[*found.accepted, *found.orphaned, *(each.number for each in found.culprits)] for _, _, found in CONCLUDED]

    assert len(CONCLUDED) > 300
    assert any(found.orphaned for _, _, found in CONCLUDED)
    assert any({*world.batch} - {*some} for (world, _, _), some in zip(CONCLUDED, fates, strict=True))


def test_every_member_is_accepted_or_has_one_fate_that_says_why_not() -> None:
    def law(world: World, found: Search, conclusion: Conclusion) -> bool:
        fates = [*conclusion.accepted, *found.culprits, *conclusion.orphaned]
        left_out = {*world.batch} - {*fates}
        unmergeable = {number for number, ground in world.built_on.items() if ground not in conclusion.accepted}
        explained = all(number in unmergeable or world.needs[number] & left_out for number in left_out)
        return len(fates) == len({*fates}) and {*fates} <= {*world.batch} and explained

    assert violations(law) == []


def test_what_is_accepted_was_gated_green_as_it_stands() -> None:
    def law(world: World, found: Search, conclusion: Conclusion) -> bool:
        in_order = tuple(number for number in world.batch if number in conclusion.accepted)
        evaluation = found.known.get(conclusion.accepted)
        green = isinstance(evaluation, Evaluation) and evaluation.green
        return conclusion.accepted == in_order and (green or not in_order)

    assert violations(law) == []


def test_nobody_is_accepted_without_what_they_depend_on() -> None:
    def law(world: World, _: Search, conclusion: Conclusion) -> bool:
        return all(world.needs[number] <= {*conclusion.accepted} for number in conclusion.accepted)

    assert violations(law) == []


def test_a_culprit_turns_red_what_is_green_without_it() -> None:
    def law(world: World, found: Search, conclusion: Conclusion) -> bool:
        return all(
            culprit.evaluation == world.gate((*culprit.context, culprit.number))
            and not culprit.evaluation.green
            and (not culprit.context or found.known[culprit.context] == evaluation(*culprit.context))
            for culprit in conclusion.culprits
        )

    assert violations(law) == []


def test_an_orphan_waits_for_a_culprit_or_for_another_orphan() -> None:
    def law(world: World, found: Search, conclusion: Conclusion) -> bool:
        gone = found.culprits | conclusion.orphaned.keys()
        return all(awaited in world.needs[number] & gone for number, awaited in conclusion.orphaned.items())

    assert violations(law) == []


def test_something_always_comes_of_a_search() -> None:
    assert violations(lambda _, found, conclusion: bool(conclusion.accepted or found.culprits)) == []


def test_no_group_is_gated_twice() -> None:
    assert [found.asked for _, found in FOUND if len(found.asked) != len({*found.asked})] == []


def test_the_base_is_gated_only_where_it_is_unproven_and_after_something_was_red() -> None:
    def lawful(world: World, found: Search) -> bool:
        red = [members for members in found.asked if isinstance(one := found.known[members], Evaluation) and one.blame]
        return found.asked.count(()) == (1 if red and not world.base_on_record else 0) and red[:1] != [()]

    assert [world for world, found in FOUND if not lawful(world, found)] == []


def test_on_a_red_base_nobody_is_blamed() -> None:
    ends = [found.end for world, found in FOUND if world.base_red]

    assert [end for end in ends if end != BaseRed(red())] == []
    assert len(ends) > 50


@pytest.mark.parametrize("size", FIVE)
def test_bad_members_that_harm_alone_are_found_exactly(size: int) -> None:
    batch = FIVE[:size]
    found = {bad: search(World(batch, bad=bad)) for bad in subsets(batch)}

    assert all(found[bad].culprits == bad for bad in found)
    assert all(found[bad].conclusion.accepted == tuple(one for one in batch if one not in bad) for bad in found)


def test_of_two_that_clash_the_later_one_is_the_culprit() -> None:
    found = {pair: search(World(FIVE, clashing=frozenset({pair}))) for pair in combinations(FIVE, 2)}

    assert all(found[pair].culprits == {pair[1]} for pair in found)
    assert all(pair[0] in found[pair].conclusion.culprits[0].context for pair in found)


def test_what_depends_on_a_culprit_is_orphaned_and_never_gated_alone() -> None:
    found = search(World((1, 2, 3), bad=frozenset({1}), needs={2: frozenset({1}), 3: frozenset({2})}))

    assert found.conclusion.orphaned == {2: 1, 3: 2}
    assert found.asked == ((1, 2, 3), (), (1, 2), (1,))


def test_what_does_not_merge_without_a_culprit_is_left_out_and_blamed_for_nothing() -> None:
    found = search(World((1, 2, 3), bad=frozenset({1}), built_on={2: 1}))

    assert (found.conclusion.accepted, found.culprits, found.conclusion.orphaned) == ((3,), {1}, {})


def test_what_depends_on_one_that_is_left_out_is_left_out_as_well() -> None:
    found = search(World((1, 2, 3, 4), bad=frozenset({1}), built_on={2: 1}, needs={3: frozenset({2})}))

    assert (found.conclusion.accepted, found.culprits, found.conclusion.orphaned) == ((4,), {1}, {})


def test_a_base_that_is_on_record_as_green_is_not_gated_again() -> None:
    assert search(World((1,), bad=frozenset({1}), base_on_record=True)).asked == ((1,),)


def test_an_empty_batch_is_concluded_at_once() -> None:
    assert search(World(())).conclusion.accepted == ()


def naive_evaluations(world: World, group: Members, accepted: Members = ()) -> tuple[int, Members]:
    """Halving that learns nothing from one half about the other."""
    known = world.gate(accepted + group)
    if isinstance(known, Evaluation) and known.green:
        return 1, accepted + group
    if len(group) == 1:
        return 1, accepted
    middle = (len(group) + 1) // 2
    left, accepted = naive_evaluations(world, group[:middle], accepted)
    right, accepted = naive_evaluations(world, group[middle:], accepted)
    return 1 + left + right, accepted


CLASHES = [frozenset[tuple[int, int]](), *(frozenset({pair}) for pair in combinations(FIVE, 2))]


@pytest.mark.parametrize("clashing", CLASHES, ids=str)
def test_the_search_never_costs_more_than_naive_halving(clashing: frozenset[tuple[int, int]]) -> None:
    every = [World(FIVE, bad=bad, clashing=clashing, base_on_record=True) for bad in subsets(FIVE)]

    assert all(search(world).evaluations <= naive_evaluations(world, FIVE)[0] for world in every)


def test_in_the_worst_case_every_group_of_the_halving_is_gated() -> None:
    assert search(World(EIGHT, bad=frozenset(EIGHT))).evaluations == 2 * 8 - 1


def test_a_batch_without_a_bad_member_costs_one_evaluation() -> None:
    assert search(World(EIGHT)).asked == (EIGHT,)


def closed_form(size: int, bad: float) -> float:
    """Evaluations of a batch of `size`, by halving where a right half is known to be red if the left one is green."""

    def some_bad(count: int) -> float:
        return 1 - (1 - bad) ** count

    def known_red(count: int) -> float:
        half = count // 2
        return 0 if count == 1 else 1 + known_red(half) + some_bad(half) / some_bad(count) * unknown(half)

    def unknown(count: int) -> float:
        return 1 + some_bad(count) * known_red(count)

    return unknown(size)


COSTS = {bad: search(World(EIGHT, bad=bad, base_on_record=True)).evaluations for bad in subsets(EIGHT)}


@pytest.mark.parametrize(("bad", "runs"), [(0.05, 0.335), (0.10, 0.518)])
def test_on_average_the_search_costs_what_the_closed_form_says(bad: float, runs: float) -> None:
    average = sum(cost * bad ** len(some) * (1 - bad) ** (8 - len(some)) for some, cost in COSTS.items())

    assert average == pytest.approx(closed_form(8, bad))
    assert average / 8 == pytest.approx(runs, rel=0.02)
