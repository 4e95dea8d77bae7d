from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.schema import MergeMethod, Stage
from tasks.domain.gate_memory import GateMemory
from tasks.domain.gates import GateProof, Verdict
from tasks.domain.journey import MAXIMUM_BASE_MOVES, Batch, Cleared, Gated, GateRun, Journey, Landing
from tasks.domain.land import BaseMoved, HeadMoved, Landed, Rejected
from tasks.domain.memory import Memory
from tasks.domain.model import CommitSha, PullRequest
from tasks.domain.odds import Judged, Sign
from tasks.domain.ordering import order_candidates
from tasks.domain.outset import Known, begin
from tasks.domain.plan import ConflictFound, make_plan
from tasks.domain.reasons import Outcome, Reason, ReasonCode
from tasks.domain.remembered import LandedRecord
from tasks.domain.rules import Rules
from tests.domain.builders import (
    BASE,
    ENVIRONMENT,
    NOON,
    candidate,
    evaluation,
    gate,
    gate_result,
    pull_request,
    rules,
    sha,
    snapshot,
    tree,
)

FAILED = Reason(ReasonCode.GATE_FAILED, "gate unit failed", "alice")
STRANGE = Reason(ReasonCode.LABEL_MISSING, "the label ready is not set", "alice")
AHEAD = {3: ConflictFound(3, 2, ("a.py",))}
WITH_BASE = {1: ConflictFound(1, None, ("a.py",))}


def chain(*needs: tuple[int, int], count: int = 4) -> tuple[PullRequest, ...]:
    """Pull requests 1 to `count`; each pair says who needs whom."""
    bodies = {number: ", ".join(f"#{needed}" for who, needed in needs if who == number) for number in range(5)}
    return tuple(
        pull_request(number, body=f"Depends-on: {bodies[number]}" if bodies[number] else "")
        for number in range(1, count + 1)
    )


def journey(
    *needs: tuple[int, int],
    conflicts: Mapping[int, ConflictFound] | None = None,
    reasons: Mapping[int, tuple[Reason, ...]] | None = None,
    landed: Mapping[int, Landed] | None = None,
    by: Rules | None = None,
    count: int = 4,
) -> Journey:
    world, ruled = snapshot(*chain(*needs, count=count)), by or rules()
    gone = {*(reasons or {}), *(landed or {})}
    ordered = order_candidates(world, {pull.number for pull in world.pull_requests} - gone)
    plan = make_plan(ruled, world, ordered, conflicts or {})
    return begin(world, ruled, ordered, plan, Known(Memory(), reasons or {}, conflicts or {}, landed or {}))


def landing_of(number: int) -> Landed:
    return Landed(number, CommitSha(f"{number:c>40}"), tree(number), tree(number), MergeMethod.MERGE)


def batch(*members: int, conflicts: Mapping[int, ConflictFound] | None = None, base: str = BASE) -> Batch:
    prefixes = (candidate(*members[:size], base=base) for size in range(1, len(members) + 1))
    return Batch(candidate(base=base), tuple(prefixes), conflicts or {})


def after(
    start: Journey,
    one: Batch,
    landing: Landing = None,
    *,
    gated: Mapping[int, tuple[Reason, ...]] | None = None,
    cleared: Mapping[int, tuple[Reason, ...]] | None = None,
    runs: tuple[GateRun, ...] = (),
) -> Journey:
    return start.after(
        one,
        Gated(None, gated or {}, runs),
        Cleared(one.candidates[-1] if one.candidates else None, (), cleared or {}),
        landing,
    )


def numbers(pulls: Iterable[PullRequest]) -> list[int]:
    return [pull.number for pull in pulls]


def codes(at: Journey) -> dict[int, list[ReasonCode]]:
    return {number: [reason.code for reason in told] for number, told in at.reasons.items()}


def test_everything_that_is_planned_is_open_at_first() -> None:
    assert numbers(journey().open) == [1, 2, 3, 4]


