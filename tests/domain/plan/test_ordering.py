from dataclasses import replace

import pytest

from tasks.domain.cycles import depended_on
from tasks.domain.dependencies import MAXIMUM_REFERENCES
from tasks.domain.model import PullRequest, Reference, RelatedState, RepositoryName, Snapshot
from tasks.domain.ordering import (
    Ordered,
    order_candidates,
    reasons_of_dependencies,
    references_to_ask_again,
    references_to_resolve,
)
from tasks.domain.reasons import Outcome, ReasonCode, outcome_of
from tests.domain.builders import pull_request, reference, snapshot


def needing(number: int, *needed: object, author: str = "alice") -> PullRequest:
    return pull_request(number, author=author, body=f"Depends-on: {', '.join(map(str, needed)) or 'none'}")


def ordered(*pull_requests: PullRequest) -> Ordered:
    return order_candidates(snapshot(*pull_requests), [one.number for one in pull_requests])


def order(found: Ordered) -> list[int]:
    return [one.number for one in found.order]


def told(found: Ordered, number: int) -> list[tuple[ReasonCode, str, str | None]]:
    return [(reason.code, reason.message, reason.actor) for reason in found.reasons[number]]


def test_the_smallest_number_that_is_ready_comes_first() -> None:
    found = ordered(needing(1, "#5"), needing(2), needing(3, "#2"), needing(4), needing(5, "#4"))

    assert order(found) == [2, 3, 4, 5, 1]


def test_dependencies_name_what_each_needs_directly() -> None:
    found = ordered(needing(1), needing(2, "#1"), needing(3, "#2", "acme/web#1"))

    assert found.dependencies == {1: frozenset(), 2: frozenset({1}), 3: frozenset({1, 2})}


def test_nothing_to_order_is_an_empty_order() -> None:
    assert ordered() == Ordered((), {}, {})


def test_an_open_pull_request_that_is_no_candidate_holds_what_needs_it() -> None:
    world = snapshot(needing(3, "#4"), pull_request(4, author="bob"))

    found = order_candidates(world, [3])

    assert told(found, 3) == [
        (ReasonCode.DEPENDENCY_HELD, "needs #4 landed first, and it is not landing itself", "bob")
    ]


def test_a_dependency_that_targets_another_branch_is_named_with_it() -> None:
    world = snapshot(needing(3, "#4"), pull_request(4, author="bob", target="release"))

    found = order_candidates(world, [3])

    assert told(found, 3) == [
        (ReasonCode.DEPENDENCY_HELD, "needs #4 landed first, and it targets release, not main", "bob")
    ]


def test_whatever_is_downstream_is_held_with_the_root_named() -> None:
    world = snapshot(pull_request(9, author="bob"), needing(1, "#9"), needing(2, "#1"), needing(3, "#2"))

    found = order_candidates(world, [1, 2, 3])

    assert told(found, 3) == [(ReasonCode.DEPENDENCY_HELD, "needs #2 landed first, and that waits for #9", "bob")]


def test_a_candidate_with_a_reason_of_its_own_is_the_root_for_others() -> None:
    found = ordered(needing(1, "c#", author="bob"), needing(2, "#1"))

    assert told(found, 2) == [
        (ReasonCode.DEPENDENCY_HELD, "needs #1 landed first, and it is not landing itself", "bob")
    ]


@pytest.mark.parametrize(
    ("state", "code", "message", "actor"),
    [
        (RelatedState.OPEN, ReasonCode.DEPENDENCY_OPEN, "needs acme/api#7 landed first, which is open", None),
        (
            RelatedState.CLOSED,
            ReasonCode.DEPENDENCY_CLOSED,
            "needs acme/api#7 landed first, which was closed unmerged",
            "alice",
        ),
        (
            RelatedState.ISSUE,
            ReasonCode.DEPENDENCY_UNKNOWN,
            "needs acme/api#7 landed first, which is an issue and no pull request",
            "alice",
        ),
        (
            RelatedState.MISSING,
            ReasonCode.DEPENDENCY_UNKNOWN,
            "needs acme/api#7 landed first, which does not exist or cannot be seen",
            "alice",
        ),
    ],
)
def test_a_dependency_elsewhere_holds_unless_merged(
    state: RelatedState, code: ReasonCode, message: str, actor: str | None
) -> None:
    world = snapshot(needing(1, "acme/api#7"), related={reference(7, "acme/api"): state})

    assert told(order_candidates(world, [1]), 1) == [(code, message, actor)]


@pytest.mark.parametrize("repository", ["acme/web", "acme/api"])
def test_a_merged_dependency_is_satisfied(repository: str) -> None:
    world = snapshot(needing(1, f"{repository}#7"), related={reference(7, repository): RelatedState.MERGED})

    found = order_candidates(world, [1])

    assert (order(found), found.dependencies) == ([1], {1: frozenset()})


