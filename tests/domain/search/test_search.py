"""What holds for every search, by every small world of one kind and by many worlds of all kinds."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from random import Random
from typing import TypeVar

import pytest

from tasks.domain.gates import Members
from tasks.domain.group_testing import nested_plan
from tasks.domain.search import BaseRed, Conclusion, GroupTest, Line, Needed, Purpose, Standing, next_step, plan_from
from tasks.domain.speculation import speculative_tests
from tests.domain.builders import evaluation, red
from tests.domain.search.searching import Search, World, search

T = TypeVar("T")

FIVE = (1, 2, 3, 4, 5)
EIGHT = tuple(range(1, 9))


def subsets(line: Members) -> list[frozenset[int]]:
    return [frozenset(some) for size in range(len(line) + 1) for some in combinations(line, size)]


def some_world(seed: int) -> World:
    """Up to eight members, of which few are bad, as dependent on one another as it happens."""
    random = Random(seed)  # noqa: S311 -- the same worlds each time
    line = EIGHT[: random.randint(1, 8)]
    pairs = list(combinations(line, 2))
    pairs_of_ends = list(combinations(range(len(line) + 1), 2))

    def some(population: Sequence[T], most: int) -> list[T]:
        return random.sample(population, random.randint(0, min(most, len(population))))

    return World(
        line=line,
        bad=frozenset(some(line, 3)),
        errored=frozenset(some(line, 1)),
        clashing=frozenset(some(pairs, 2)),
        needs={number: frozenset(some(line[: number - 1], 2)) for number in line},
        base_red=(base_red := random.random() < 0.2),
        base_on_record=not base_red and random.random() < 0.5,
        share=random.choice([0.01, 0.05, 0.3]),
        cap=random.randint(1, 8),
        retries=random.randint(0, 2),
        suspicious=random.random() < 0.3,
        slots=random.choice([1, 1, 2, 5]),
        flaky=frozenset(line[first:last] for first, last in some(pairs_of_ends, 2)),
    )


FOUND = [(world, search(world)) for world in map(some_world, range(400))]
ENDED = [(world, found) for world, found in FOUND if found.base_red is None]


def violations(law: Callable[[World, Search], bool]) -> list[World]:
    return [world for world, found in ENDED if not law(world, found)]


def test_the_worlds_have_all_fates_in_them() -> None:
    assert len(ENDED) > 300
    assert any(found.culprits and len(found.landed) > 2 for _, found in ENDED)
    assert any({*world.line} - {*found.landed, *found.culprits} for world, found in ENDED)


def test_everybody_lands_or_is_a_culprit_or_waits_for_one_that_does_not_land() -> None:
    def law(world: World, found: Search) -> bool:
        waiting = {*world.line} - {*found.landed, *found.culprits}
        explained = all(world.needs[number] - {*found.landed} for number in waiting)
        return len({*found.landed}) == len(found.landed) and not {*found.landed} & {*found.culprits} and explained

    assert violations(law) == []


def test_what_lands_was_gated_green_as_it_stands() -> None:
    def law(world: World, found: Search) -> bool:
        gated = [each.whole for each in found.asked if world.gate(each.whole).green]
        return not found.landed or found.landed in gated

    assert violations(law) == []


def test_nobody_lands_before_what_they_depend_on() -> None:
    def law(world: World, found: Search) -> bool:
        return all(world.needs[one] <= {*found.landed[:at]} for at, one in enumerate(found.landed))

    assert violations(law) == []


def test_a_culprit_turns_red_what_is_green_without_it() -> None:
    def law(world: World, found: Search) -> bool:
        return all(
            world.gate(found.grounds[number]).green
            and not culprit.evaluation.green
            and culprit.evaluation.candidate.members[-1] == number
            and {*culprit.context} <= {*culprit.evaluation.candidate.members}
            for number, culprit in found.culprits.items()
        )

    assert violations(law) == []


def test_no_group_is_gated_twice_but_to_confirm_and_none_is_larger_than_the_cap() -> None:
    def law(world: World, found: Search) -> bool:
        groups = [each for each in found.asked if each.members and each.test.purpose is not Purpose.CONFIRMATION]
        sizes = [len(each.test.members) for each in groups]
        return len(groups) == len({each.whole for each in groups}) and max(sizes, default=0) <= world.cap

    assert violations(law) == []


def test_the_base_is_gated_only_where_it_is_unproven_and_after_something_was_red() -> None:
    def lawful(world: World, found: Search) -> bool:
        bases = [at for at, each in enumerate(found.asked) if each.test.purpose is Purpose.BASE]
        return len(bases) <= (not world.base_on_record) and bases[:1] != [0]

    assert [world for world, found in FOUND if not lawful(world, found)] == []


def test_on_a_red_base_nobody_is_blamed() -> None:
    on_red = [found for world, found in FOUND if world.base_red]

    assert [found for found in on_red if found.base_red is None or found.culprits] == []
    assert len(on_red) > 50


@pytest.mark.parametrize("size", FIVE)
def test_bad_members_that_harm_alone_are_found_exactly(size: int) -> None:
    line = FIVE[:size]
    found = {bad: search(World(line, bad=bad)) for bad in subsets(line)}

    assert all({*found[bad].culprits} == bad for bad in found)
    assert all(found[bad].landed == tuple(one for one in line if one not in bad) for bad in found)


def test_of_two_that_clash_the_later_one_is_the_culprit() -> None:
    found = {pair: search(World(FIVE, clashing=frozenset({pair}))) for pair in combinations(FIVE, 2)}

    assert all({*found[pair].culprits} == {pair[1]} for pair in found)
    assert all(pair[0] in found[pair].grounds[pair[1]] for pair in found)


def test_what_depends_on_a_culprit_is_never_gated_without_it() -> None:
    found = search(World((1, 2, 3), bad=frozenset({1}), needs={2: frozenset({1}), 3: frozenset({2})}))

    assert ({*found.culprits}, found.landed) == ({1}, ())
    assert all(each.members in {(), (1,), (1, 2), (1, 2, 3)} for each in found.asked)


def test_a_base_that_is_on_record_as_green_is_not_gated_again() -> None:
    assert search(World((1,), bad=frozenset({1}), base_on_record=True)).asked_to(Purpose.BASE) == []


def test_a_line_without_a_bad_member_takes_few_batches_of_even_size() -> None:
    found = search(World(EIGHT, cap=5))

    assert [each.members for each in found.asked] == [(1, 2, 3, 4), (5, 6, 7, 8)]


@pytest.mark.parametrize(("share", "cap"), [(0.01, 10), (0.05, 3), (0.2, 10), (0.5, 1)])
def test_on_average_the_search_costs_what_the_plan_expects(share: float, cap: int) -> None:
    def probability(bad: frozenset[int]) -> float:
        return float(share ** len(bad) * (1 - share) ** (5 - len(bad)))

    worlds = {bad: World(FIVE, bad=bad, base_on_record=True, share=share, cap=cap) for bad in subsets(FIVE)}
    average = sum(probability(bad) * search(world).evaluations for bad, world in worlds.items())

    assert average == pytest.approx(nested_plan((share,) * 5, cap).expected[0])


def test_a_member_that_cannot_be_gated_is_told_apart_from_the_others_like_a_bad_one() -> None:
    found = search(World(FIVE, errored=frozenset({3})))

    assert ({*found.culprits}, found.landed) == ({3}, (1, 2, 4, 5))


@pytest.mark.parametrize("retries", [1, 2])
@pytest.mark.parametrize("size", FIVE)
def test_a_flake_refuses_nobody_wherever_it_strikes_once(size: int, retries: int) -> None:
    for first, last in combinations(range(size + 1), 2):
        found = search(World(FIVE[:size], flaky=frozenset({FIVE[first:last]}), retries=retries))

        assert (found.landed, found.culprits) == (FIVE[:size], {})


def test_a_flake_beside_a_culprit_hides_neither() -> None:
    for first, last in combinations(range(6), 2):
        for bad in FIVE:
            found = search(World(FIVE, bad=frozenset({bad}), flaky=frozenset({FIVE[first:last]}), retries=1))

            assert {*found.culprits} == {bad}


def test_who_is_red_for_good_is_asked_again_as_often_as_its_gates_allow_and_no_more() -> None:
    first = search(World((1, 2), bad=frozenset({1}), base_on_record=True, retries=2))
    behind = search(World((1, 2), bad=frozenset({2}), base_on_record=True, retries=2))

    assert (first.asked_to(Purpose.DIAGNOSIS), first.asked_to(Purpose.CONFIRMATION)) == ([], [(1,), (1,)])
    assert (behind.asked_to(Purpose.DIAGNOSIS), behind.asked_to(Purpose.CONFIRMATION)) == ([(2,)], [(2,)])


def test_a_base_that_is_red_once_is_asked_again_before_anything_is_held_for_it() -> None:
    flaked = search(World((1, 2), bad=frozenset({2}), flaky=frozenset({()}), retries=1))
    is_red = search(World((1, 2), base_red=True, retries=1))

    assert (flaked.landed, {*flaked.culprits}, flaked.base_red) == ((1,), {2}, None)
    assert is_red.base_red == BaseRed(replace(red(), refusals={"unit": 1}))


def test_a_culprit_that_cannot_be_gated_is_not_asked_again() -> None:
    assert search(World((1, 2), errored=frozenset({2}), retries=2)).asked_to(Purpose.CONFIRMATION) == []


def test_confirming_changes_nothing_of_what_the_search_costs() -> None:
    worlds = [World(EIGHT, bad=bad, base_on_record=True) for bad in map(frozenset, combinations(EIGHT, 2))]

    assert all(search(replace(world, retries=1)).evaluations == search(world).evaluations for world in worlds)


def test_of_two_that_clash_the_later_one_is_known_to_be_good_by_itself_where_that_is_asked() -> None:
    for pair in combinations(FIVE, 2):
        culprit = search(World(FIVE, clashing=frozenset({pair}), suspicious=True)).culprits[pair[1]]

        assert culprit.good_alone
        assert pair[0] in culprit.context


def test_of_two_that_clash_the_later_one_is_told_apart_from_a_bad_one_wherever_gates_may_be_asked_again() -> None:
    for pair in combinations(FIVE, 2):
        found = search(World(FIVE, clashing=frozenset({pair}), retries=1))

        assert found.culprits[pair[1]].good_alone
        assert found.asked_to(Purpose.DIAGNOSIS) == [(pair[1],)]


def test_who_cannot_be_gated_alone_is_confirmed_with_those_ahead() -> None:
    line = Line((1, 2), (1, 2), {1: 0.05, 2: 0.05}, 2, base_green=True, retries={"unit": 1})
    known = {(1,): evaluation(1), (1, 2): red(1, 2)}

    alone = next_step(line, known)
    together = next_step(replace(line, inseparable=frozenset({2})), known)

    assert alone == Needed((GroupTest((2,), purpose=Purpose.DIAGNOSIS),))
    assert together == Needed((GroupTest((1, 2), purpose=Purpose.CONFIRMATION),))


def test_a_flake_while_one_of_two_that_clash_is_gated_by_itself_does_not_make_it_fail_alone() -> None:
    for pair in combinations(FIVE, 2):
        alone = frozenset({(pair[1],)})
        found = search(World(FIVE, clashing=frozenset({pair}), flaky=alone, suspicious=True, retries=1))

        assert found.culprits[pair[1]].good_alone
        assert pair[0] in found.culprits[pair[1]].context


def test_a_culprit_that_is_red_by_itself_is_blamed_in_nobodys_company() -> None:
    for bad in FIVE:
        culprit = search(World(FIVE, bad=frozenset({bad}), suspicious=True)).culprits[bad]

        assert (culprit.context, culprit.good_alone) == ((), False)


def test_what_a_culprit_needs_is_with_it_when_it_is_gated_by_itself() -> None:
    needs = {3: frozenset({2}), 2: frozenset({1})}
    world = World(FIVE[:3], bad=frozenset({3}), needs=needs, suspicious=True)

    assert search(world).asked_to(Purpose.DIAGNOSIS) == []
    assert search(replace(world, line=(4, 1, 2, 3))).asked_to(Purpose.DIAGNOSIS) == [(1, 2, 3)]


@pytest.mark.parametrize("slots", [1, 2, 5, 20])
def test_whatever_the_slots_the_same_land_and_the_same_are_refused(slots: int) -> None:
    for bad in subsets(FIVE):
        found = search(World(FIVE, bad=bad, cap=3, slots=slots))

        assert found.landed == tuple(one for one in FIVE if one not in bad)
        assert found.culprits.keys() == bad


def test_more_slots_never_take_more_rounds() -> None:
    worlds = [World(EIGHT, bad=bad, cap=4, base_on_record=True) for bad in map(frozenset, combinations(EIGHT, 2))]
    rounds = [[search(replace(world, slots=slots)).rounds for slots in (1, 2, 5, 20)] for world in worlds]

    assert all(each == sorted(each, reverse=True) for each in rounds)


def test_a_culprit_that_cannot_be_gated_is_not_gated_by_itself_either() -> None:
    world = World((1, 2), errored=frozenset({2}), suspicious=True)

    assert search(world).asked_to(Purpose.DIAGNOSIS) == []


def waiting(bad: float, *doubted: int, cap: int = 8) -> Line:
    sets = frozenset({frozenset(doubted)}) if doubted else frozenset[frozenset[int]]()
    return Line(EIGHT, EIGHT[:cap], dict.fromkeys(EIGHT, bad), cap, base_green=True, doubted=sets)


def first_group(line: Line) -> Members:
    step = next_step(line, {})
    assert isinstance(step, Needed)
    return step.tests[0].members


def test_a_set_that_was_red_on_another_base_is_not_formed_before_its_parts_are_known() -> None:
    assert first_group(waiting(0.001)) == EIGHT
    assert 1 < len(first_group(waiting(0.001, 2, 3, 5))) < 5
    assert first_group(waiting(0.001, 1)) == (1,)


def test_who_has_landed_or_is_out_has_no_part_in_the_plan_for_the_others() -> None:
    standing = Standing((3, 4), landed=(1,), out=frozenset({2, 5, 6, 7}))

    assert len(plan_from(waiting(0.05), standing).fresh) == 3


def speculated(line: Line, most: int = 20, least: float = 0.01) -> list[tuple[Members, Members]]:
    return [(test.ahead, test.members) for test in speculative_tests(line, {}, most, least)]


def test_where_few_are_bad_the_next_batch_is_tested_on_top_of_this_one() -> None:
    assert speculated(waiting(0.001, cap=4), 2) == [((), (1, 2, 3, 4)), ((1, 2, 3, 4), (5, 6, 7, 8))]


def test_where_most_are_bad_what_follows_a_red_answer_is_tested_first() -> None:
    assert speculated(waiting(0.9, cap=1), 3) == [((), (1,)), ((), (2,)), ((), (3,))]


def test_what_is_too_improbable_is_not_tested_ahead_of_time() -> None:
    assert speculated(waiting(0.1, cap=1), least=0.8) == [((), (1,)), ((1,), (2,)), ((1, 2), (3,))]


def test_no_test_is_run_twice_however_it_may_come_about() -> None:
    found = [ahead + members for ahead, members in speculated(waiting(0.3, cap=3), 200, 0.0)]

    assert len(found) == len({*found}) > 50


def test_a_set_that_was_red_on_another_base_and_is_green_on_this_one_refuses_nobody() -> None:
    line = Line((1, 2), (1, 2), {1: 0.05, 2: 0.05}, 8, base_green=True, doubted=frozenset({frozenset({1, 2})}))

    assert next_step(line, {}) == Needed((GroupTest((1,)),))
    assert next_step(line, {(1,): evaluation(1)}) == Conclusion((1,), None)
