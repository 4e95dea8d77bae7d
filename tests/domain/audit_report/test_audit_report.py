"""What an auditor reads about one repository, computed from its events and the grounds that they cite."""

from collections.abc import Iterator, Sequence

import pytest
from markdown_it import MarkdownIt
from syrupy.assertion import SnapshotAssertion

from config.schema import BASELINE_POLICIES, Enforcement, PolicyFile, Severity
from tasks.domain.audit import Event, EventType
from tasks.domain.audit_report import (
    AuditReport,
    Subject,
    Window,
    audit_report,
    gates_for_security,
    grounds_cited,
    recorded_report,
    report_generated,
    window_after,
    window_of,
)
from tasks.domain.checks.judgement import Satisfied, Violated
from tasks.domain.compliance import Finding
from tasks.domain.dossier import History, concerning
from tasks.domain.gates import Verdict
from tasks.domain.reasons import Reason, ReasonCode
from tests.domain.builders import REPOSITORY, gate
from tests.domain.chronicle import APPROVED, HOSTILE, Chronicle, Story, failed, held

CITED = "sha256:" + "9" * 64
GROUNDS = {
    CITED: {
        "approvals": [{"reviewer": "carol", "review": "1", "commit": "0" * 40}],
        "contributors": ["alice", "bob"],
    }
}
WARNED = Finding(
    "QUA-002",
    "Tests ran",
    Severity.LOW,
    Enforcement.WARN,
    (),
    Violated("on tree 7ree000: tests did not run", (Reason(ReasonCode.POLICY_VIOLATED, "tests did not run"),)),
)
SUBJECT = Subject("AcmeCorp", "platform", REPOSITORY, "s3://acmecorp-audit-logs")


@pytest.fixture
def log() -> Chronicle:
    return Chronicle()


@pytest.fixture
def story(log: Chronicle) -> Story:
    return Story(log)


def report(log: Chronicle, subject: Subject = SUBJECT) -> AuditReport:
    window = window_after(log.events, 0)
    assert window is not None
    return audit_report(log.events, window, subject, GROUNDS)


def text(log: Chronicle, subject: Subject = SUBJECT) -> str:
    return report(log, subject).content.decode()


def section(log: Chronicle, name: str, subject: Subject = SUBJECT) -> str:
    return text(log, subject).split(f"## {name}\n")[1].split("\n## ")[0].strip()


def an_eventful_day(story: Story) -> None:
    story.runs_gate(42)
    story.runs_gate(42, name="security-scan", seconds=31)
    story.lands(42, "Greet people by name", grounds=CITED, findings=(APPROVED, WARNED))
    story.refuses(44)
    story.stops(45, held("0 of 2 independent approvals of 000002d"), title="Greet nobody", author="dave")
    story.stops(46, failed(), title="Charge once", author=None)
    story.turns_red()


def test_a_report_has_the_sections_that_the_organization_asked_for(
    log: Chronicle, story: Story, snapshot: SnapshotAssertion
) -> None:
    an_eventful_day(story)

    assert text(log) == snapshot


def test_the_same_events_make_the_same_bytes(log: Chronicle, story: Story) -> None:
    an_eventful_day(story)

    assert report(log) == report(log)


def test_later_events_change_nothing(log: Chronicle, story: Story) -> None:
    an_eventful_day(story)
    before = report(log)
    story.stops(44, held(), head=99)

    assert audit_report(log.events, before.window, SUBJECT, GROUNDS) == before


def test_the_date_is_that_of_the_newest_event(log: Chronicle, story: Story) -> None:
    story.stops(1, held())

    assert f"**Date:** {log.events[-1].time}" in text(log)
    assert report(log).key.startswith("reports/2026/03/02/platform/acme/web/")


def test_a_window_ends_with_the_last_fact(log: Chronicle, story: Story) -> None:
    story.lands(1)
    log.append([report_generated(story.recorder, report(log))])

    assert window_after(log.events, 0) == Window(1, 3)


