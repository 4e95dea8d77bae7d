"""A report on everything since the last one, once."""

from collections.abc import Callable

import pytest

from config.schema import PolicyFile
from tasks.domain.audit import EventType
from tasks.domain.audit_report import AuditReport
from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.errors import EvidenceConflict
from tasks.evidence import store_by_digest
from tasks.ports import Services
from tasks.report import publish_report, store_report
from tests.domain.builders import rules, snapshot
from tests.domain.chronicle import HOSTILE, Story, held
from tests.tasks.office import Killed, Office

GROUNDS = {
    "approvals": [{"reviewer": "carol", "review": "1", "commit": "0" * 40}],
    "contributors": ["alice"],
}


def publish(office: Office, store: Callable[[AuditReport, Services], str] = store_report.fn) -> str | None:
    return publish_report(rules(), snapshot(), office.services, store=store)


def lands(office: Office, story: Story, number: int, title: str = "Mend the door") -> None:
    grounds = store_by_digest(canonical_json(GROUNDS), office.services, "application/json")
    story.runs_gate(number)
    story.lands(number, title, grounds=grounds)


def reports(office: Office) -> list[str]:
    return [key for key in office.evidence() if key.startswith("reports/")]


def never_stored(_report: AuditReport, _services: Services) -> str:
    raise Killed


def test_a_report_is_kept_by_date_team_and_repository(office: Office, story: Story) -> None:
    lands(office, story, 1)
    address = publish(office)
    key = "reports/2026/11/23/platform/acme/web/000000000001-000000000004-audit-report.md"

    assert reports(office) == [key]
    assert address is not None
    assert address.endswith(key)


def test_a_report_is_named_in_the_log_with_its_digest(office: Office, story: Story) -> None:
    lands(office, story, 1)
    publish(office)
    (recorded,) = office.events(EventType.REPORT_GENERATED)
    content = office.services.evidence.get(str(recorded.data["key"]))

    assert recorded.data["digest"] == digest_of(content)


def test_a_report_says_who_approved(office: Office, story: Story) -> None:
    lands(office, story, 1)
    publish(office)

    assert b"approved by carol; written by alice" in office.services.evidence.get(reports(office)[0])


def test_publishing_twice_changes_nothing(office: Office, story: Story) -> None:
    lands(office, story, 1)
    publish(office)
    before, size = office.evidence(), office.services.log.size()

    assert publish(office) is None
    assert office.evidence() == before
    assert office.services.log.size() == size


def test_a_repository_of_which_nothing_is_known_has_no_report(office: Office) -> None:
    assert publish(office) is None
    assert office.services.log.size() == 0


def test_the_next_report_covers_what_came_since(office: Office, story: Story) -> None:
    lands(office, story, 1)
    publish(office)
    story.stops(2, held(), title="Newer")
    publish(office)
    newest = office.services.evidence.get(reports(office)[-1])

    assert len(reports(office)) == 2
    assert b"Newer" in newest
    assert b"Mend the door" not in newest


def test_another_repository_is_not_in_it(office: Office, story: Story) -> None:
    lands(office, story, 1)
    Story(office.services.log, "acme/api", "1002").stops(9, held(), title="Elsewhere")
    publish(office)

    assert b"Elsewhere" not in office.services.evidence.get(reports(office)[0])


def test_a_report_that_was_recorded_and_never_stored_is_stored_by_the_next_run(office: Office, story: Story) -> None:
    lands(office, story, 1)
    with pytest.raises(Killed):
        publish(office, never_stored)
    publish(office)
    recorded = office.events(EventType.REPORT_GENERATED)

    assert len(recorded) == 1
    assert reports(office) == [recorded[0].data["key"]]


def test_what_came_after_a_report_that_was_never_stored_is_in_a_report_of_its_own(office: Office, story: Story) -> None:
    lands(office, story, 1)
    with pytest.raises(Killed):
        publish(office, never_stored)
    story.stops(2, held())
    publish(office)
    windows = [(event.data["from_seq"], event.data["to_seq"]) for event in office.events(EventType.REPORT_GENERATED)]

    assert windows == [(1, 4), (6, 6)]
    assert len(reports(office)) == 2


def test_a_stored_report_is_always_the_one_that_the_log_names(office: Office, story: Story) -> None:
    lands(office, story, 1)
    with pytest.raises(Killed):
        publish(office, never_stored)
    publish_report(rules(policies=(SECURITY,)), snapshot(), office.services, store=store_report.fn)
    named = {event.data["digest"] for event in office.events(EventType.REPORT_GENERATED)}

    assert digest_of(office.services.evidence.get(reports(office)[0])) in named


SECURITY = PolicyFile.model_validate(
    {
        "apiVersion": "merge-hub/v1",
        "kind": "Policy",
        "metadata": {"name": "security", "owner": "us"},
        "rules": [{"id": "SEC-1", "title": "t", "check": "gates", "severity": "high", "with": {"passed": ["unit"]}}],
    }
)
"""By these, the gate `unit` concerns security, and the report reads otherwise."""


def test_grounds_that_were_changed_are_not_reported_from(office: Office, story: Story) -> None:
    lands(office, story, 1)
    (grounds,) = (office.folder / "evidence" / "evidence").rglob("sha256/*/*")
    grounds.chmod(0o644)
    grounds.write_bytes(b"{}")

    with pytest.raises(EvidenceConflict):
        publish(office)


def test_a_hostile_title_stays_text(office: Office, story: Story) -> None:
    lands(office, story, 1, HOSTILE)
    publish(office)
    text = office.services.evidence.get(reports(office)[0]).decode()

    assert "\n## done" not in text
    assert "[x](" not in text