def test_a_pull_request_of_the_snapshot_is_found_by_its_number() -> None:
    assert journey().pull_request(3) == chain()[2]


def test_what_discovery_holds_or_what_has_landed_is_not_open() -> None:
    start = journey(reasons={1: (STRANGE,)}, landed={2: landing_of(2)})

    assert (numbers(start.open), codes(start)) == ([3, 4], {1: [ReasonCode.LABEL_MISSING]})


def test_what_conflicts_with_the_target_branch_is_settled_with_all_that_needs_it() -> None:
    start = journey((2, 1), (3, 2), conflicts=WITH_BASE)

    assert numbers(start.open) == [4]
    assert codes(start) == {
        1: [ReasonCode.CONFLICT_BASE],
        2: [ReasonCode.DEPENDENCY_HELD],
        3: [ReasonCode.DEPENDENCY_HELD],
    }


def test_what_conflicts_with_one_ahead_stays_open_with_all_that_needs_it() -> None:
    assert numbers(journey((4, 3), conflicts=AHEAD).open) == [1, 2, 3, 4]


def test_at_stage_observe_everything_is_settled_with_what_would_happen() -> None:
    start = journey((4, 3), conflicts=AHEAD, by=rules(stage=Stage.OBSERVE))

    assert start.open == ()
    assert codes(start) == {
        1: [ReasonCode.STAGE_OBSERVE],
        2: [ReasonCode.STAGE_OBSERVE],
        3: [ReasonCode.CONFLICT_AHEAD],
        4: [ReasonCode.DEPENDENCY_HELD],
    }


def test_without_a_required_gate_everything_is_settled() -> None:
    start = journey(by=rules(gates=(gate(required=False),)))

    assert start.open == ()
    assert {told[-1] for told in codes(start).values()} == {ReasonCode.NO_REQUIRED_GATE}


def test_what_depends_on_a_settled_one_is_settled_through_others() -> None:
    settled = journey((2, 1), (3, 2)).settled({1: (FAILED,)})

    assert numbers(settled.open) == [4]
    assert codes(settled)[3] == [ReasonCode.DEPENDENCY_HELD]


def test_a_settled_one_keeps_its_own_reasons() -> None:
    settled = journey((2, 1)).settled({1: (FAILED,), 2: (STRANGE,)})

    assert settled.reasons == {1: (FAILED,), 2: (STRANGE,)}


def test_what_landed_is_not_held_by_what_it_needed() -> None:
    settled = replace(journey((2, 1)), landed={2: landing_of(2)}).settled({1: (FAILED,)})

    assert settled.reasons == {1: (FAILED,)}


PAIRS = st.tuples(st.integers(1, 4), st.integers(1, 4)).filter(lambda pair: pair[0] > pair[1])


def reaching(needs: frozenset[tuple[int, int]], gone: frozenset[int]) -> set[int]:
    """By exhaustion: whoever needs one that is gone, over and over again."""
    found: set[int] = set(gone)
    while more := {who for who, needed in needs if needed in found} - found:
        found |= more
    return found


@settings(max_examples=20, deadline=None)
@given(st.frozensets(PAIRS), st.frozensets(st.integers(1, 4), max_size=2))
def test_exactly_those_downstream_of_a_settled_one_are_settled(
    needs: frozenset[tuple[int, int]], gone: frozenset[int]
) -> None:
    settled = journey(*needs).settled(dict.fromkeys(gone, (FAILED,)))

    assert settled.reasons.keys() == reaching(needs, gone)
    assert settled.settled({}) == settled


def test_a_round_in_which_nothing_landed_settles_what_gates_and_compliance_hold() -> None:
    end = after(journey(), batch(1, 2), gated={1: (FAILED,)}, cleared={2: (STRANGE,)})

    assert (end.reasons, numbers(end.open), end.landed) == ({1: (FAILED,), 2: (STRANGE,)}, [3, 4], {})