def test_a_report_is_no_news(log: Chronicle, story: Story) -> None:
    story.lands(1)
    log.append([report_generated(story.recorder, report(log))])
    recorded = recorded_report(log.events)
    assert recorded is not None

    assert window_of(recorded) == Window(1, 3)
    assert window_after(log.events, 3) is None


def test_nothing_was_recorded_of_a_repository_that_is_new() -> None:
    assert recorded_report([]) is None
    assert window_after([], 0) is None


def test_what_landings_rested_on_is_cited(log: Chronicle, story: Story) -> None:
    story.lands(1, grounds=CITED)
    story.lands(2)
    story.lands(3, grounds=CITED)

    assert grounds_cited(log.events, Window(1, len(log.events))) == (CITED,)


def test_a_landing_that_was_announced_before_the_window_is_reported_with_what_it_rested_on(
    log: Chronicle, story: Story
) -> None:
    story.runs_gate(1)
    story.lands(1, grounds=CITED)
    completed = len(log.events)
    text = audit_report(log.events, Window(completed, completed), SUBJECT, GROUNDS).content.decode()

    assert "approved by carol" in text
    assert "unit passed" in text


def test_of_what_was_before_the_window_a_report_needs_only_what_concerns_its_pull_requests(
    log: Chronicle, story: Story
) -> None:
    an_eventful_day(story)
    story.runs_gate(45)
    story.lands(45, grounds=CITED)
    story.stops(46, held())
    whole = log.events
    windows = [Window(first, len(whole)) for first in range(1, len(whole) + 1)]
    needed = {window: concerning(whole[window.first - 1 :], earlier(whole, window)) for window in windows}
    reports = {window: audit_report(whole, window, SUBJECT, GROUNDS) for window in windows}

    assert {window: audit_report(needed[window], window, SUBJECT, GROUNDS) for window in windows} == reports
    assert len(needed[windows[-1]]) < len(whole) / 2


def earlier(events: Sequence[Event], window: Window) -> History:
    def read(types: frozenset[EventType] | None) -> Iterator[Event]:
        return (event for event in events if event.seq < window.first and (types is None or event.type in types))

    return read


def test_gates_of_another_head_are_not_shown_for_this_one(log: Chronicle, story: Story) -> None:
    story.refuses(1)
    story.stops(1, held(), head=77)

    assert "none on record for this head" in section(log, "Summary")


def test_gates_of_a_judged_candidate_are_shown_where_nothing_was_announced(log: Chronicle, story: Story) -> None:
    story.runs_gate(1)
    story.lands(1)
    log.events = [event for event in log.events if not event.type.value.startswith("merge.")]
    story.stops(1, held())

    assert "| unit passed |" in section(log, "Summary")


def test_gates_that_concern_security_are_told_by_their_names(log: Chronicle, story: Story) -> None:
    story.runs_gate(1, name="dependency-audit", verdict=Verdict.FAILED)
    story.runs_gate(1, name="scandinavian-locale")
    checks = section(log, "Security Checks")

    assert "dependency-audit" in checks
    assert "scandinavian" not in checks


def test_gates_that_a_security_policy_names_are_told_as_well(log: Chronicle, story: Story) -> None:
    story.runs_gate(1, name="fuzz")
    subject = Subject("AcmeCorp", "platform", REPOSITORY, "here", frozenset({"fuzz"}))

    assert "fuzz" in section(log, "Security Checks", subject)


def test_a_gate_on_the_target_branch_alone_is_told_as_one(log: Chronicle, story: Story) -> None:
    story.runs_gate(name="security-scan")

    assert "the target branch alone" in section(log, "Security Checks")


def test_that_no_gate_for_security_ran_is_said(log: Chronicle, story: Story) -> None:
    story.runs_gate(1)

    assert "**None ran.**" in section(log, "Security Checks")


def test_no_output_of_a_gate_is_in_a_report(log: Chronicle, story: Story) -> None:
    story.runs_gate(1, name="security-scan")

    assert "`sha256:" + "1" * 64 + "`" in section(log, "Security Checks")


