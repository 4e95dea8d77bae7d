"""What is written down of reconciliation, and what is read back of it: the ledger, the counts, the headline."""

from dataclasses import replace

import pytest
from pydantic import JsonValue

from config.schema import Filters, MergeMethod
from tasks.domain.audit import EventType
from tasks.domain.bypasses import Bypass, bypasses_in, justified_event, objection_to
from tasks.domain.errors import CodeHostRefused
from tasks.domain.model import CommitSha, Login, RepositoryName, TreeSha
from tasks.domain.provenance import (
    NO_COMMIT,
    History,
    Move,
    Recorded,
    break_in_chain,
    first_moves,
    moves_since,
    recorded_moves,
)
from tasks.domain.reconciliation import BypassKind, Classified, Rewritten, Standing, Terms
from tasks.domain.reconciliation_records import Found, Stretch, next_stretch, open_intents_in, reconciled, recorded_in
from tasks.domain.reconciliation_report import failed_ref, markdown, problems_of, ref_document, whole_document
from tasks.domain.result import failed_result
from tasks.domain.rollback import LandingRecord, Made, RollbackOrder
from tasks.domain.rollback_records import rollback_intent
from tasks.domain.run import dicts_in
from tests.domain.builders import BASE, candidate, pull_request, recorder, rules, sha
from tests.domain.chronicle import HOSTILE, Chronicle, Story

REF = "refs/heads/main"
A, B, C, D = (sha(number) for number in range(1, 5))
TREE = TreeSha("7" * 40)


def move(identifier: int, before: CommitSha, after: CommitSha, by: str | None = "erin") -> Move:
    return Move(identifier, before, after, None if by is None else Login(by), forced=False)


def pushed(commit: CommitSha, seen: Move | None = None, *authors: str) -> Classified:
    why = "no pull request that was merged into main has it"
    people = tuple(map(Login, authors))
    return Classified(commit, Standing.UNACCOUNTED, why, BypassKind.DIRECT_PUSH, seen, people)


def landed(commit: CommitSha) -> Classified:
    return Classified(commit, Standing.HUB, "landed by the hub with #1")


def written(log: Chronicle, *commits: Classified, rewritten: tuple[Rewritten, ...] = (), tip: CommitSha = B) -> None:
    stretch = next_stretch(REF, tip, log.events, [Recorded(A, B, "landed by the hub with #1")])
    log.append(reconciled(recorder(), stretch, Found(commits, rewritten, len(commits), 7, None)))


def told(log: Chronicle) -> dict[str, JsonValue]:
    return ref_document("platform", "acme/web", REF, log.events, ())


def test_a_reconciliation_begins_where_the_last_one_ended_or_where_the_hub_began_or_here() -> None:
    log = Chronicle()
    landing = Recorded(A, B, "landed by the hub with #1")
    first, here = next_stretch(REF, C, (), (landing,)), next_stretch(REF, C, (), ())
    written(log, landed(B))
    later = next_stretch(REF, C, log.events, (landing,))

    assert [(each.start, each.tip) for each in (first, here, later)] == [(A, C), (C, C), (B, C)]
    assert (first.after, later.after) == (None, log.events[-1].id)
    assert next_stretch("refs/heads/other", C, log.events, ()).after is None


def test_what_nobody_answers_for_is_an_alert_a_push_and_a_record_a_commit() -> None:
    log, push, other = Chronicle(), move(1, A, C), move(2, C, D, "mallory")
    written(log, pushed(B, push), pushed(C, push), pushed(D, other), tip=D)
    again = [event.id for event in log.events]
    written(log, pushed(B, push), tip=B)

    kinds = [event.type for event in log.events]
    messages = [event.data["message"] for event in log.events if event.type is EventType.ALERT_RAISED]

    assert (kinds.count(EventType.BYPASS_FOUND), kinds.count(EventType.RECONCILIATION_COMPLETED)) == (3, 2)
    assert messages[0] == (
        "nobody answers for 2 commits on main (0000000, 0000000), brought by erin: "
        "no pull request that was merged into main has it"
    )
    assert "mallory" in str(messages[1])
    assert len(set(again)) == len(again)


def test_a_branch_that_is_rewritten_twice_in_the_same_way_is_two_bypasses() -> None:
    log = Chronicle()
    for at in (1, 2):
        written(log, rewritten=(Rewritten(B, A, BypassKind.FORCE_PUSH, move(at, B, A)),), tip=A)

    assert len(bypasses_in(log.events)) == 2
    assert [each.commit for each in bypasses_in(log.events)] == [A, A]
    assert bypasses_in([event.model_copy(update={"repository": None}) for event in log.events]) == ()