def test_what_has_landed_is_not_waited_for_though_the_code_host_still_shows_it() -> None:
    world = snapshot(needing(1, "#7"), pull_request(7), related={reference(7): RelatedState.MERGED})

    found = order_candidates(world, [1])

    assert (order(found), found.dependencies) == ([1], {1: frozenset()})


def test_a_dependency_opened_after_the_snapshot_holds() -> None:
    world = snapshot(needing(1, "#7"), related={reference(7): RelatedState.OPEN})

    assert told(order_candidates(world, [1]), 1) == [
        (ReasonCode.DEPENDENCY_HELD, "needs #7 landed first, which was opened after the snapshot", None)
    ]


@pytest.mark.parametrize("body", ["Depends-on: #7", "Fixes: #7"])
def test_what_the_code_host_told_nothing_of_is_not_taken_for_merged(body: str) -> None:
    found = ordered(pull_request(1, body=body))

    assert told(found, 1) == [
        (
            ReasonCode.DEPENDENCY_UNKNOWN,
            "needs #7 landed first, of which the code host told nothing",
            "alice",
        )
    ]


@pytest.mark.parametrize("state", [RelatedState.ISSUE, RelatedState.MISSING, RelatedState.CLOSED, RelatedState.MERGED])
def test_what_a_body_only_closes_holds_nothing_up(state: RelatedState) -> None:
    world = snapshot(pull_request(1, body="Fixes: #7"), related={reference(7): state})

    assert order(order_candidates(world, [1])) == [1]


@pytest.mark.parametrize("state", [RelatedState.ISSUE, RelatedState.MISSING, RelatedState.CLOSED])
def test_what_a_body_closes_and_depends_on_holds(state: RelatedState) -> None:
    world = snapshot(pull_request(1, body="Fixes: #7\nDepends-on: #7"), related={reference(7): state})

    assert order(order_candidates(world, [1])) == []


def test_an_open_pull_request_that_a_body_closes_is_a_dependency() -> None:
    found = ordered(pull_request(1, body="Closes: #2"), pull_request(2))

    assert order(found) == [2, 1]


def test_an_open_pull_request_elsewhere_that_a_body_closes_is_a_dependency() -> None:
    world = snapshot(pull_request(1, body="Closes: acme/api#2"), related={reference(2, "acme/api"): RelatedState.OPEN})

    assert [code for code, _, _ in told(order_candidates(world, [1]), 1)] == [ReasonCode.DEPENDENCY_OPEN]


def test_a_dependency_that_cannot_be_read_is_quoted() -> None:
    found = ordered(needing(1, "the\tother\u202e one"))

    assert told(found, 1) == [
        (ReasonCode.DEPENDENCY_UNKNOWN, "depends on “theother one”, which names no pull request", "alice")
    ]


def test_more_dependencies_than_can_be_considered_are_not_taken_for_satisfied() -> None:
    numbers = range(1000, 1000 + MAXIMUM_REFERENCES + 3)
    merged = dict.fromkeys(map(reference, numbers), RelatedState.MERGED)
    world = snapshot(needing(1, *(f"#{number}" for number in numbers)), related=merged)

    assert told(order_candidates(world, [1]), 1) == [
        (ReasonCode.DEPENDENCY_UNKNOWN, "names 3 dependencies more than the 100 that can be considered", "alice")
    ]


def test_members_of_a_cycle_are_refused_and_those_downstream_held() -> None:
    found = ordered(
        needing(3, "#4"), needing(4, "#5", author="bob"), needing(5, "#3"), needing(6, "#4"), needing(7, "#6")
    )

    assert order(found) == []
    assert {number: told(found, number) for number in (3, 4)} == {
        3: [(ReasonCode.DEPENDENCY_CYCLE, "depends on itself: #3 → #4 → #5 → #3", "alice")],
        4: [(ReasonCode.DEPENDENCY_CYCLE, "depends on itself: #3 → #4 → #5 → #3", "bob")],
    }
    assert told(found, 6) == [
        (ReasonCode.DEPENDENCY_HELD, "needs #4 landed first, and it is not landing itself", "bob")
    ]
    assert told(found, 7) == [(ReasonCode.DEPENDENCY_HELD, "needs #6 landed first, and that waits for #4", "bob")]


def test_each_member_of_tangled_cycles_is_told_its_own_shortest_one() -> None:
    found = ordered(needing(1, "#2"), needing(2, "#1", "#3"), needing(3, "#4"), needing(4, "#2"))

    assert [told(found, number)[0][1] for number in (1, 2, 3)] == [
        "depends on itself: #1 → #2 → #1",
        "depends on itself: #1 → #2 → #1",
        "depends on itself: #2 → #3 → #4 → #2",
    ]


def test_of_two_shortest_cycles_the_one_with_the_smaller_numbers_is_told() -> None:
    found = ordered(needing(1, "#2", "#3"), needing(2, "#1"), needing(3, "#1"))

    assert told(found, 1)[0][1] == "depends on itself: #1 → #2 → #1"


