"""Who has signed a report: people with keys of their own, each once, in a role that is theirs."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from config.schema import Signer, SignersFile
from config.schema.allowed_signers import parse_allowed_signers
from tasks.adapters.ssh_signatures import SshKeyring, SshSignatures
from tasks.compliance_report import make_compliance_report
from tasks.domain.audit import EventType
from tasks.domain.compliance_report.announcement import recorded_reports
from tasks.domain.compliance_report.signing import signatures_of, signed_event
from tasks.domain.records import Recorder
from tasks.domain.signing_desk import SignOffRefused, UnknownPlan, Wish
from tasks.ports import SigningDesk
from tasks.report_signing import list_reports, sign_report
from tasks.sealing import seal_log
from tests.domain.chronicle import Story, held
from tests.flows.signers import NEEDS_OPENSSH
from tests.tasks.compliance_report.test_kept_report import EVER
from tests.tasks.evidence_of_landings import lands
from tests.tasks.office import Office, acme

pytestmark = NEEDS_OPENSSH

PEOPLE = {
    "dave": ("platform-lead", "security-lead"),
    "erin": ("security-lead",),
    "frank": ("compliance-officer",),
    "grace": ("compliance-officer",),
}


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, Path]:
    """A key of each person's own, and one of somebody unknown."""
    found = {name: tmp_path / f"key-of-{name}" for name in (*PEOPLE, "nobody")}
    for key in found.values():
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "x", "-f", str(key)]
        subprocess.run(command, check=True, capture_output=True)
    return found


@pytest.fixture
def desk(office: Office, story: Story, keys: dict[str, Path]) -> SigningDesk:
    lands(office, story, 1)
    reported(office)
    lines = [f"{name}@acme.org {keys[name].with_suffix('.pub').read_text()}" for name in PEOPLE]
    signers, flaws = parse_allowed_signers("".join(lines))
    people = tuple(Signer(login=name, principal=f"{name}@acme.org", roles=roles) for name, roles in PEOPLE.items())
    configuration = replace(acme(), signers=SignersFile(people=people), allowed_signers=signers)

    assert flaws == ()
    return SigningDesk(configuration, office.services.log, office.clock, SshSignatures(signers.text), SshKeyring())


def reported(office: Office) -> None:
    seal_log.fn(office.services)
    make_compliance_report.fn("AcmeCorp", "all", EVER, office.services)


def wish(keys: dict[str, Path], name: str, role: str, report: str = "ever") -> Wish:
    return Wish(report, role, str(keys[name]))


def rows(desk: SigningDesk) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", list_reports(desk)["reports"])


def listed(desk: SigningDesk) -> dict[str, Any]:
    (found,) = rows(desk)
    return found


def test_a_report_is_signed_once_all_three_roles_have(desk: SigningDesk, keys: dict[str, Path]) -> None:
    before = listed(desk)["missing"]
    digest = str(listed(desk)["report"])
    signed = [
        sign_report(wish(keys, name, role, report), desk)["recorded"]
        for name, role, report in (
            ("dave", "platform-lead", "ever"),
            ("erin", "security-lead", digest[:17]),
            ("frank", "compliance-officer", digest),
            ("frank", "compliance-officer", digest),
        )
    ]

    assert before == ["platform-lead", "security-lead", "compliance-officer"]
    assert signed == [True, True, True, False]
    assert [each["signed_by"] for each in listed(desk)["signatures"]] == [
        "dave@acme.org",
        "erin@acme.org",
        "frank@acme.org",
    ]
    assert listed(desk)["missing"] == []


def test_what_is_signed_names_the_report_and_the_whole_log(desk: SigningDesk, keys: dict[str, Path]) -> None:
    sign_report(wish(keys, "erin", "security-lead"), desk)

    (signed,) = desk.log.events(types={EventType.REPORT_SIGNED})
    document = signed.data["document"]
    assert isinstance(document, dict)
    assert (document["report"], document["log"]) == (listed(desk)["report"], listed(desk)["log"])


REFUSED = {
    "a role that is not theirs": ("erin", "compliance-officer", "they have not that role"),
    "a role that signs no report": ("erin", "auditor", "a report is signed by"),
    "the key of nobody": ("nobody", "security-lead", "none of your keys"),
    "a second role": ("dave", "security-lead", "signed this report as platform-lead already"),
    "a role that is taken": ("grace", "compliance-officer", "frank@acme.org has signed in that role"),
}


@pytest.mark.parametrize(("name", "role", "because"), REFUSED.values(), ids=REFUSED.keys())
def test_who_may_not_sign_is_told_why(
    desk: SigningDesk, keys: dict[str, Path], name: str, role: str, because: str
) -> None:
    sign_report(wish(keys, "dave", "platform-lead"), desk)
    sign_report(wish(keys, "frank", "compliance-officer"), desk)

    with pytest.raises(SignOffRefused, match=because):
        sign_report(wish(keys, name, role), desk)
    assert len(list(desk.log.events(types={EventType.REPORT_SIGNED}))) == 2


def test_a_report_that_was_not_made_cannot_be_signed(desk: SigningDesk, keys: dict[str, Path]) -> None:
    with pytest.raises(UnknownPlan, match="is no report that was made"):
        sign_report(wish(keys, "erin", "security-lead", "2026-11"), desk)


def test_a_signature_makes_no_other_report_and_does_not_cover_a_later_one(
    desk: SigningDesk, office: Office, story: Story, keys: dict[str, Path]
) -> None:
    sign_report(wish(keys, "erin", "security-lead"), desk)
    reported(office)
    after_signing = len(rows(desk))
    story.stops(2, held())
    reported(office)

    assert after_signing == 1
    assert [len(each["missing"]) for each in rows(desk)] == [2, 3]


def test_a_signature_over_something_else_does_not_count_whoever_recorded_it(
    desk: SigningDesk, keys: dict[str, Path]
) -> None:
    sign_report(wish(keys, "erin", "security-lead"), desk)
    (report,) = recorded_reports(desk.log.events(types={EventType.REPORT_GENERATED}))
    (given,) = signatures_of(report, desk.log.events(types={EventType.REPORT_SIGNED}))
    recorder = Recorder("AcmeCorp", None, None)
    forged = [
        replace(given, role="compliance-officer", login="frank", principal="frank@acme.org"),
        replace(given, role="platform-lead", document={**given.document, "role": "platform-lead"}),
    ]
    desk.log.append([signed_event(recorder, report, each) for each in forged])

    assert listed(desk)["missing"] == ["platform-lead", "compliance-officer"]
    assert [len(each["refused"]) for each in listed(desk)["signatures"]] == [1, 0, 1]