def test_what_landed_is_open_no_more_and_the_base_is_what_landed_last() -> None:
    end = after(journey(), batch(1, 2), (landing_of(1), landing_of(2)))

    assert (numbers(end.open), end.base) == ([3, 4], landing_of(2).commit)
    assert [end.outcome(number) for number in (1, 2)] == [Outcome.MERGED, Outcome.MERGED]


def test_a_landing_of_nobody_leaves_the_base() -> None:
    assert after(journey(), batch(base=sha(7)), ()).base == sha(7)


def test_a_head_that_moved_settles_its_pull_request_and_what_needs_it() -> None:
    end = after(journey((2, 1)), batch(1, 2, 3), HeadMoved(1))

    assert numbers(end.open) == [3, 4]
    assert codes(end) == {1: [ReasonCode.CHANGED_MEANWHILE], 2: [ReasonCode.DEPENDENCY_HELD]}


def test_a_declined_landing_settles_everybody_in_it_with_the_words_of_the_host() -> None:
    end = after(journey((3, 2)), batch(1, 2), Rejected("the branch is protected"))

    assert codes(end) == {
        1: [ReasonCode.LANDING_REJECTED],
        2: [ReasonCode.LANDING_REJECTED],
        3: [ReasonCode.DEPENDENCY_HELD],
    }
    assert end.reasons[1][0].message == "the code host did not accept the landing: the branch is protected"


def test_a_declined_landing_of_nobody_settles_nobody() -> None:
    assert after(journey(), batch(), Rejected("no")).reasons == {}


def test_a_base_that_moved_is_followed() -> None:
    end = after(journey(), batch(1), BaseMoved(BASE, sha(9)))

    assert (end.base, end.moves, numbers(end.open)) == (sha(9), 1, [1, 2, 3, 4])


def test_a_base_that_keeps_moving_is_left_to_the_next_run() -> None:
    almost = replace(journey((2, 1)), moves=MAXIMUM_BASE_MOVES - 1, reasons={4: (STRANGE,)})

    end = after(almost, batch(1), BaseMoved(BASE, sha(9)))

    assert end.open == ()
    assert codes(end) == {
        1: [ReasonCode.BASE_MOVING],
        2: [ReasonCode.BASE_MOVING],
        3: [ReasonCode.BASE_MOVING],
        4: [ReasonCode.LABEL_MISSING],
    }
    assert end.reasons[1][0].message == "main was moved by others 5 times while this was to be landed"


def run(name: str = "unit", verdict: Verdict = Verdict.PASSED, *, required: bool = True) -> GateRun:
    return GateRun(candidate(1), gate_result(name, verdict, required=required))


TWO = rules(gates=(gate("unit"), gate("e2e")))


def test_a_round_proves_a_tree_green_for_the_rest_of_the_run() -> None:
    end = after(journey(by=TWO), batch(1), runs=(run("unit"), run("e2e")))

    assert end.runs == (run("unit"), run("e2e"))
    assert end.proves_green(tree(1), ENVIRONMENT, NOON)


@pytest.mark.parametrize(
    "runs",
    [
        (),
        (run("unit"),),
        (run("unit"), run("e2e", Verdict.SKIPPED)),
        (run("unit"), run("e2e", required=False)),
        (run("unit"), GateRun(candidate(2), gate_result("e2e"))),
    ],
    ids=["nothing", "a gate less", "a gate skipped", "a gate that was optional", "a gate on another tree"],
)
def test_a_tree_is_not_proven_green_by(runs: tuple[GateRun, ...]) -> None:
    assert not after(journey(by=TWO), batch(1), runs=runs).proves_green(tree(1), ENVIRONMENT, NOON)


def test_without_a_required_gate_nothing_is_proven_green() -> None:
    assert not after(journey(by=rules(gates=())), batch(1), runs=(run(),)).proves_green(tree(1), ENVIRONMENT, NOON)


