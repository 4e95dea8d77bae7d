"""What holds for every queue: dependencies, inheritance, and that nobody starves."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from config.schema import Queue
from tasks.domain.model import PullRequest
from tasks.domain.ordering import Ordered, order_candidates
from tasks.domain.queue import Lane, Ranking
from tests.domain.builders import NOON, pull_request, snapshot

PERIOD = timedelta(hours=24)
PRIORITIES = {"top": 7, "high": 3, "low": -4}
HIGHEST, LOWEST = max(PRIORITIES.values()), min(PRIORITIES.values())
QUEUE = Queue.model_validate(
    {
        "priorities": [{"label": label, "priority": priority} for label, priority in PRIORITIES.items()],
        "hotfix": {"labels": ["hotfix"]},
        "ageing": "24h",
    }
)
ORDINARY = st.lists(st.sampled_from(sorted(PRIORITIES)), max_size=2)
NUMBERS = range(1, 8)


@st.composite
def queues(draw: st.DrawFn) -> list[PullRequest]:
    """Needs only smaller numbers or only greater ones, so that there is no cycle."""
    size = draw(st.integers(1, len(NUMBERS)))
    upwards = draw(st.booleans())
    pulls = []
    for number in NUMBERS[:size]:
        others = [other for other in NUMBERS[:size] if (other > number if upwards else other < number)]
        needs = draw(st.lists(st.sampled_from(others), max_size=2, unique=True)) if others else []
        labels = draw(ORDINARY) + (["hotfix"] if draw(st.integers(0, 4)) == 0 else [])
        opened = NOON + timedelta(hours=draw(st.integers(0, 200)))
        body = f"Depends-on: {', '.join(f'#{one}' for one in needs)}" if needs else ""
        pulls.append(pull_request(number, labels=labels, body=body, created_at=opened))
    return pulls


def lined_up(pulls: list[PullRequest], at: datetime) -> Ordered:
    return order_candidates(snapshot(*pulls), [one.number for one in pulls], Ranking(QUEUE, at))


def needed_by(found: Ordered, number: int) -> set[int]:
    direct = found.dependencies[number]
    return set(direct).union(*(needed_by(found, each) for each in direct))


@settings(max_examples=20, deadline=None)
@given(queues(), st.integers(0, 400))
def test_everything_comes_after_what_it_needs_and_after_all_that_ranks_higher(
    pulls: list[PullRequest], hours: int
) -> None:
    found = lined_up(pulls, NOON + timedelta(hours=hours))
    numbers = [pull.number for pull in found.order]
    positions = {number: position for position, number in enumerate(numbers)}

    assert sorted(numbers) == [pull.number for pull in pulls]
    assert all(positions[needed] < positions[number] for number in numbers for needed in needed_by(found, number))
    assert all(
        found.places[earlier].rank[:2] <= found.places[later].rank[:2]
        for earlier in numbers
        for later in numbers[positions[earlier] :]
    )


@settings(max_examples=20, deadline=None)
@given(queues(), st.integers(0, 400))
def test_what_is_needed_is_ranked_at_least_as_high_as_what_needs_it(pulls: list[PullRequest], hours: int) -> None:
    found = lined_up(pulls, NOON + timedelta(hours=hours))

    assert all(
        found.places[needed].rank[:2] <= found.places[number].rank[:2]
        for number in found.places
        for needed in needed_by(found, number)
    )


@settings(max_examples=20, deadline=None)
@given(queues(), st.integers(0, 400), st.randoms(use_true_random=False))
def test_places_and_order_do_not_depend_on_the_order_of_the_input(
    pulls: list[PullRequest], hours: int, random: Random
) -> None:
    at = NOON + timedelta(hours=hours)
    shuffled = random.sample(pulls, len(pulls))
    world = replace(snapshot(*pulls), pull_requests=tuple(shuffled))

    found = order_candidates(world, [pull.number for pull in shuffled], Ranking(QUEUE, at))

    assert found == lined_up(pulls, at)


@settings(max_examples=20, deadline=None)
@given(
    labels=ORDINARY,
    arrivals=st.lists(st.tuples(ORDINARY, st.integers(0, 3000)), max_size=8),
    waited=st.integers(0, 300),
)
def test_whatever_keeps_arriving_whoever_waits_is_first_after_a_bounded_time(
    labels: list[str], arrivals: list[tuple[list[str], int]], waited: int
) -> None:
    bound = PERIOD * (HIGHEST - LOWEST + 1)
    patient = pull_request(100, labels=labels, created_at=NOON)
    at = NOON + bound + timedelta(hours=waited)
    later = [
        pull_request(number, labels=its_labels, created_at=NOON + bound + timedelta(hours=hours))
        for number, (its_labels, hours) in enumerate(arrivals, start=1)
    ]

    found = lined_up([patient, *later], at)

    assert found.order[0].number == 100


@settings(max_examples=20, deadline=None)
@given(queues(), st.integers(0, 10_000))
def test_who_is_in_the_hotfix_lane_does_not_depend_on_time(pulls: list[PullRequest], hours: int) -> None:
    urgent = {pull.number for pull in pulls if "hotfix" in pull.labels}
    found = lined_up(pulls, NOON + timedelta(hours=hours))

    lane = {number for number, place in found.places.items() if place.lane is Lane.HOTFIX}
    assert lane == urgent.union(*(needed_by(found, number) for number in urgent))
