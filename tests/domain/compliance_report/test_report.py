"""What a report finds in the log: the population, controls, duties and what is open."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from tasks.domain.audit import EventType, RepositoryIdentity
from tasks.domain.compliance_report.controls import Status
from tasks.domain.compliance_report.document import document
from tasks.domain.compliance_report.duties import Duty
from tasks.domain.compliance_report.findings import FindingKind
from tasks.domain.compliance_report.population import Kind, Standing
from tasks.domain.compliance_report.record import record_of
from tasks.domain.compliance_report.report import PeriodReport, report_on
from tasks.domain.compliance_report.sampling import LARGEST_SAMPLE, drawn
from tests.domain.builders import sha
from tests.domain.compliance_report.accounts import LACKING, MARCH, Accounts, rule


@pytest.fixture
def accounts() -> Accounts:
    return Accounts()


def kinds(report: PeriodReport) -> list[FindingKind]:
    return [each.kind for each in report.findings]


def test_the_population_is_what_landed_in_the_period_and_rollbacks_with_it(accounts: Accounts) -> None:
    accounts.lands(1)
    accounts.goes_to(datetime(2026, 3, 31, 23, 50, tzinfo=UTC))
    accounts.lands(2)
    subject: dict[str, JsonValue] = {"candidate": sha(1), "commit": sha(901), "pull_requests": [1]}
    accounts.tells(EventType.ROLLBACK_COMPLETED, subject, {"target": "main", "revert": sha(5), "because": "incident"})
    accounts.goes_to(datetime(2026, 4, 1, tzinfo=UTC))
    accounts.lands(3)

    report = accounts.reported(MARCH)

    assert [(each.commit, each.kind) for each in report.changes] == [
        (sha(901), Kind.STANDARD),
        (sha(902), Kind.STANDARD),
        (sha(5), Kind.ROLLBACK),
    ]
    assert (report.score.changes, report.score.rollbacks, report.changes[2].standing) == (2, 1, Standing.NOT_JUDGED)


def test_a_team_s_report_is_about_its_repositories_and_the_organization() -> None:
    ours = Accounts()
    theirs = Accounts(ours.log, ours.grounds, RepositoryIdentity(id="2002", name="acme/web"), "mobile")
    ours.lands(1)
    theirs.lands(2)
    theirs.is_compared("f" * 40)
    data: dict[str, JsonValue] = {"source": "token", "kind": "classic", "found": ["it is 100 days old"]}
    ours.tells(EventType.TOKEN_CHECKED, {"credential": "sha256:ab"}, data, at_all=True)

    report = ours.reported(team="platform")

    assert [each.named for each in report.changes] == ["acme/api #1"]
    assert (report.completeness.branches, kinds(report)) == ((), [FindingKind.NOT_RECONCILED, FindingKind.CREDENTIAL])


def test_a_control_is_not_satisfied_as_soon_as_one_change_does_not_meet_it(accounts: Accounts) -> None:
    accounts.lands(1, rule(), rule("SEC-001", controls=("SOC2:CC7.1",)))
    accounts.lands(2, rule(judgement=LACKING), rule("SEC-001", controls=("SOC2:CC7.1",)))

    found = {each.control: each for each in accounts.reported().controls}

    assert (found["SOC2:CC8.1"].status, found["SOC2:CC8.1"].tested) == (Status.NOT_SATISFIED, 2)
    assert [each.pull_requests for each in found["SOC2:CC8.1"].exceptions] == [(2,)]
    assert (found["SOC2:CC7.1"].status, found["SOC2:CC7.1"].tested) == (Status.SATISFIED, 2)


def test_no_control_is_satisfied_while_something_landed_past_the_hub(accounts: Accounts) -> None:
    accounts.lands(1)
    accounts.is_passed("f" * 40)

    assert [each.status for each in accounts.reported().controls] == [Status.NOT_SATISFIED]


def test_a_control_that_nothing_was_judged_by_in_the_period_is_not_tested(accounts: Accounts) -> None:
    accounts.lands(1)
    accounts.goes_to(datetime(2026, 4, 1, tzinfo=UTC))
    accounts.lands(2, rule("NEW-001", controls=("ISO27001:A.8.28",)))

    found = {each.control: each.status for each in accounts.reported(MARCH).controls}

    assert found == {"ISO27001:A.8.28": Status.NOT_TESTED, "SOC2:CC8.1": Status.SATISFIED}


def test_one_person_in_two_duties_is_found_whatever_the_case_of_the_login(accounts: Accounts) -> None:
    accounts.lands(1, approvers=["Alice"])
    accounts.lands(2, approvers=["bob"], signed=["bob"])
    accounts.lands(3, approvers=[])

    duties = accounts.reported().duties
    shared = {(each.first, each.second): [people for _, people in each.shared] for each in duties.pairs if each.shared}

    assert shared == {(Duty.AUTHOR, Duty.APPROVER): [("alice",)], (Duty.APPROVER, Duty.SIGNER): [("bob",)]}
    assert dict(duties.nobody) == {Duty.AUTHOR: 0, Duty.APPROVER: 1, Duty.SIGNER: 2, Duty.MERGER: 0}


def test_what_is_open_is_listed_until_somebody_has_closed_it(accounts: Accounts) -> None:
    bypass = accounts.is_passed("f" * 40)
    alert = accounts.tells(EventType.ALERT_RAISED, {"n": 1}, {"alert": "x", "severity": "high", "message": "look"})
    accounts.tells(EventType.STORAGE_POSTURE, {"store": "s3://e"}, {"ok": False, "problems": ["lock"]}, at_all=True)
    open_ = kinds(accounts.reported())
    accounts.justifies(bypass, "carol")
    accounts.tells(EventType.ALERT_ACKNOWLEDGED, {"alert": alert.id}, {"by": "carol", "reason": "seen"})
    accounts.tells(EventType.STORAGE_POSTURE, {"store": "s3://e"}, {"ok": True, "problems": []}, at_all=True)

    assert open_ == [FindingKind.BYPASS, FindingKind.ALERT, FindingKind.POSTURE]
    assert kinds(accounts.reported()) == []


def test_nobody_justifies_their_own_bypass(accounts: Accounts) -> None:
    accounts.justifies(accounts.is_passed("f" * 40, actor="mallory"), "Mallory")

    assert kinds(accounts.reported()) == [FindingKind.BYPASS]


def test_a_branch_whose_updates_do_not_follow_on_is_open(accounts: Accounts) -> None:
    accounts.lands(1)
    accounts.is_compared(chain_ok=False)

    assert kinds(accounts.reported()) == [FindingKind.HISTORY_REWRITTEN]


@given(st.randoms(use_true_random=False))
def test_the_order_in_which_events_are_read_changes_nothing(order: random.Random) -> None:
    accounts = Accounts()
    accounts.lands(1)
    accounts.justifies(accounts.is_passed("f" * 40), "carol")
    accounts.is_compared("f" * 40)
    accounts.lands(2, rule(judgement=LACKING))
    told = accounts.reported()
    events = list(accounts.log.events)
    order.shuffle(events)

    assert document(report_on(record_of(events, len(events)), told.scope, accounts.grounds)) == document(told)


def test_what_follows_the_size_that_is_reported_on_changes_nothing(accounts: Accounts) -> None:
    accounts.lands(1)
    told = accounts.reported()
    accounts.lands(2)

    later = report_on(record_of(accounts.log.events, told.scope.log.size), told.scope, accounts.grounds)

    assert document(later) == document(told)


def test_a_sample_is_drawn_by_the_root_and_by_nothing_else(accounts: Accounts) -> None:
    for number in range(1, 41):
        accounts.lands(number)
    changes = accounts.reported().changes

    one, other = (drawn(changes, root, "sample", LARGEST_SAMPLE) for root in ("aa", "bb"))

    assert one == drawn(tuple(reversed(changes)), "aa", "sample", LARGEST_SAMPLE)
    assert (len(one), len(set(one) - set(other)) > 0) == (LARGEST_SAMPLE, True)