def test_what_the_log_proves_green_is_green_until_it_is_too_long_ago() -> None:
    seen: dict[GateProof, datetime] = {(tree(1), digest, ENVIRONMENT, ()): NOON for _, digest in journey().plan.gates}
    remembering = replace(journey(), memory=Memory(gates=GateMemory(passes=seen)))

    assert remembering.proves_green(tree(1), ENVIRONMENT, NOON + timedelta(hours=23))
    assert not remembering.proves_green(tree(1), ENVIRONMENT, NOON + timedelta(hours=24))


def test_what_this_very_run_found_green_is_green_though_its_gate_is_never_cached() -> None:
    never = rules(gates=(gate(cache="never"),))

    assert after(journey(by=never), batch(1), runs=(run(),)).proves_green(tree(1), ENVIRONMENT, NOON)


def test_what_waits_for_one_ahead_is_told_so_in_the_end() -> None:
    landed = after(journey((4, 3), conflicts=AHEAD), batch(1, 2, conflicts=AHEAD), (landing_of(1), landing_of(2)))

    end = landed.concluded(batch(conflicts={3: ConflictFound(3, None, ("a.py",))}))

    assert codes(end) == {3: [ReasonCode.CONFLICT_AHEAD], 4: [ReasonCode.DEPENDENCY_HELD]}
    assert end.conflicts == AHEAD


def test_what_waits_for_one_ahead_that_does_not_land_rejoins() -> None:
    refused = after(journey(conflicts=AHEAD), batch(1, 2, conflicts=AHEAD), gated={2: (FAILED,)})

    assert numbers(refused.open) == [1, 3, 4]
    assert numbers(after(refused, batch(1, 3), (landing_of(1), landing_of(3))).concluded(batch()).open) == []


def test_what_conflicts_with_the_target_branch_is_not_blamed_on_one_ahead_that_did_not_land() -> None:
    refused = after(journey(conflicts=AHEAD), batch(1, 2, conflicts=AHEAD), gated={2: (FAILED,)})

    end = refused.concluded(batch(conflicts={3: ConflictFound(3, None, ("a.py",))}))

    assert codes(end)[3] == [ReasonCode.CONFLICT_BASE]


def test_what_conflicts_with_a_base_that_moved_is_told_in_the_same_run() -> None:
    moved = after(journey((2, 1), count=2), batch(1, 2), BaseMoved(BASE, sha(9)))

    end = moved.concluded(batch(conflicts=WITH_BASE, base=sha(9)))

    assert codes(end) == {1: [ReasonCode.CONFLICT_BASE], 2: [ReasonCode.DEPENDENCY_HELD]}


def test_whoever_conflicts_with_one_that_is_about_to_land_is_behind_it() -> None:
    start = journey(conflicts={3: ConflictFound(3, 2, ("a.py",)), 4: ConflictFound(4, 1, ("a.py",))})

    assert start.behind((2, 3)) == ()
    assert [(pull.number, found.ahead) for pull, found in start.behind((1, 2))] == [(3, 2), (4, 1)]


def test_whoever_is_settled_is_behind_nobody() -> None:
    assert journey(conflicts=AHEAD).settled({3: (FAILED,)}).behind((1, 2)) == ()


def test_a_conflict_with_one_ahead_that_landed_in_an_earlier_run_is_still_the_conflict_with_that_one() -> None:
    remembered = LandedRecord("1", sha(2), landing_of(2))
    start = replace(journey(conflicts=AHEAD), memory=Memory(landed={(2, sha(2)): remembered}))

    end = start.concluded(batch(conflicts={3: ConflictFound(3, None, ("a.py",))}))

    assert codes(end)[3] == [ReasonCode.CONFLICT_AHEAD]


