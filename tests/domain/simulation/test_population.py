"""The same seed makes the same population, whoever draws it and however large it is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.domain.simulation.population import Population, fraction, population

SHARES = st.floats(0, 1)
SEEDS = st.integers()


def test_a_population_is_known_by_its_seed() -> None:
    drawn = population(40, 0.1, 0.005, seed=7)

    assert drawn == population(40, 0.1, 0.005, seed=7)
    assert drawn == Population(40, frozenset({6, 8, 13, 24}), frozenset({(3, 31), (10, 26), (19, 23)}))


def test_a_draw_can_be_made_without_python() -> None:
    as_told_by_b2sum = "b1725b3010d1562e"  # printf '0 bad-1' | b2sum -l 64

    assert fraction(0, "bad-1") == (int(as_told_by_b2sum, 16) >> 11) / 2**53


@settings(deadline=None, max_examples=40)
@given(count=st.integers(1, 60), more=st.integers(0, 60), bad=SHARES, interaction=SHARES, seed=SEEDS)
def test_a_larger_population_begins_with_the_smaller_one(
    count: int, more: int, bad: float, interaction: float, seed: int
) -> None:
    small, large = population(count, bad, interaction, seed), population(count + more, bad, interaction, seed)

    assert small.bad == {number for number in large.bad if number <= count}
    assert small.clashing == {pair for pair in large.clashing if max(pair) <= count}


@settings(deadline=None, max_examples=40)
@given(count=st.integers(1, 60), few=SHARES, many=SHARES, seed=SEEDS)
def test_with_a_larger_share_the_same_ones_are_bad_and_some_more(
    count: int, few: float, many: float, seed: int
) -> None:
    few, many = sorted((few, many))

    assert population(count, few, 0, seed).bad <= population(count, many, 0, seed).bad


def test_nobody_is_bad_with_a_share_of_nothing_and_everybody_with_a_share_of_all() -> None:
    assert population(5, 0, 0, seed=1) == Population(5, frozenset(), frozenset())
    assert population(3, 1, 1, seed=1) == Population(3, frozenset({1, 2, 3}), frozenset({(1, 2), (1, 3), (2, 3)}))


def test_the_shares_are_what_was_asked_for() -> None:
    drawn = population(4000, 0.1, 0.001, seed=0)

    assert abs(len(drawn.bad) / 4000 - 0.1) < 0.01
    assert abs(len(drawn.clashing) / (4000 * 3999 / 2) - 0.001) < 0.0001
