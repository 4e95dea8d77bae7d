from tasks.domain.approvals import short
from tasks.domain.audit import Event, EventType
from tasks.domain.gates import Verdict
from tasks.domain.land import Rejected
from tasks.domain.memory import recall
from tasks.domain.merging import Conflict
from tasks.domain.model import CommitSha
from tasks.domain.rollback import Made, NotRolledBack, RolledBack
from tasks.domain.rollback_records import past_attempts, rollback_completed, rollback_failed, rollback_intent
from tasks.domain.rollback_words import (
    base_moves,
    cannot_be_told,
    commands_by_hand,
    comment_on,
    conflicts,
    is_not_there,
    note_for,
    quoted,
    reason_of,
    was_declined,
    would_be_red,
)
from tests.domain.builders import evaluation, gate_result, pull_request, recorder, red, sha, tree
from tests.domain.rollback.test_rollback import landing, line, order

TIP = sha(800)
ORDER = order(landing(1, 1))
MADE = Made(TIP, sha(801), tree(7), line(2))
DONE = RolledBack(ORDER, MADE.commit, MADE.reverted)


def by_type(events: list[Event], kind: EventType) -> list[Event]:
    return [event for event in events if event.type is kind]


def test_what_was_rolled_back_is_failed_for_each_pull_request_as_any_later_run_says() -> None:
    events = rollback_completed(recorder(), DONE)
    memory = recall(events)

    assert [event.subject["pull_request"] for event in by_type(events, EventType.CHANGE_EVALUATED)] == [1, 2]
    assert memory.rollback_of(pull_request(1)) == (reason_of(DONE, ORDER.landing.members[0]),)


def test_what_is_on_record_of_a_rollback_is_read_back() -> None:
    events = [rollback_intent(recorder(), ORDER, MADE, "gated"), *rollback_completed(recorder(), DONE)]

    past = past_attempts(ORDER, events)

    assert past.announced == ((MADE.commit, MADE.reverted),)
    assert past.completed == DONE


def test_a_decided_failure_holds_for_as_long_as_the_branch_stays_where_it_is() -> None:
    found = conflicts(ORDER, TIP, Conflict(("a.txt",)), line(2))

    assert past_attempts(ORDER, rollback_failed(recorder(), found)).failed_at == {TIP: found}


def test_a_failure_that_may_pass_is_asked_again() -> None:
    assert past_attempts(ORDER, rollback_failed(recorder(), base_moves(ORDER, TIP, 5))).failed_at == {}


def test_another_part_of_the_same_landing_is_another_rollback() -> None:
    past = past_attempts(order(landing(1, 1), 1), rollback_completed(recorder(), DONE))

    assert past.completed is None


def test_a_failure_is_one_incident_wherever_the_branch_is() -> None:
    told = [rollback_failed(recorder(), conflicts(ORDER, tip, Conflict(("a",)), line(2))) for tip in (TIP, sha(802))]
    alerts = {event.id for events in told for event in by_type(events, EventType.ALERT_RAISED)}
    failures = {event.id for events in told for event in by_type(events, EventType.ROLLBACK_FAILED)}

    assert (len(alerts), len(failures)) == (1, 2)


def test_a_revert_says_what_is_taken_back_and_why() -> None:
    assert note_for(ORDER) == f"#1 #2 had landed as {sha(900)}. It is taken back because gate smoke failed."


def test_a_pull_request_is_told_what_was_taken_back_and_how_it_comes_back() -> None:
    said = comment_on(DONE)

    assert said.startswith(f"Rolled back: gate smoke failed. It had landed on `main` as {sha(900)}")
    assert f"taken back in {MADE.commit}" in said
    assert "rebase onto `main`" in said


def test_what_somebody_took_back_before_is_told_so() -> None:
    before = RolledBack(ORDER, TIP, ())

    assert "by somebody else before" in comment_on(before)
    assert reason_of(before, ORDER.landing.members[0]).message.endswith("had been taken back already")


def test_the_commands_are_what_a_person_types() -> None:
    commits = line(6)

    assert commands_by_hand(ORDER, commits) == (
        "git fetch origin 'main'",
        f"git switch -c revert-{short(sha(900))} FETCH_HEAD",
        f"git revert --no-edit {' '.join(commits[:5])}",
        f"git revert --no-edit {commits[5]}",
        "git push origin HEAD:'main'",
    )


def test_a_branch_is_quoted_for_a_shell() -> None:
    assert quoted("it's;rm -rf $HOME") == "'it'\\''s;rm -rf $HOME'"


def test_every_failure_says_what_was_found_and_what_to_do() -> None:
    failing = red(verdict=Verdict.FAILED)
    unanswered = evaluation(results=(gate_result(verdict=Verdict.ERRORED),))
    found: list[NotRolledBack] = [
        is_not_there(ORDER, TIP),
        cannot_be_told(ORDER, TIP),
        conflicts(ORDER, TIP, Conflict(tuple(f"{at}.txt" for at in range(30))), line(2)),
        would_be_red(ORDER, MADE, failing),
        would_be_red(ORDER, MADE, unanswered),
        would_be_red(ORDER, MADE, evaluation(results=())),
        was_declined(ORDER, MADE, Rejected("protected branch")),
        base_moves(ORDER, TIP, 5),
    ]

    assert [each.decided for each in found] == [True, True, True, True, False, True, True, False]
    assert {each.tip for each in found} == {TIP}
    assert [each.message for each in found] == [
        f"main does not contain {short(sha(900))} any more, as which #1 #2 landed",
        "which commits of main brought #1 #2 cannot be told from the record",
        "#1 #2 cannot be taken back: that conflicts with what landed later, in "
        + ", ".join(f"{at}.txt" for at in range(20))
        + " and 10 more",
        "#1 #2 was not taken back: main would not be green without it: unit failed with exit status 1",
        "#1 #2 was not taken back: main would not be green without it: unit could not be run to an answer",
        "#1 #2 was not taken back: main would not be green without it: no gate is required",
        "#1 #2 was not taken back: main does not take a push: protected branch",
        "#1 #2 was not taken back: main was moved by others 5 times meanwhile",
    ]
    assert all(each.remedy.endswith(".") for each in found)


def test_commits_are_no_more_than_an_event_can_hold() -> None:
    many = tuple(CommitSha(f"{at:040x}") for at in range(2_000))
    event = rollback_intent(recorder(), ORDER, Made(TIP, sha(801), tree(7), many), "gated")

    assert len(event.canonical()) < 65_535
    assert event.data["reverted_more"]