def test_a_cycle_that_waits_for_another_is_told_both() -> None:
    found = ordered(needing(1, "#2"), needing(2, "#1", "#3"), needing(3, "#4"), needing(4, "#3"))

    assert [code for code, _, _ in told(found, 2)] == [ReasonCode.DEPENDENCY_CYCLE, ReasonCode.DEPENDENCY_HELD]


def test_a_pull_request_that_needs_itself_is_refused() -> None:
    found = ordered(needing(3, "#3"))

    assert told(found, 3) == [(ReasonCode.DEPENDENCY_CYCLE, "depends on itself: #3 → #3", "alice")]


def test_every_reason_is_told() -> None:
    world = snapshot(
        needing(1, "#2", "#9", "acme/api#7", "#8", "c#"),
        needing(2, "#1"),
        pull_request(9),
        related={reference(7, "acme/api"): RelatedState.OPEN, reference(8): RelatedState.CLOSED},
    )

    found = order_candidates(world, [1, 2])

    assert [code for code, _, _ in told(found, 1)] == [
        ReasonCode.DEPENDENCY_OPEN,
        ReasonCode.DEPENDENCY_CLOSED,
        ReasonCode.DEPENDENCY_UNKNOWN,
        ReasonCode.DEPENDENCY_CYCLE,
        ReasonCode.DEPENDENCY_HELD,
    ]
    assert outcome_of(found.reasons[1]) is Outcome.REFUSED


def test_the_code_host_is_asked_about_everything_that_the_snapshot_does_not_show() -> None:
    world = snapshot(
        needing(1, "#2", "#30", "acme/api#4"),
        pull_request(2, body="Fixes: #9, acme/web#30", target="release"),
    )

    assert references_to_resolve(world) == (reference(4, "acme/api"), reference(9), reference(30))


def test_what_may_have_been_opened_since_is_asked_for_again() -> None:
    closing = pull_request(3, body="Closes: #4, #5, #6, acme/api#7, #8\nDepends-on: #9")
    related = {
        reference(4): RelatedState.CLOSED,
        reference(5): RelatedState.MERGED,
        reference(6): RelatedState.ISSUE,
        reference(7, "acme/api"): RelatedState.MISSING,
        reference(9): RelatedState.MERGED,
    }

    found = references_to_ask_again([closing, pull_request(10)], snapshot(closing, related=related))

    assert found == (reference(7, "acme/api"), reference(4))


def test_what_was_opened_since_holds_what_was_to_close_it() -> None:
    closing = pull_request(3, body="Closes: #2, #4, acme/api#7")
    related = {reference(4): RelatedState.ISSUE, reference(7, "acme/api"): RelatedState.OPEN}

    (reason,) = reasons_of_dependencies(closing, snapshot(pull_request(2), closing, related=related))

    assert (reason.code, reason.message) == (
        ReasonCode.DEPENDENCY_OPEN,
        "needs acme/api#7 landed first, which is open",
    )


def elsewhere(**needs: str) -> dict[Reference, frozenset[Reference]]:
    """`api_7="acme/web#1"` says that acme/api#7 is open and depends on acme/web#1."""
    return {
        Reference(RepositoryName(f"acme/{name.split('_')[0]}"), int(name.split("_")[1])): depended_on(
            f"Depends-on: {needed}", RepositoryName("acme/api")
        )
        for name, needed in needs.items()
    }


def world_with(there: dict[Reference, frozenset[Reference]], *pulls: PullRequest) -> Snapshot:
    open_there = dict.fromkeys(there, RelatedState.OPEN)
    return replace(snapshot(*pulls, related=open_there), elsewhere=there)


def test_a_cycle_through_other_repositories_is_refused_with_every_member_named() -> None:
    there = elsewhere(api_7="lib#3", lib_3="ACME/Web#1")
    world = world_with(there, needing(1, "#2"), needing(2, "ACME/api#7", author="bob"), needing(3, "#2"))

    found = order_candidates(world, [1, 2, 3])

    cycle = "depends on itself: acme/api#7 → acme/lib#3 → #1 → #2 → acme/api#7"
    assert told(found, 2) == [(ReasonCode.DEPENDENCY_CYCLE, cycle, "bob")]
    assert told(found, 1) == [(ReasonCode.DEPENDENCY_CYCLE, cycle, "alice")]
    assert {code for code, _, _ in told(found, 3)} == {ReasonCode.DEPENDENCY_HELD}


def test_a_chain_through_other_repositories_that_is_no_cycle_is_waited_for() -> None:
    world = world_with(elsewhere(api_7="lib#3", lib_3="none"), needing(1, "acme/api#7"))

    assert [code for code, _, _ in told(order_candidates(world, [1]), 1)] == [ReasonCode.DEPENDENCY_OPEN]


def test_a_cycle_of_others_refuses_nobody_who_only_waits_for_it() -> None:
    world = world_with(elsewhere(api_7="lib#3", lib_3="acme/api#7"), needing(1, "acme/api#7"))

    assert [code for code, _, _ in told(order_candidates(world, [1]), 1)] == [ReasonCode.DEPENDENCY_OPEN]
