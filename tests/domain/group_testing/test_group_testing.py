"""The plan is the best there is among all that test neighbours in order, and costs what it says."""

import math
from functools import cache
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.group_testing import nested_plan

PROBABILITIES = st.lists(st.floats(0.001, 0.999), min_size=1, max_size=5)

World = tuple[bool, ...]
"""Who is bad."""


def least_expected(bad: list[float], cap: int) -> float:
    """By trying every group of neighbours in every state of knowledge, for as long as anybody is undecided."""

    def weight(world: World) -> float:
        return math.prod(p if is_bad else 1 - p for p, is_bad in zip(bad, world, strict=True))

    @cache
    def cost(possible: frozenset[World]) -> float:
        undecided = [at for at in range(len(bad)) if len({world[at] for world in possible}) > 1]
        if not undecided:
            return 0.0
        total = sum(map(weight, possible))
        options = []
        for size in range(1, min(cap, len(undecided)) + 1):
            green = frozenset(world for world in possible if not any(world[at] for at in undecided[:size]))
            if green in {possible, frozenset()}:
                continue
            passes = sum(map(weight, green)) / total
            options.append(1 + passes * cost(green) + (1 - passes) * cost(possible - green))
        return min(options)

    return cost(frozenset(product([False, True], repeat=len(bad))))


@given(bad=PROBABILITIES, cap=st.integers(1, 6))
def test_no_other_order_of_tests_is_expected_to_take_fewer(bad: list[float], cap: int) -> None:
    assert nested_plan(tuple(bad), cap).expected[0] == pytest.approx(least_expected(bad, cap))


@pytest.mark.parametrize(
    ("share", "cost"), [(0.01, 0.1387), (0.02, 0.1769), (0.05, 0.2916), (0.10, 0.4725), (0.20, 0.7279)]
)
def test_in_a_long_line_with_groups_of_ten_at_most_each_member_costs_a_little_more_than_its_entropy(
    share: float, cost: float
) -> None:
    expected = nested_plan((share,) * 400, 10).expected
    entropy = -share * math.log2(share) - (1 - share) * math.log2(1 - share)

    assert (expected[0] - expected[200]) / 200 == pytest.approx(cost, rel=0.001)
    assert cost > entropy


@pytest.mark.parametrize("share", [0.383, 0.5, 0.9])
def test_members_that_are_bad_more_often_than_the_golden_ratio_allows_are_tested_one_by_one(share: float) -> None:
    assert set(nested_plan((share,) * 20, 10).fresh) == {1}


@pytest.mark.long
@given(bad=st.lists(st.sampled_from([0.0, 0.05, 1.0]), min_size=1, max_size=30), cap=st.integers(1, 12))
def test_every_state_has_a_group_that_is_within_the_line_and_the_cap(bad: list[float], cap: int) -> None:
    plan = nested_plan(tuple(bad), cap)

    for start, group in enumerate(plan.fresh):
        assert 1 <= group <= min(cap, len(bad) - start)
        assert all(1 <= plan.among[start][held] < held for held in range(2, min(cap, len(bad) - start) + 1))


def test_of_nobody_nothing_is_tested() -> None:
    assert nested_plan((), 10).expected == (0.0,)