def test_the_headline_counts_all_that_was_ever_looked_at_and_what_was_justified_since() -> None:
    log = Chronicle()
    written(log, landed(A), landed(B))
    written(log, pushed(C), tip=C)
    before = told(log)
    (bypass,) = bypasses_in(log.events)
    log.append([justified_event("AcmeCorp", bypass, "bob", "incident 4711", "OPS-1")])
    after = told(log)

    assert before["headline"] == "2 of 3 commits on protected branches accounted for; 1 bypass to be justified"
    assert after["headline"] == "3 of 3 commits on protected branches accounted for"
    assert (after["commits"], after["unaccounted_count"]) == (1, 1)
    assert [problems_of(whole_document([each])) for each in (before, after)] == [
        ("acme/web: 1 bypass of refs/heads/main without a justification",),
        (),
    ]


def test_a_commit_that_was_found_twice_before_it_was_justified_is_accounted_for_both_times() -> None:
    log = Chronicle()
    written(log, pushed(C), tip=C)
    written(log, tip=A)
    written(log, pushed(C), tip=C)
    (bypass,) = bypasses_in(log.events)
    log.append([justified_event("AcmeCorp", bypass, "bob", "incident 4711", None)])

    assert told(log)["headline"] == "2 of 2 commits on protected branches accounted for"


def test_of_many_unaccounted_commits_a_hundred_are_listed_and_all_are_counted() -> None:
    log = Chronicle()
    written(log, *(pushed(sha(number)) for number in range(10, 260)), tip=sha(259))

    document = told(log)

    assert (len(dicts_in(document["unaccounted"])), document["unaccounted_count"]) == (100, 250)


def ledger_entry(actor: str | None, *authors: str) -> Bypass:
    log = Chronicle()
    written(log, pushed(B, None if actor is None else move(1, A, B, actor), *authors))
    (found,) = bypasses_in(log.events)
    return found


@pytest.mark.parametrize(
    ("actor", "author", "by", "may"),
    [
        ("erin", "alice", "bob", True),
        ("erin", "alice", "Erin", False),
        ("erin", "alice", "alice", True),
        (None, "alice", "bob", True),
        (None, "alice", "Alice", False),
        ("erin", "alice", "other[bot]", False),
        ("erin", "alice", "Release-Bot", False),
    ],
)
def test_a_second_person_is_neither_who_pushed_nor_a_robot(
    actor: str | None, author: str, by: str, *, may: bool
) -> None:
    objection = objection_to(ledger_entry(actor, author), by, ["release-bot"])

    assert (objection is None) == may


