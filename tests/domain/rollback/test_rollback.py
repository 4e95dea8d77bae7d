from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from config.schema import MergeMethod
from tasks.domain.audit import Event
from tasks.domain.land import Landed
from tasks.domain.model import CommitSha
from tasks.domain.rollback import (
    LandingRecord,
    Member,
    RollbackOrder,
    commits_to_revert,
    landing_of,
    landings_in,
)
from tests.domain.builders import BASE, candidate, pull_request, recorder, sha, tree


def landing(
    *counts: int | None, method: MergeMethod = MergeMethod.REBASE, tree_landed: str | None = None
) -> LandingRecord:
    """Its members are #1, #2 and so on, with as many commits of their own each."""
    members = tuple(
        Member(number, sha(number), f"Change {number}", "alice", count) for number, count in enumerate(counts, 1)
    )
    numbers = tuple(member.number for member in members)
    whole = candidate(*numbers)
    return LandingRecord(
        candidate=whole.commit,
        target="main",
        method=method,
        base=BASE,
        commit=sha(900),
        tree=tree(*numbers) if tree_landed is None else tree(int(tree_landed)),
        gated_tree=tree(*numbers),
        members=members,
    )


def order(of: LandingRecord, *members: int) -> RollbackOrder:
    return RollbackOrder(of, members or of.numbers, "incident", "gate smoke failed")


def line(length: int) -> tuple[CommitSha, ...]:
    return tuple(sha(100 + position) for position in range(length))


def landed(*members: int, method: MergeMethod = MergeMethod.SQUASH, gates: Sequence[str] = ()) -> list[Event]:
    """What the log holds of it: the intents, then the outcomes."""
    whole = candidate(*members)
    named = list[JsonValue](gates)
    details: dict[str, JsonValue] = {"title": "Mend the door", "author": "alice", "post_landing": named}
    intents = [recorder().merge_intent(pull_request(number), whole, method, details) for number in members]
    outcomes = [Landed(number, whole.commit, whole.tree, whole.tree, method) for number in members]
    return [
        *intents,
        *(recorder().merge_completed(one, other) for one, other in zip(intents, outcomes, strict=True)),
    ]


def test_what_landed_together_is_one_landing_in_landing_order() -> None:
    (found,) = landings_in(landed(2, 1, gates=["smoke"]))

    assert found.numbers == (2, 1)
    assert (found.base, found.commit, found.method) == (BASE, candidate(2, 1).commit, MergeMethod.SQUASH)
    assert found.members[0] == Member(2, sha(2), "Mend the door", "alice", None)
    assert found.post_landing == ("smoke",)


def test_what_was_only_announced_has_not_landed() -> None:
    assert landings_in(landed(1)[:1]) == ()


def test_the_last_landing_of_a_pull_request_counts() -> None:
    events = [*landed(1, 2), *landed(3), *landed(1)]

    assert [landing_of(number, events) is None for number in (1, 2, 3, 4)] == [False, False, False, True]
    assert [found.numbers for number in (1, 2) if (found := landing_of(number, events))] == [(1,), (1, 2)]


def test_a_landing_of_another_tree_is_read_from_its_alert() -> None:
    intent = recorder().merge_intent(pull_request(1), candidate(1), MergeMethod.MERGE, {})
    differing = Landed(1, sha(900), tree(99), tree(1), MergeMethod.MERGE)
    alert = recorder().tree_differs(intent, differing, "landed as another tree", rollback=True)

    (found,) = landings_in([intent, alert])

    assert (found.commit, found.tree, found.gated_tree) == (sha(900), tree(99), tree(1))


@pytest.mark.parametrize(
    ("counts", "members", "taken_back"),
    [
        ((1, 1, 1), (), [2, 1, 0]),
        ((1, 1, 1), (2,), [1]),
        ((1, 1, 1), (1, 3), [2, 0]),
        ((2, 3), (), [4, 3, 2, 1, 0]),
        ((2, 3), (1,), [1, 0]),
        ((2, 3), (2,), [4, 3, 2]),
        ((1, 0, 1), (2,), []),
    ],
    ids=str,
)
def test_commits_are_taken_back_newest_first_and_only_those_of_the_members(
    counts: tuple[int, ...], members: tuple[int, ...], taken_back: list[int]
) -> None:
    commits = line(sum(counts))

    assert commits_to_revert(order(landing(*counts), *members), commits) == tuple(commits[at] for at in taken_back)


def test_what_slipped_in_before_a_merge_of_the_code_host_is_not_touched() -> None:
    slipped_in, merge = line(2)
    differing = landing(1, method=MergeMethod.MERGE, tree_landed="99")

    assert commits_to_revert(order(differing), (slipped_in, merge)) == (merge,)


def test_a_whole_landing_is_its_whole_line_where_nobody_counted() -> None:
    assert commits_to_revert(order(landing(None, None)), line(5)) == line(5)[::-1]


@pytest.mark.parametrize(
    "uncounted", [order(landing(None, None), 1), order(landing(None, tree_landed="99"))], ids=["a part", "another tree"]
)
def test_what_nobody_counted_cannot_be_told_apart(uncounted: RollbackOrder) -> None:
    assert commits_to_revert(uncounted, line(5)) == ()


@given(st.lists(st.integers(0, 4), min_size=1, max_size=6), st.data())
def test_every_commit_belongs_to_exactly_one_member(counts: list[int], data: st.DataObject) -> None:
    whole, commits = landing(*counts), line(sum(counts))
    some = tuple(sorted(data.draw(st.sets(st.sampled_from(whole.numbers)))))
    others = tuple(number for number in whole.numbers if number not in some)

    mine = commits_to_revert(order(whole, *some), commits) if some else ()
    theirs = commits_to_revert(order(whole, *others), commits) if others else ()

    assert sorted(mine + theirs) == sorted(commits)
    assert all(commits.index(newer) > commits.index(older) for newer, older in pairwise(mine))
