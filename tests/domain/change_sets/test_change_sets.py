from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.domain.change_set_documents import (
    after_unit,
    change_set_document,
    change_sets_from,
    gathered,
)
from tasks.domain.change_sets import (
    LEFT_TO_THE_NEXT_RUN,
    MEMBERS_NAMED,
    PENDING,
    ChangeSet,
    Member,
    company_of,
    declared_sets,
    in_order_of_need,
    landing_order,
    reasons_of_members,
    reasons_told,
    with_retries_of_its_set,
)
from tasks.domain.model import CommitSha, Login, Reference, RelatedState, RepositoryName
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.unit_documents import unit_document, unit_from
from tasks.domain.units import reasons_against_unit, unit_of, with_unit_landed
from tests.domain.builders import pull_request, reference, sha, snapshot

DRAFT = Reason(ReasonCode.DRAFT, "it is a draft", "bob")
STAGED = Reason(ReasonCode.STAGE_GATE, "it would land; web is at stage gate")


def member(repository: str, number: int, *against: Reason, needs: tuple[Reference, ...] = ()) -> Member:
    return Member(reference(number, repository), sha(number), Login("alice"), needs, against)


def change_set(*members: Member, unseen: Mapping[RepositoryName, str] | None = None) -> ChangeSet:
    return ChangeSet("pay-1", tuple(sorted(members, key=lambda each: each.reference)), unseen or {})


def result(repository: str, *sets: ChangeSet, error: object = None) -> dict[str, Any]:
    return {
        "repository": repository,
        "error": error,
        "pull_requests": [],
        "change_sets": [change_set_document(each) for each in sets],
    }


GRAPHS = st.dictionaries(st.integers(0, 7), st.frozensets(st.integers(0, 9)), max_size=8)


@settings(max_examples=150)
@given(GRAPHS)
def test_whatever_is_needed_goes_first_unless_it_needs_back(needs: dict[int, frozenset[int]]) -> None:
    order = in_order_of_need(needs)

    def reaches(start: int, end: int, seen: frozenset[int] = frozenset()) -> bool:
        return any(
            need == end or (need not in seen and reaches(need, end, seen | {need}))
            for need in needs.get(start, frozenset())
            if need in needs
        )

    assert sorted(order) == sorted(needs)
    for at, one in enumerate(order):
        for other in order[at + 1 :]:
            assert not reaches(one, other) or reaches(other, one)


def test_repositories_land_by_need_and_then_by_name() -> None:
    needs = (reference(1, "acme/web"), reference(9, "acme/elsewhere"))
    three = change_set(member("acme/api", 1, needs=needs), member("acme/web", 1), member("acme/docs", 1))

    assert landing_order(three) == ("acme/docs", "acme/web", "acme/api")


def test_who_is_free_is_told_who_keeps_it_and_why() -> None:
    told = reasons_told(change_set(member("acme/api", 1), member("acme/web", 2, DRAFT)))

    waiting = "change set pay-1 waits for acme/web#2 by alice, which is held: it is a draft"
    assert told == {
        reference(1, "acme/api"): (Reason(ReasonCode.CHANGE_SET_WAITING, waiting, "bob"),),
        reference(2, "acme/web"): (DRAFT,),
    }


def test_what_could_not_be_looked_at_keeps_the_whole_set() -> None:
    blind = change_set(member("acme/api", 1), unseen={RepositoryName("acme/web"): "which failed in this run"})

    assert not blind.free
    assert [reason.message for reason in reasons_told(blind)[reference(1, "acme/api")]] == [
        "change set pay-1 may have members in acme/web, which failed in this run"
    ]


def test_members_of_teams_below_the_stage_of_landing_do_not_wait_for_one_another() -> None:
    told = reasons_told(change_set(member("acme/api", 1, STAGED), member("acme/web", 2, STAGED)))

    assert set(told.values()) == {(STAGED,)}


def test_no_more_members_are_named_than_a_record_can_hold() -> None:
    many = change_set(*(member("acme/web", number, DRAFT) for number in range(1, MEMBERS_NAMED + 5)))
    told = reasons_told(many)[reference(1, "acme/web")]

    assert len(told) == MEMBERS_NAMED + 2
    assert told[-1].message == "change set pay-1 waits for 3 more of its members"


REASONS = st.lists(st.sampled_from([DRAFT, STAGED]), max_size=2, unique=True)


@settings(max_examples=60)
@given(st.lists(REASONS, min_size=1, max_size=5), st.booleans())
def test_every_member_of_a_set_that_did_not_land_has_a_reason(against: list[list[Reason]], seen: bool) -> None:  # noqa: FBT001 -- hypothesis gives it
    members = (member("acme/web", number, *reasons) for number, reasons in enumerate(against, 1))
    told = reasons_told(change_set(*members, unseen={} if seen else {RepositoryName("acme/api"): "which failed"}))

    assert len(told) == len(against)
    assert all(told.values())


def test_a_set_is_all_that_open_pull_requests_name_whatever_keeps_them() -> None:
    one = pull_request(1, body="Change-set: pay-1\nDepends-on: api#7")
    two = pull_request(2, body="Change-set: PAY-1", draft=True)
    other, landed = pull_request(3), pull_request(4, body="Change-set: pay-1")
    (found,) = declared_sets(snapshot(one, two, other, landed), {2: (DRAFT,)}, {4}, 10, {})

    assert found.name == "pay-1"
    assert found.members == (
        Member(reference(1), sha(1), Login("alice"), (reference(7, "acme/api"),)),
        Member(reference(2), sha(2), Login("alice"), (), (DRAFT,)),
    )


