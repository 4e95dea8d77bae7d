from config.schema import Queue
from tasks.domain.journey import Batch, Journey
from tasks.domain.lanes import lane_of, open_lanes
from tasks.domain.lineup import line_up
from tasks.domain.memory import Memory
from tasks.domain.model import PullRequest
from tasks.domain.ordering import order_candidates
from tasks.domain.outset import Known, begin
from tasks.domain.plan import make_plan
from tasks.domain.queue import Ranking
from tasks.domain.reasons import Reason, ReasonCode
from tests.domain.builders import NOON, candidate, pull_request, rules, snapshot

QUEUE = Queue.model_validate({"hotfix": {"labels": ["hotfix"]}})
REFUSED = (Reason(ReasonCode.GATE_FAILED, "gate unit failed", "alice"),)


def journey(*pulls: PullRequest) -> Journey:
    world, ruled = snapshot(*pulls), rules(queue=QUEUE)
    ordered = order_candidates(world, [pull.number for pull in pulls], Ranking(QUEUE, NOON))
    return begin(world, ruled, ordered, make_plan(ruled, world, ordered, {}), Known(Memory(), {}, {}, {}))


def two_lanes() -> Journey:
    """#4 is a hotfix that needs #2; #5 is a hotfix by itself."""
    needing = pull_request(4, labels=["hotfix"], body="Depends-on: #2")
    return journey(*map(pull_request, (1, 2, 3)), needing, pull_request(5, labels=["hotfix"]))


def numbers(at: Journey) -> list[list[int]]:
    return [[pull.number for pull in lane] for lane in open_lanes(at)]


def test_hotfixes_with_what_they_need_are_a_lane_before_all_others() -> None:
    assert numbers(two_lanes()) == [[2, 4, 5], [1, 3]]


def test_without_hotfixes_there_is_one_lane_and_without_anybody_none() -> None:
    assert numbers(journey(pull_request(1), pull_request(2))) == [[1, 2]]
    assert numbers(journey()) == []


def test_what_a_hotfix_needed_is_ordinary_once_that_is_refused() -> None:
    assert numbers(two_lanes().settled({4: REFUSED})) == [[5], [2, 1, 3]]


def test_the_lane_of_one_is_everybody_open_in_it() -> None:
    at = two_lanes()

    assert [[pull.number for pull in lane_of(number, at)] for number in (4, 3)] == [[2, 4, 5], [1, 3]]


def test_the_search_looks_ahead_within_the_lane_only() -> None:
    base = candidate()
    batch = Batch(base, (candidate(2), candidate(2, 4)), {})

    assert line_up(two_lanes(), batch, base_green=True).order == (2, 4, 5)