def test_a_bypass_is_called_by_seven_digits_at_least() -> None:
    found = replace(ledger_entry("erin"), subject={"ref": REF, "commit": "4f2a91c" + "0" * 33})

    assert [found.is_called(text) for text in ("4f2a91c", "4F2A91C0", "4f2a91", "", "5f2a91c")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_texts_of_strangers_are_shown_as_texts() -> None:
    log = Chronicle()
    stranger = replace(pushed(B, move(1, A, B, "x`y")), because=HOSTILE)
    written(log, stranger)
    shown = markdown(whole_document([ref_document("platform", "acme/web", REF, log.events, ())]))

    assert "https://" not in shown
    assert "\n## done" not in shown
    assert "`x'y`" in shown


def test_what_the_log_announced_is_read_back_by_branch() -> None:
    log = Chronicle()
    Story(log).lands(1)
    other = replace(pull_request(2), target="develop")
    log.append([recorder().merge_intent(other, candidate(2), MergeMethod.MERGE, {"class": "emergency"})])

    on_main, on_develop = recorded_in(log.events, "main"), recorded_in(log.events, "develop")

    assert [(each.before, each.after, each.emergency) for each in on_main] == [
        (BASE, candidate(1).commit, False),
        (BASE, sha(901), False),
    ]
    assert [(each.named, each.emergency) for each in on_develop] == [("landed by the hub with #2", True)]
    assert [event.subject["pull_request"] for event in open_intents_in(log.events, "develop")] == [2]
    assert open_intents_in(log.events, "main") == ()


CHAINS = {
    "whole": ([(1, A, B), (2, B, C)], None),
    "told late": ([(1, D, A), (2, A, B), (3, B, C)], None),
    "a gap": ([(1, A, B), (2, D, C)], "a move ended at"),
    "begun elsewhere": ([(1, B, C)], "no known move begins at"),
    "ended elsewhere": ([(1, A, B)], "the last known move ended at"),
    "nothing": ([], "no move from"),
}


@pytest.mark.parametrize(("moves", "said"), CHAINS.values(), ids=CHAINS)
def test_a_chain_is_whole_where_each_move_begins_at_the_end_of_the_one_before(
    moves: list[tuple[int, CommitSha, CommitSha]], said: str | None
) -> None:
    found = break_in_chain([move(*each) for each in moves], A, C)

    assert (found or "").startswith(said or "")
    assert (found is None) == (said is None)


def test_moves_are_taken_from_the_last_that_was_looked_at_and_up_to_the_tip() -> None:
    newest_first = [move(5, C, D), move(4, B, C), move(3, A, B), move(2, B, A), move(1, A, B)]

    assert [each.identifier for each in moves_since(newest_first, 1, C)] == [2, 3, 4]
    assert [each.identifier for each in moves_since(newest_first, 1, sha(99))] == [2, 3, 4, 5]
    assert [each.identifier for each in first_moves(newest_first, A, C)] == [3, 4]
    assert [each.identifier for each in first_moves(newest_first[:2], B, D)] == [4, 5]
    assert first_moves(newest_first, sha(99), D) == ()
    assert [each.identifier for each in first_moves([move(9, C, D), move(8, sha(98), B)], B, D)] == [9]


def test_who_brought_a_commit_first_brought_it() -> None:
    history = History(A, D, {B: (A,), C: (B,), D: (C,)})
    steps = [move(1, A, C), move(2, C, A), move(3, A, D)]

    brought = history.first_brought(steps)

    assert {commit: step.identifier for commit, step in brought.items()} == {B: 1, C: 1, D: 3}


def test_stretches_are_told_apart_by_what_they_follow() -> None:
    one, other = (
        reconciled(recorder(), Stretch(REF, A, B, after, "here"), Found((), (), 0, None, None)) for after in (None, "x")
    )

    assert one[-1].id != other[-1].id


def test_a_branch_without_a_bypass_of_its_own_is_told_beside_one_that_the_world_failed() -> None:
    log = Chronicle()
    written(log, landed(B), rewritten=(Rewritten(B, NO_COMMIT, BypassKind.DELETION, None),))
    error = CodeHostRefused("GitHub [does not] answer", remedy="Look at its status page.")
    failed = failed_ref("platform", failed_result(RepositoryName("acme/api"), "main", error))
    document = whole_document([told(log), failed])
    shown = markdown(document)

    assert document["headline"] == (
        "1 of 1 commit on protected branches accounted for; 1 bypass to be justified; "
        "1 repository could not be reconciled"
    )
    assert problems_of(document)[1] == "acme/api: GitHub [does not] answer. Look at its status page."
    assert (r"GitHub \[does not\] answer" in shown, f"{B[:7]}→0000000" in shown) == (True, True)
    assert bypasses_in(log.events)[0].commit == B


def test_a_revert_that_was_announced_is_the_hub_s_and_moves_the_branch() -> None:
    landing = LandingRecord(C, "main", MergeMethod.MERGE, A, B, TREE, TREE, ())
    order = RollbackOrder(landing, (), "incident", "the smoke gate failed")
    intent = rollback_intent(recorder(), order, Made(B, C, TREE, (B,)), "gated")
    recorded = recorded_in([intent], "main")
    history = History(A, D, {B: (A,), C: (B,), D: (C,)})

    moved = recorded_moves([Recorded(A, B, "landed by the hub with #1"), *recorded], history)

    assert [(each.before, each.after, each.named) for each in recorded] == [(B, C, "rolled back by the hub")]
    assert break_in_chain(moved, A, C) is None
    assert break_in_chain(moved, A, D) == f"the last known move ended at {C[:7]}, not at {D[:7]}"


def test_an_intent_is_open_until_it_landed_or_was_given_up() -> None:
    log = Chronicle()
    for number in (1, 2, 3):
        log.append([recorder().merge_intent(pull_request(number), candidate(number), MergeMethod.MERGE, {})])
    log.append([recorder().merge_failed(log.events[0], "given up", final=True)])
    log.append([recorder().merge_failed(log.events[1], "declined", final=False)])
    waiting = open_intents_in(log.events, "main")
    written(log, landed(B))

    document = ref_document("platform", "acme/web", REF, log.events, waiting)

    assert [each["pull_request"] for each in dicts_in(document["open_intents"])] == [2, 3]


@pytest.mark.parametrize(("asked", "required"), [(0, 1), (1, 1), (3, 3)])
def test_one_other_person_is_the_least_that_is_asked_for(asked: int, required: int) -> None:
    terms = Terms.of(rules(filters=Filters(required_approvals=asked)))

    assert (terms.required, terms.branch, terms.declaration_lasts) == (required, "main", None)
