"""What auditors and people on call read about what failed once it had landed."""

import pytest

from config.schema import PostLandingGate
from tasks.domain.audit import Event
from tasks.domain.audit_report import Subject, audit_report, window_after
from tasks.domain.document import to_text
from tasks.domain.gates import Verdict
from tasks.domain.messages import incident_document
from tasks.domain.post_landing import Answer, finished, incidents
from tasks.domain.rollback import Made, RollbackOrder, RolledBack, landings_in
from tasks.domain.rollback_records import rollback_completed, rollback_failed, rollback_intent
from tasks.domain.rollback_words import commands_by_hand, is_not_there
from tests.domain.builders import ENVIRONMENT, REPOSITORY, gate_result, recorder, sha, tree
from tests.domain.chronicle import Chronicle
from tests.domain.rollback.test_rollback import landed

SMOKE = PostLandingGate(name="smoke", command="make smoke")
NO = gate_result("smoke", Verdict.FAILED, exit_code=1)


@pytest.fixture
def log() -> Chronicle:
    """Two landed together, failed, were announced to be taken back, could not be, and were in the end."""
    chronicle = Chronicle()
    chronicle.append(landed(1, 2, gates=["smoke"]))
    (landing,) = landings_in(chronicle.events)
    answer = Answer(SMOKE, (NO, NO))
    chronicle.append([finished(recorder(), landing, ENVIRONMENT, answer)])
    order = RollbackOrder(landing, (1, 2), "incident", "gate smoke failed with exit status 1")
    by_hand = commands_by_hand(order, (sha(2), sha(1)))
    chronicle.append(incidents(recorder(), landing, [answer], by_hand, rollback=False))
    chronicle.append([rollback_intent(recorder(), order, Made(sha(800), sha(801), tree(7), (sha(2),)), "gated")])
    chronicle.append(rollback_failed(recorder(), is_not_there(order, sha(800))))
    chronicle.append(rollback_completed(recorder(), RolledBack(order, sha(801), (sha(2), sha(1)))))
    return chronicle


def page_of(log: Chronicle) -> str:
    window = window_after(log.events, 0)
    assert window is not None
    subject = Subject("AcmeCorp", "platform", REPOSITORY, "s3://logs")
    return audit_report(log.events, window, subject, {}).content.decode()


def alert(log: Chronicle) -> Event:
    return next(event for event in log.events if event.data.get("alert") == "post-landing-failed")


def test_a_report_lists_what_gates_said_after_a_landing_and_every_rollback(log: Chronicle) -> None:
    page = page_of(log)
    rows = [line for line in page.splitlines() if line.startswith(("| smoke", "| announced", "| **f", "| completed"))]

    assert [row.split(" | ")[:2] for row in rows] == [
        ["| smoke", "#1 #2"],
        ["| announced", "#1 #2"],
        ["| **failed**", "#1 #2"],
        ["| completed", "#1 #2"],
    ]
    assert "2 times" in rows[0]
    assert f"`{sha(801)}`" in rows[3]


def test_who_was_rolled_back_has_failed_in_the_summary(log: Chronicle) -> None:
    page = page_of(log)

    assert "0 merged, 0 held, 0 refused, 2 failed." in page
    assert "(`rolled-back`)" in page


def test_an_incident_tells_what_to_type(log: Chronicle) -> None:
    told = to_text(incident_document(alert(log)))

    assert "By hand\n  - git fetch origin 'main'\n" in told
    assert f"git revert --no-edit {sha(2)} {sha(1)}" in told
    assert "what landed fails on the target branch" in told