def test_more_members_than_land_together_in_their_repository_do_not_land() -> None:
    pulls = [pull_request(number, body="Change-set: pay-1") for number in (1, 2)]
    (found,) = declared_sets(snapshot(*pulls), {}, (), 1, {})

    assert [[reason.code for reason in each.against] for each in found.members] == [
        [ReasonCode.CHANGE_SET_TOO_LARGE]
    ] * 2


def test_sets_of_all_repositories_are_gathered_by_name_and_needs_spelled_as_members_are() -> None:
    here = ChangeSet("pay-1", (member("acme/api", 1, needs=(reference(2, "ACME/Web"),)),), {})
    there = ChangeSet("PAY-1", (member("acme/web", 2, DRAFT),), {})
    failed = result("acme/docs", error={"message": "no answer"})

    (found,) = gathered([result("acme/web", there), result("acme/api", here), failed])

    assert found.name == "pay-1"
    assert found.members == (member("acme/api", 1, needs=(reference(2, "acme/web"),)), member("acme/web", 2, DRAFT))
    assert found.unseen == {"acme/docs": "which failed in this run"}


def test_a_set_and_a_unit_are_read_as_they_were_written() -> None:
    whole = change_set(
        member("acme/api", 1, DRAFT, STAGED, needs=(reference(2, "acme/web"),)),
        member("acme/web", 2),
        unseen={RepositoryName("acme/docs"): "which failed in this run"},
    )
    unit = unit_of(whole, RepositoryName("acme/api"))

    assert change_sets_from([change_set_document(whole)]) == (whole,)
    assert unit_from(unit_document(unit)) == unit
    assert (unit.heads, unit.elsewhere) == ({1: sha(1)}, {reference(2, "acme/web"): sha(2)})


TWO = change_set(member("acme/api", 1), member("acme/web", 2))
API = RepositoryName("acme/api")


def looked_at(outcome: str, *reasons: Reason, error: object = None) -> dict[str, Any]:
    told = [{"code": each.code.value, "message": each.message, "actor": each.actor} for each in reasons]
    return {"error": error, "pull_requests": [{"number": 1, "outcome": outcome, "reasons": told}]}


@pytest.mark.parametrize(
    ("found", "codes"),
    [
        (looked_at("held", DRAFT, PENDING), [ReasonCode.DRAFT]),
        (looked_at("held", PENDING), []),
        (looked_at("merged"), []),
        ({"error": None, "pull_requests": []}, [ReasonCode.CHANGED_MEANWHILE]),
        (looked_at("failed", error={"message": "no answer"}), [ReasonCode.REPOSITORY_FAILED]),
    ],
)
def test_what_a_repository_found_is_held_against_its_members(found: dict[str, Any], codes: list[ReasonCode]) -> None:
    known = after_unit(TWO, API, found)

    assert [reason.code for reason in known.members[0].against] == codes
    assert known.members[1] == TWO.members[1]


def test_who_moved_or_left_the_set_is_not_what_was_decided_on() -> None:
    unit = unit_of(change_set(*(member("acme/web", number) for number in (1, 2, 3))), RepositoryName("acme/web"))
    moved = pull_request(1, body="Change-set: pay-1", head="f" * 40)
    left, there = pull_request(2), pull_request(3, body="Change-set: pay-1")

    against = reasons_against_unit(snapshot(moved, left, there), unit)

    assert {number: [reason.code for reason in found] for number, found in against.items()} == {
        1: [ReasonCode.CHANGED_MEANWHILE],
        2: [ReasonCode.CHANGED_MEANWHILE],
    }


def test_within_a_set_nobody_waits_for_anybody() -> None:
    unit = unit_of(change_set(member("acme/web", 1), member("acme/api", 7)), RepositoryName("acme/web"))
    related = {reference(7, "Acme/API"): RelatedState.OPEN, reference(8, "acme/api"): RelatedState.OPEN}
    seen = with_unit_landed(snapshot(pull_request(1), related=related), unit)

    assert seen.related == {
        reference(7, "Acme/API"): RelatedState.MERGED,
        reference(8, "acme/api"): RelatedState.OPEN,
        reference(1): RelatedState.MERGED,
    }


def test_who_is_gated_as_one_is_tried_again_as_one() -> None:
    asking = pull_request(2, body="Change-set: pay-1", retry_requested="event-9")
    one, other = pull_request(1, body="change-set: PAY-1"), pull_request(3)
    world = snapshot(one, asking, other)

    assert company_of(one, world) == {(2, sha(2))}
    assert with_retries_of_its_set(one, world).retry_requested == "event-9"
    assert (company_of(other, world), with_retries_of_its_set(other, world)) == (frozenset(), other)


def test_what_is_told_of_a_member_holds_for_the_head_that_it_was_told_of() -> None:
    here = [change_set(member("acme/web", 1), member("acme/web", 2))]
    moved = replace(member("acme/web", 1, DRAFT), head=CommitSha("f" * 40))

    told = reasons_of_members(here, [change_set(moved, member("acme/web", 2, STAGED))])

    assert told == {1: (LEFT_TO_THE_NEXT_RUN,), 2: (STAGED,)}
    assert reasons_of_members(here, None) == {1: (PENDING,), 2: (PENDING,)}
