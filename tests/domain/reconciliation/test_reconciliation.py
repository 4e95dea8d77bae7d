"""Who answers for a commit, whatever people did to the branch; trees are compared as sets of changes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tasks.domain.model import CommitSha, Declared, Login, ReviewState
from tasks.domain.provenance import NO_COMMIT
from tasks.domain.reconciliation import BypassKind, Terms
from tests.domain.branch import TERMS, Branch
from tests.domain.builders import NOON, review

HUB, HUMAN, ROBOT, EMERGENCY = "hub", "compliant-human", "robot", "emergency"
DIRECT, UNAPPROVED, ALTERED = "direct-push", "unapproved-merge", "altered-merge"


@pytest.fixture(params=[True, False], ids=["with moves", "without moves"])
def main(request: pytest.FixtureRequest) -> Branch:
    return Branch(tells=bool(request.param))


def merge(main: Branch, head: CommitSha) -> CommitSha:
    return main.commit(main.tip, head, adds=(), by=None)


def test_what_the_hub_announced_is_the_hub_s_with_all_that_it_brought(main: Branch) -> None:
    landed = main.lands(main.line(2))

    assert (main.standings(), len(main.found())) == (dict.fromkeys(main.found(), HUB), 3)
    assert main.found()[landed].because == "landed by the hub with #9"


def test_what_the_hub_landed_in_an_emergency_is_one(main: Branch) -> None:
    main.lands(main.commit(), urgent=True)

    assert set(main.standings().values()) == {EMERGENCY}


def test_a_direct_push_between_two_landings_hides_behind_neither(main: Branch) -> None:
    main.lands(main.commit())
    direct = main.moves_to(main.commit(by="erin"))
    main.lands(main.commit())

    standings = main.standings()

    assert standings.pop(direct) == DIRECT
    assert set(standings.values()) == {HUB}


def test_a_person_may_merge_what_somebody_else_approved(main: Branch) -> None:
    number = main.proposed(main.line(2), "bob")
    landed = main.moves_to(merge(main, main.pulls[number].head))
    main.merged(number, landed)

    assert (set(main.standings().values()), len(main.standings())) == ({HUMAN}, 3)


def test_a_person_may_squash_it(main: Branch) -> None:
    head = main.line(3)
    number = main.proposed(head, "bob")
    squashed = main.moves_to(main.commit(adds=main.trees[head]))
    main.merged(number, squashed)

    assert main.standings() == {squashed: HUMAN}


def test_a_person_may_rebase_it_onto_what_landed_meanwhile() -> None:
    main = Branch()
    first = main.commit()
    second = main.commit(first)
    number = main.proposed(second, "bob")
    landed = main.lands(main.commit())
    one = main.commit(landed, adds={first})
    other = main.commit(one, adds={second})
    main.moves_to(other)
    main.merged(number, other)

    assert (main.standings()[one], main.standings()[other]) == (HUMAN, HUMAN)


def test_without_moves_a_rebase_is_known_by_what_the_code_host_finds_in_the_pull_request() -> None:
    main = Branch(tells=False)
    first = main.commit()
    number = main.proposed(main.commit(first), "bob")
    one = main.commit(adds={first})
    other = main.commit(one, adds=main.trees[main.pulls[number].head])
    main.moves_to(other)
    main.merged(number, other)
    found, own = main.merges[number]
    main.merges[number] = (found, own | {one})

    assert main.standings() == {one: HUMAN, other: HUMAN}


def test_a_person_may_push_the_approved_head_itself(main: Branch) -> None:
    head = main.moves_to(main.line(2))
    main.tip = main.start
    number = main.proposed(head, "bob")
    main.tip = head
    main.merged(number, head)

    assert set(main.standings().values()) == {HUMAN}


def test_what_is_pushed_along_with_an_approved_head_is_not_of_it() -> None:
    main = Branch()
    number = main.proposed(main.commit(), "bob")
    extra = main.commit(main.pulls[number].head, by="erin")
    main.moves_to(extra)
    main.merged(number, main.pulls[number].head)

    assert main.standings() == {main.pulls[number].head: HUMAN, extra: DIRECT}


def test_a_merge_that_adds_something_of_its_own_is_found(main: Branch) -> None:
    number = main.proposed(main.commit(), "bob")
    evil = main.moves_to(main.commit(main.tip, main.pulls[number].head, adds={"backdoor"}))
    main.merged(number, evil)

    assert main.standings()[evil] == ALTERED


def test_a_squash_that_adds_something_of_its_own_is_found(main: Branch) -> None:
    head = main.commit()
    number = main.proposed(head, "bob")
    evil = main.moves_to(main.commit(adds={*main.trees[head], "backdoor"}))
    main.merged(number, evil)

    assert main.standings() == {evil: ALTERED}


def test_a_commit_below_a_merge_that_was_pushed_with_it_is_found(main: Branch) -> None:
    number = main.proposed(main.commit(), "bob")
    below = main.commit(by="mallory")
    landed = main.moves_to(main.commit(below, main.pulls[number].head, adds=(), by=None))
    main.merged(number, landed)

    assert main.standings() == {main.pulls[number].head: HUMAN, below: DIRECT, landed: HUMAN}


def test_a_foxtrot_shows_exactly_what_it_brought_though_it_turns_the_line(main: Branch) -> None:
    own = main.commit(by="mallory")
    landed = [main.lands(main.commit()) for _ in range(3)]
    turned = main.moves_to(main.commit(own, main.tip, adds=(), by="mallory"))

    standings = main.standings()
    walked = main.parents[turned][0]

    assert walked not in landed
    assert {commit for commit, standing in standings.items() if standing == DIRECT} == {own, turned}
    assert (len(standings), set(standings.values())) == (8, {HUB, DIRECT})


def test_an_approved_head_that_took_a_direct_push_in_does_not_launder_it() -> None:
    main = Branch()
    topic = main.commit()
    direct = main.moves_to(main.commit(by="erin"))
    number = main.proposed(main.commit(topic, direct, adds=()), "bob")
    landed = main.moves_to(merge(main, main.pulls[number].head))
    main.merged(number, landed)

    standings = main.standings()

    assert standings.pop(direct) == DIRECT
    assert set(standings.values()) == {HUMAN}


def test_what_was_merged_into_another_branch_is_not_merged_here(main: Branch) -> None:
    number = main.proposed(main.commit(), "bob")
    main.merged(number, None, target="develop")
    head = main.moves_to(main.pulls[number].head)

    assert (
        main.found()[head].because == "no pull request that was merged into main has it: #1 has it, merged into develop"
    )


def test_a_robot_is_who_the_code_host_says_moved_the_branch() -> None:
    main = Branch()
    listed = main.moves_to(main.commit(by="mallory"), "release-bot[bot]")
    spoofed = main.moves_to(main.commit(by="release-bot[bot]"), "mallory")

    assert main.standings() == {listed: ROBOT, spoofed: DIRECT}


@pytest.mark.parametrize(
    ("by", "facts", "standing"),
    [
        ("release-bot[bot]", {"bot": True}, ROBOT),
        ("other[bot]", {"bot": True}, "unlisted-robot"),
        ("merge-hub[bot]", {"bot": True, "hub": True}, "unrecorded-landing"),
        (None, {}, HUMAN),
        ("alice", {}, HUMAN),
    ],
)
def test_who_merged_it_counts(by: str | None, facts: dict[str, Any], standing: str) -> None:
    main = Branch(tells=False)
    head = main.commit()
    number = main.proposed(head, "bob")
    landed = main.moves_to(main.commit(adds=main.trees[head]))
    main.merged(number, landed, by, **facts)

    assert main.standings() == {landed: standing}


ALICE, SAMI, FAYE = "alice", "sami", "faye"
NEVER_ALONE = {
    "1: what somebody else approved": ((ALICE, ("bob",), ()), HUMAN),
    "2: what a service account wrote and nobody approved": (("renovate[bot]", (), ()), UNAPPROVED),
    "2: what a service account wrote and somebody approved": (("renovate[bot]", ("bob",), ()), HUMAN),
    "2: what only says to be a service account's": (("mallory", (), (None,)), UNAPPROVED),
    "6: what nobody approved": ((ALICE, (), ()), UNAPPROVED),
    "7: what only its author approved": ((ALICE, (ALICE,), ()), UNAPPROVED),
    "13: what two wrote together and approved of each other": ((SAMI, (SAMI, FAYE), (SAMI, FAYE)), UNAPPROVED),
    "13: what two wrote together and a third approved": ((SAMI, (SAMI, FAYE, "bob"), (SAMI, FAYE)), HUMAN),
    "14: what one of two who wrote it approved": ((SAMI, (FAYE,), (SAMI, FAYE)), UNAPPROVED),
    "16: what somebody approved whose own it was to approve": ((SAMI, (FAYE,), ()), HUMAN),
}


@pytest.mark.parametrize(("told", "standing"), NEVER_ALONE.values(), ids=NEVER_ALONE)
def test_never_alone(told: tuple[str, tuple[str, ...], tuple[str | None, ...]], standing: str) -> None:
    (author, approvers, wrote), main = told, Branch()
    head = main.line(max(1, len(wrote)), by=author)
    number = main.proposed(head, *approvers, author=author, wrote=wrote)
    landed = main.moves_to(main.commit(adds=main.trees[head]))
    main.merged(number, landed)

    assert main.standings() == {landed: standing}


def test_never_alone_4_and_5_a_message_that_says_it_is_a_merge_is_a_direct_push(main: Branch) -> None:
    pretended = main.moves_to(main.commit(main.tip, main.commit(), adds=(), by="mallory"))

    assert main.standings()[pretended] == DIRECT


def test_never_alone_8_what_was_pushed_after_the_approval_is_not_approved(main: Branch) -> None:
    seen = main.commit()
    head = main.commit(seen)
    number = main.proposed(head, "bob", approved_at=seen)
    landed = main.moves_to(main.commit(adds=main.trees[head]))
    main.merged(number, landed)

    assert main.standings() == {landed: UNAPPROVED}
    assert "0 of 1 independent approvals" in main.found()[landed].because


def test_an_approval_that_came_after_the_merge_is_none(main: Branch) -> None:
    head = main.commit()
    number = main.proposed(head, "bob", late=True)
    landed = main.moves_to(main.commit(adds=main.trees[head]))
    main.merged(number, landed)

    assert main.standings() == {landed: UNAPPROVED}


def squashed(main: Branch, *approvers: str) -> CommitSha:
    head = main.commit()
    main.proposed(head, *approvers)
    landed = main.moves_to(main.commit(adds=main.trees[head]))
    main.merged(1, landed)
    return landed


def test_as_many_have_to_approve_as_the_team_asks_for_and_only_who_is_listed() -> None:
    main = Branch()
    landed = squashed(main, "bob")
    two, others = replace(TERMS, required=2), replace(TERMS, approvers=frozenset({Login("carol")}))

    assert [main.standings(terms)[landed] for terms in (TERMS, two, others)] == [HUMAN, UNAPPROVED, UNAPPROVED]


def test_a_request_for_changes_is_not_overruled_by_merging() -> None:
    main = Branch()
    landed = squashed(main, "bob")
    veto = review("carol", ReviewState.CHANGES_REQUESTED, commit=main.pulls[1].head, submitted_at=NOON)
    main.pulls[1] = replace(main.pulls[1], reviews=(*main.pulls[1].reviews, veto))

    assert main.found()[landed].because == "#1 was merged by erin: carol had asked for changes"


def test_where_the_code_host_lists_some_commits_only_nobody_knows_who_wrote_the_others() -> None:
    main = Branch()
    landed = squashed(main, "bob")
    main.pulls[1] = replace(main.pulls[1], commit_count=251)

    assert main.found()[landed].because.endswith("lists 1 of its 251 commits, and not all who wrote them")


def test_a_pull_request_of_which_nothing_can_be_read_was_approved_by_nobody() -> None:
    main = Branch()
    landed = squashed(main, "bob")
    main.pulls[1] = replace(main.pulls[1], head=CommitSha("f" * 40))

    assert main.standings()[landed] == UNAPPROVED


@pytest.mark.parametrize(
    ("declared_by", "hours_before", "terms", "standing"),
    [
        ("bob", 1, TERMS, EMERGENCY),
        ("erin", 1, TERMS, UNAPPROVED),
        ("bob", 25, TERMS, UNAPPROVED),
        ("bob", -1, TERMS, UNAPPROVED),
        ("bob", 1, replace(TERMS, declaration_lasts=None), UNAPPROVED),
    ],
    ids=["two people", "alone", "too long ago", "only afterwards", "no emergencies known"],
)
def test_an_emergency_takes_two_people_and_a_declaration_that_holds(
    declared_by: str, hours_before: int, terms: Terms, standing: str
) -> None:
    main = Branch()
    landed = squashed(main)
    main.declared[1] = Declared(declared_by, "logins fail", NOON - timedelta(hours=hours_before))

    assert main.standings(terms) == {landed: standing}


def test_what_was_justified_and_comes_back_is_justified() -> None:
    main = Branch()
    direct = main.moves_to(main.commit())
    main.justified[direct] = "the hub was down"

    assert main.found()[direct].because == "justified before: the hub was down"


def test_a_force_push_is_found_though_the_branch_holds_nothing_new(main: Branch) -> None:
    landed = main.lands(main.commit())
    main.start = landed
    below = main.parents[landed][0]
    main.moves_to(below, "mallory")

    (found,) = main.rewritten()

    assert (found.before, found.after, found.kind) == (landed, below, BypassKind.FORCE_PUSH)
    assert found.actor == ("mallory" if main.tells else None)


def test_a_push_over_and_back_leaves_no_commit_and_is_found() -> None:
    main = Branch()
    main.start = main.lands(main.commit())
    main.moves.clear()
    main.moves_to(main.parents[main.start][0], "mallory")
    main.moves_to(main.start, "mallory")

    assert main.standings() == {}
    assert [(each.kind, each.actor) for each in main.rewritten()] == [(BypassKind.FORCE_PUSH, "mallory")]


def test_a_branch_that_was_deleted_and_made_anew_is_told_as_both() -> None:
    main = Branch()
    start = main.start
    main.moves_to(NO_COMMIT, "mallory")
    main.moves[-1] = replace(main.moves[-1], before=start)
    main.tip = NO_COMMIT
    main.moves_to(start, "mallory")

    assert [each.kind for each in main.rewritten()] == [BypassKind.DELETION, BypassKind.RECREATION]
    assert [each.told[:22] for each in main.rewritten()] == ["the branch was deleted", "the branch was made an"]


def test_what_is_forced_says_the_code_host_though_git_has_forgotten_what_was_there() -> None:
    main = Branch()
    main.moves_to(main.commit(), "mallory", forced=True)

    assert [each.kind for each in main.rewritten()] == [BypassKind.FORCE_PUSH]
