"""A report as it is kept: made once from one log, whoever dies meanwhile, and told once."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tasks import compliance_report
from tasks.compliance_report import Made, make_compliance_report
from tasks.crash_points import CrashPoint
from tasks.domain.audit import EventType
from tasks.domain.compliance_report.period import Period, period_named
from tasks.domain.model import Digest
from tasks.evidence import key_of
from tasks.notification import notify_incidents
from tasks.sealing import seal_log
from tasks.verification import Trust, verify_store
from tests.domain.chronicle import Story, held
from tests.tasks.evidence_of_landings import lands
from tests.tasks.foreign.test_auditors_page import TOOLS, command, typed
from tests.tasks.office import Killed, Office, acme

NEEDS_TOOLS = pytest.mark.skipif(any(shutil.which(tool) is None for tool in TOOLS), reason=f"needs {', '.join(TOOLS)}")
EVER = Period("ever", period_named("2000").start, period_named("2999").end)


def report(office: Office) -> Made:
    seal_log.fn(office.services)
    return make_compliance_report.fn("AcmeCorp", "all", EVER, office.services)


@pytest.fixture
def landed(office: Office, story: Story) -> Office:
    lands(office, story, 1)
    lands(office, story, 2)
    story.stops(3, held())
    return office


def kept(office: Office) -> dict[str, bytes]:
    return {key: content for key, content in office.evidence().items() if key.startswith(("reports/", "evidence/"))}


def flaws(office: Office) -> list[str]:
    seal_log.fn(office.services)
    keys = [office.seal.log.key, office.seal.attest.key]
    return [f"{each.key}: {each.message}" for each in verify_store(office.services.evidence, Trust(keys)).flaws]


def test_a_report_is_recorded_once_and_every_form_of_it_is_evidence(landed: Office) -> None:
    made = report(landed)
    again = report(landed)

    assert (again.forms, again.recorded.event.id) == (made.forms, made.recorded.event.id)
    assert len(landed.events(EventType.REPORT_GENERATED)) == 1
    assert {Path(key).name for key in kept(landed) if key.startswith("reports/")} == set(made.forms)
    assert {path.name for path in made.directory.iterdir()} == {*made.forms, "evidence.zip"}
    assert flaws(landed) == []


def test_the_same_log_makes_the_same_bytes_in_another_place(landed: Office, tmp_path: Path) -> None:
    other = Office(tmp_path / "other")
    seal_log.fn(landed.services)
    shutil.copytree(landed.folder, other.folder, ignore=shutil.ignore_patterns("other"))

    report(landed)
    report(other)

    assert kept(other) == kept(landed)


def test_a_fact_that_follows_makes_another_report_beside_the_first(landed: Office, story: Story) -> None:
    first = report(landed)
    story.stops(4, held())

    second = report(landed)

    assert (first.directory == second.directory, first.recorded.digest == second.recorded.digest) == (False, False)
    assert flaws(landed) == []


@pytest.mark.parametrize("point", [CrashPoint.AFTER_REPORT_RECORD, CrashPoint.AFTER_REPORT_KEPT])
def test_after_a_death_the_next_report_leaves_what_an_undisturbed_one_leaves(
    landed: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: CrashPoint
) -> None:
    undisturbed = Office(tmp_path / "other")
    seal_log.fn(landed.services)
    shutil.copytree(landed.folder, undisturbed.folder, ignore=shutil.ignore_patterns("other"))
    report(undisturbed)

    def dies(reached: CrashPoint) -> None:
        if reached is point:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(compliance_report, "reached", dies)
        with pytest.raises(Killed):
            report(landed)
    report(landed)

    assert kept(landed) == kept(undisturbed)
    assert len(landed.events(EventType.REPORT_GENERATED)) == 1
    assert flaws(landed) == []


def test_a_changed_form_is_found_by_verifying(landed: Office) -> None:
    made = report(landed)
    path = landed.folder / "evidence" / made.recorded.folder / "population.csv"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"acme", b"evil", 1))

    assert [each.split(":")[0] for each in flaws(landed)] == [f"{made.recorded.folder}/population.csv"]


@NEEDS_TOOLS
def test_what_the_auditors_page_says_of_reports_can_be_typed_as_it_stands(landed: Office, tmp_path: Path) -> None:
    made = report(landed)
    seal_log.fn(landed.services)
    well = typed(command("**A compliance report**"), landed, tmp_path / "auditor")
    path = landed.folder / "evidence" / made.recorded.folder / "report.html"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b" ")
    changed = typed(command("**A compliance report**"), landed, tmp_path / "auditor")

    assert (well.returncode, well.stdout, well.stderr) == (0, "", "")
    assert (changed.returncode != 0, "report.html: FAILED" in changed.stdout) == (True, True)


@pytest.mark.parametrize("left", [None, b'{"contributors": []}'])
def test_what_a_landing_rested_on_and_is_gone_or_changed_speaks_against_it(landed: Office, left: bytes | None) -> None:
    intent = landed.events(EventType.MERGE_INTENT)[0]
    path = landed.folder / "evidence" / key_of(Digest(str(intent.data["grounds"])))
    path.chmod(0o644)
    seal_log.fn(landed.services)
    path.unlink() if left is None else path.write_bytes(left)

    found = json.loads(report(landed).forms["report.json"])["population"]

    assert [each["against"] for each in found] == [["what the decision to land it rested on is not in evidence"], []]


def test_people_are_told_once_by_mail_and_in_the_audit_channel(landed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    report(landed)

    def send(delivery: Any, services: Any) -> None:
        (services.mail if delivery.channel == "mail" else services.chat).send(delivery.message)

    for _ in range(2):
        assert notify_incidents(acme(), landed.services, send=send) == ()

    assert (landed.posts, len(landed.mails)) == (["#compliance-audit"], 1)
    assert landed.mails[0] == "[merge-hub] Compliance ever: not reconciled, no score, 1 open finding"
    assert "merge-hub report sign" in landed.mail.taken[0].text
