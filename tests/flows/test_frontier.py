"""Names on the chart stand where they can be read."""

from itertools import combinations

import pytest

from flows.frontier import HEIGHT, HUB, WIDTH, Frame, Mark, marks, names, numbers
from flows.simulation import CHART_SLOTS, frontier
from tasks.domain.simulation.comparison import Parameters
from tasks.domain.simulation.strategies import EVERY

FRAME = Frame(cost=(0.1, 10.0), makespan=(1.0, 1000.0))


def test_a_place_and_what_stands_at_it_are_the_same() -> None:
    mark = Mark("tide", None, cost=0.5, makespan=40.0)

    assert FRAME.at(*FRAME.place(mark)) == pytest.approx({"cost": 0.5, "makespan": 40.0})


def test_every_strategy_is_on_the_chart_and_this_hub_on_top() -> None:
    every = marks(frontier(Parameters(count=10)))

    assert {mark.name for mark in every} == {*EVERY}
    assert every[-1].name == HUB
    assert [mark.slots for mark in every if mark.name == HUB] == list(CHART_SLOTS)


def test_names_of_marks_that_lie_together_do_not_cover_one_another() -> None:
    together = [Mark(name, None, cost=1.0 + at / 20, makespan=30.0 + at) for at, name in enumerate(EVERY)]

    boxes = [box for _, box in names(together, [], FRAME)]

    assert all(left >= 0 and top >= 0 and right <= WIDTH and bottom <= HEIGHT for left, top, right, bottom in boxes)
    assert not any(
        one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
        for one, other in combinations(boxes, 2)
    )


def test_of_marks_that_lie_on_one_another_the_last_says_from_how_many_slots_on() -> None:
    own = [Mark(HUB, slots, cost, 20.0) for slots, cost in ((1, 0.2), (2, 0.4), (5, 0.801), (20, 0.8))]

    assert numbers(own, FRAME) == ["1", "2", "", "5+"]
