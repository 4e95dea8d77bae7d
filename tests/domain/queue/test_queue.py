from datetime import timedelta
from typing import Any

import pytest

from config.schema import Queue
from tasks.domain.model import PullRequest
from tasks.domain.ordering import Ordered, order_candidates
from tasks.domain.queue import Lane, Place, Ranking
from tests.domain.builders import NOON, pull_request, snapshot

QUEUE: dict[str, Any] = {
    "priorities": [
        {"label": "urgent", "priority": 10},
        {"label": "soon", "priority": 1},
        {"label": "whenever", "priority": -5},
    ],
    "hotfix": {"labels": ["hotfix", "incident"]},
}
AGEING = {**QUEUE, "ageing": "24h"}


def lined_up(*pulls: PullRequest, queue: dict[str, Any] = QUEUE, after_hours: float = 0) -> Ordered:
    ranking = Ranking(Queue.model_validate(queue), NOON + timedelta(hours=after_hours))
    return order_candidates(snapshot(*pulls), [one.number for one in pulls], ranking)


def order(found: Ordered) -> list[int]:
    return [one.number for one in found.order]


def labelled(number: int, *labels: str, needs: str = "", opened_hours_later: float = 0) -> PullRequest:
    return pull_request(
        number,
        labels=labels,
        body=f"Depends-on: {needs}" if needs else "",
        created_at=NOON + timedelta(hours=opened_hours_later),
    )


def test_without_a_configuration_the_smallest_number_goes_first_whatever_the_labels() -> None:
    assert order(lined_up(labelled(1), labelled(2, "hotfix"), labelled(3, "urgent"), queue={})) == [1, 2, 3]


def test_the_higher_priority_goes_first_and_below_zero_goes_last() -> None:
    found = lined_up(labelled(1, "whenever"), labelled(2), labelled(3, "soon"), labelled(4, "urgent"))

    assert order(found) == [4, 3, 2, 1]


def test_a_hotfix_goes_before_any_priority() -> None:
    assert order(lined_up(labelled(1, "urgent"), labelled(2, "incident", "whenever"))) == [2, 1]


def test_of_several_labels_the_highest_priority_counts() -> None:
    found = lined_up(labelled(1, "whenever", "soon"))

    assert found.places[1] == Place(1, Lane.ORDINARY, 1, 0, 1, "", ("label soon",))


@pytest.mark.parametrize("label", ["Urgent", "urgent ", "not-urgent", "HOTFIX"])
def test_a_label_that_is_spelt_otherwise_gives_nothing(label: str) -> None:
    assert lined_up(labelled(1, label)).places[1] == Place(1)


def test_what_a_hotfix_needs_goes_before_all_that_is_ordinary_and_says_why() -> None:
    found = lined_up(labelled(1, "urgent"), labelled(2), labelled(3, needs="#2"), labelled(4, "hotfix", needs="#3"))

    assert order(found) == [2, 3, 4, 1]
    assert [found.places[number].lane_from for number in (2, 3, 4, 1)] == [
        "inherited from #4",
        "inherited from #4",
        "label hotfix",
        "",
    ]


def test_what_something_important_needs_inherits_its_priority() -> None:
    found = lined_up(labelled(1, "soon"), labelled(2, "whenever"), labelled(3, "urgent", needs="#2"))

    assert order(found) == [2, 3, 1]
    assert (found.places[2].priority, found.places[2].priority_from) == (10, ("inherited from #3",))


def test_what_is_held_passes_nothing_on() -> None:
    world = snapshot(labelled(1), labelled(2), labelled(3, "hotfix", needs="#2"))

    found = order_candidates(world, [1, 2], Ranking(Queue.model_validate(QUEUE), NOON))

    assert order(found) == [1, 2]


def test_what_is_needed_of_another_repository_inherits_nothing_and_holds_the_hotfix() -> None:
    found = lined_up(labelled(1), labelled(2, "hotfix", needs="acme/api#1"))

    assert (order(found), set(found.reasons)) == ([1], {2})
    assert found.places == {1: Place(1)}


@pytest.mark.parametrize(("hours", "age"), [(0, 0), (23.99, 0), (24, 1), (47.99, 1), (240, 10)])
def test_the_age_class_rises_by_one_with_each_period_since_it_was_opened(hours: float, age: int) -> None:
    place = lined_up(labelled(1), queue=AGEING, after_hours=hours).places[1]

    assert (place.age, place.priority, place.lasting) == (age, age, 0)
    assert place.priority_from == ((f"aged by {age}",) if age else ())


def test_a_clock_that_is_behind_makes_nobody_younger() -> None:
    assert lined_up(labelled(1, opened_hours_later=100), queue=AGEING).places[1].age == 0


def test_of_the_same_priority_what_has_waited_longer_goes_first() -> None:
    found = lined_up(labelled(1, "soon", opened_hours_later=24), labelled(2), queue=AGEING, after_hours=30)

    assert [(found.places[number].priority, found.places[number].age) for number in (1, 2)] == [(1, 0), (1, 1)]
    assert order(found) == [2, 1]


def test_nothing_ages_into_the_hotfix_lane() -> None:
    found = lined_up(labelled(1), labelled(2, "hotfix", opened_hours_later=99_000), queue=AGEING, after_hours=99_000)

    assert (found.places[1].age, order(found)) == (4125, [2, 1])