def test_a_control_that_is_not_satisfied_says_so_with_its_reason(log: Chronicle, story: Story) -> None:
    story.lands(1, findings=(APPROVED, WARNED))
    validation = section(log, "Compliance Validation")

    assert "COM-001 satisfied: 1 of 1 approvals — SOC2:CC8.1" in validation
    assert "QUA-002 **not satisfied** (enforcement: warn): on tree 7ree000: tests did not run" in validation


def test_what_was_not_judged_is_not_called_compliant(log: Chronicle, story: Story) -> None:
    story.stops(1, held("a draft"))

    assert "not judged at this head. a draft" in section(log, "Compliance Validation")


def test_rules_and_reasons_that_had_no_room_in_the_record_are_counted(log: Chronicle, story: Story) -> None:
    story.lands(
        1, findings=tuple([Finding("R-1", "t", Severity.LOW, Enforcement.WARN, (), Satisfied("x" * 1900))] * 30)
    )
    story.stops(2, *(held(f"{number} " + "x" * 1900) for number in range(30)))

    assert "and 14 more" in section(log, "Compliance Validation")
    assert "and 14 more" in section(log, "Summary")


def test_where_no_pull_request_was_decided_on_the_sections_say_so(log: Chronicle, story: Story) -> None:
    story.turns_red()

    assert section(log, "Approvals") == "No pull request was decided on."
    assert section(log, "Compliance Validation") == "No pull request was decided on."
    assert "base-red" in section(log, "Summary")


def test_signatures_are_not_claimed(log: Chronicle, story: Story) -> None:
    story.lands(1)
    signatures = section(log, "Approver Signatures")

    assert signatures.startswith("Not collected")
    assert "____" not in signatures
    assert "Compliance Officer: not collected" in signatures


def test_a_landing_of_another_tree_stands_out(log: Chronicle, story: Story) -> None:
    story.lands(1)
    last = log.events[-1]
    log.events[-1] = last.model_copy(update={"data": {**last.data, "gated_tree": "f" * 40}})

    assert "**no**" in section(log, "Audit Trail")


def test_an_announcement_without_grounds_is_not_called_approved(log: Chronicle, story: Story) -> None:
    story.lands(1)

    assert "approved by" not in section(log, "Approvals")


def test_a_hostile_title_is_shown_and_does_nothing(log: Chronicle, story: Story, snapshot: SnapshotAssertion) -> None:
    story.stops(1, Reason(ReasonCode.LABEL_EXCLUDED, HOSTILE, HOSTILE), title=HOSTILE, author=HOSTILE)
    written = text(log)
    kinds = {token.type for token in MarkdownIt("commonmark").enable("table").parse(written)}
    inline = [child for token in MarkdownIt("commonmark").parse(written) for child in token.children or []]

    assert written == snapshot
    assert "html_block" not in kinds
    assert not {token.type for token in inline} & {"link_open", "html_inline", "image", "em_open"}
    assert written.count("\n## ") == 6


@pytest.mark.parametrize(
    ("name", "passed", "expected"),
    [("security", ["scan"], {"scan"}), ("security", "required", set()), ("quality", ["tests"], set())],
)
def test_the_gates_that_a_security_policy_names(name: str, passed: object, expected: set[str]) -> None:
    rule = {"id": "T-1", "title": "t", "check": "gates", "severity": "high", "with": {"passed": passed}}
    document = {"apiVersion": "merge-hub/v1", "kind": "Policy", "metadata": {"name": name, "owner": "us"}}
    policy = PolicyFile.model_validate({**document, "rules": [rule]})

    assert gates_for_security([policy, *BASELINE_POLICIES], ()) == expected


def test_a_gate_that_is_marked_so_concerns_security() -> None:
    marked = gate("fuzzing").model_copy(update={"security": True})

    assert gates_for_security(BASELINE_POLICIES, (marked, gate("unit"))) == {"fuzzing"}