def test_in_the_end_everything_is_told_that_somebody_waits_for() -> None:
    first = journey((3, 1), (3, 2), count=3).settled({1: (FAILED,)})
    end = first.settled({2: (FAILED,)}).concluded(batch())

    assert [reason.message for reason in first.reasons[3]] == ["needs #1 landed first, and it is not landing itself"]
    assert [reason.message for reason in end.reasons[3]] == [
        "needs #1 landed first, and it is not landing itself",
        "needs #2 landed first, and it is not landing itself",
    ]


def test_whoever_has_another_reason_than_waiting_is_told_that_one() -> None:
    end = journey((3, 1), (3, 2), count=3).settled({3: (STRANGE,)}).settled({1: (FAILED,), 2: (FAILED,)})

    assert end.concluded(batch()).reasons[3] == (STRANGE,)


def test_nobody_waits_for_what_has_landed() -> None:
    landed = after(journey((3, 1), (3, 2), count=3), batch(1), (landing_of(1),), gated={2: (FAILED,)})

    assert [reason.message for reason in landed.concluded(batch()).reasons[3]] == [
        "needs #2 landed first, and it is not landing itself"
    ]


def test_what_is_left_for_no_known_reason_is_left_to_the_next_run() -> None:
    end = journey(count=1).concluded(batch())

    assert codes(end) == {1: [ReasonCode.CHANGED_MEANWHILE]}
    assert end.outcome(1) is Outcome.HELD


LANDINGS = st.sampled_from(
    [None, BaseMoved(BASE, sha(9)), HeadMoved(1), Rejected("no"), (), (landing_of(1),), (landing_of(1), landing_of(2))]
)
CONFLICTS = st.dictionaries(st.integers(1, 4), st.sampled_from([None, 1, 2]), max_size=2).map(
    lambda found: {number: ConflictFound(number, ahead, ("a.py",)) for number, ahead in found.items()}
)
REASONS = st.dictionaries(st.integers(1, 4), st.just((FAILED,)), max_size=2)


@settings(max_examples=20, deadline=None)
@given(st.frozensets(PAIRS, max_size=3), st.lists(st.tuples(LANDINGS, CONFLICTS, REASONS), max_size=3), CONFLICTS)
def test_in_the_end_every_pull_request_landed_or_has_a_reason(
    needs: frozenset[tuple[int, int]], rounds: list[tuple[Any, Any, Any]], last: Any
) -> None:
    def through(at: Journey, found: tuple[Any, Any, Any]) -> Journey:
        landing, conflicts, reasons = found
        return after(at, batch(1, 2, conflicts=conflicts), landing, gated=reasons)

    end = reduce(through, rounds, journey(*needs)).concluded(batch(conflicts=last))

    assert end.open == ()
    assert end.landed.keys() | end.reasons.keys() == {1, 2, 3, 4}
    assert all(end.reasons.values())


def test_the_outcome_of_what_did_not_land_is_that_of_its_gravest_reason() -> None:
    assert journey().settled({1: (STRANGE, FAILED)}).outcome(1) is Outcome.REFUSED


def test_who_was_found_bad_and_who_landed_is_judged_and_nobody_else() -> None:
    good, bad = Judged(Sign.NONE, bad=False), Judged(Sign.REPORTED_BAD, bad=True)
    found = Gated(None, {3: (FAILED,)}, (), judged={1: good, 2: good, 3: bad})
    cleared = Cleared(candidate(1), (), {})

    assert journey().after(batch(1, 2, 3), found, cleared, (landing_of(1),)).judged == (bad, good)
    assert journey().after(batch(1, 2, 3), found, cleared, None).judged == (bad,)


def test_what_a_round_found_of_a_tree_is_known_to_the_next() -> None:
    first = Gated(None, {}, (), evaluations={tree(1): evaluation(1)})
    second = Gated(None, {}, (), evaluations={tree(2): evaluation(2)})
    nothing = Cleared(None, (), {})

    last = journey().after(batch(1), first, nothing, None).after(batch(2), second, nothing, None)

    assert last.evaluations == {tree(1): evaluation(1), tree(2): evaluation(2)}
