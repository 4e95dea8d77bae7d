"""The log as evidence: brought to the store once, signed once, and signed only where it is what was signed before."""

import json
from pathlib import Path

import pytest

from tasks.checkpoints import NOTE
from tasks.domain.attestation import PROOF, STATEMENT
from tasks.domain.checkpoint import opened_checkpoint, opened_proof, proves
from tasks.domain.dsse import IN_TOTO, opened_envelope
from tasks.domain.errors import EvidenceError, LogRewritten, SealingFailed
from tasks.domain.merkle import leaf_hash
from tasks.sealing import seal_log
from tests.domain.chronicle import Story, held
from tests.tasks.evidence_of_landings import lands
from tests.tasks.office import LOG, Office

FIRST = "checkpoints/000000000003.txt"


def seal(office: Office) -> None:
    seal_log.fn(office.services)


def attested(office: Office) -> list[str]:
    return [key for key in office.evidence() if key.startswith("attestations/")]


def test_a_checkpoint_signs_what_the_segments_hold(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal(office)
    checkpoint = opened_checkpoint(office.evidence()[FIRST], [office.seal.log.key])

    assert (checkpoint.origin, checkpoint.size) == (LOG, 3)
    assert office.evidence()["events/000000000001-000000000003.jsonl"] == office.services.log.lines(1, 3)


def test_sealing_twice_changes_nothing(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal(office)
    before = office.evidence()
    seal(office)

    assert office.evidence() == before


def test_an_empty_log_is_not_signed(office: Office) -> None:
    assert seal_log.fn(office.services) is None
    assert office.evidence() == {}


def test_the_next_segment_begins_behind_the_last_and_both_checkpoints_hold(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal(office)
    story.stops(2, held())
    seal(office)
    keys = list(office.evidence())

    assert [key for key in keys if key.startswith("checkpoints/")] == [FIRST, "checkpoints/000000000004.txt"]
    assert [key for key in keys if key.startswith("events/")] == [
        "events/000000000001-000000000003.jsonl",
        "events/000000000004-000000000004.jsonl",
    ]


def test_a_machine_that_remembers_nothing_signs_the_same(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal(office)
    (office.folder / NOTE).unlink()
    story.stops(2, held())
    seal(office)
    signed = opened_checkpoint(office.evidence()["checkpoints/000000000004.txt"], [office.seal.log.key])
    (office.folder / NOTE).write_text("{", encoding="utf-8")
    story.stops(3, held())
    seal(office)

    assert signed.size == 4
    assert json.loads((office.folder / NOTE).read_text(encoding="utf-8"))["size"] == 5


def test_each_landing_is_attested_and_proven(office: Office, story: Story) -> None:
    lands(office, story, 1)
    lands(office, story, 2)
    seal(office)
    statements = [key for key in attested(office) if key.endswith(STATEMENT)]
    said = json.loads(opened_envelope(office.evidence()[statements[0]], IN_TOTO, [office.seal.attest.key]))
    proof = opened_proof(office.evidence()[statements[0].replace(STATEMENT, PROOF)])
    leaf = leaf_hash(office.services.log.lines(proof.index + 1, proof.index + 1).removesuffix(b"\n"))

    assert len(statements) == 2
    assert said["subject"][0]["uri"] == "git+https://code.example/acme/web"
    assert said["predicate"]["verifiedLevels"] == [
        "ORG_SOURCE_GATES_PASSED",
        "ORG_SOURCE_TESTED_TREE_LANDED",
        "SLSA_SOURCE_TWO_PARTY_REVIEWED",
    ]
    assert proves(proof, leaf, [office.seal.log.key]).size == 6


def test_a_proof_that_a_dead_run_left_stays(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal(office)
    (office.folder / "evidence" / FIRST).unlink()
    (office.folder / NOTE).unlink()
    story.stops(2, held())
    before = office.evidence()
    seal(office)

    assert {key: office.evidence()[key] for key in before} == before


def test_nothing_is_signed_of_a_log_that_was_rewritten(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal(office)
    (office.folder / "audit.db").unlink()
    another = Story(office.services.log)
    lands(office, another, 2)
    another.stops(3, held())
    (office.folder / "evidence" / "events/000000000001-000000000003.jsonl").unlink()
    (office.folder / NOTE).unlink()

    with pytest.raises(LogRewritten, match="the first 3 events of the audit log are not those that were signed"):
        seal(office)


def test_a_store_that_lost_its_last_checkpoint_is_noticed(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal(office)
    (office.folder / "evidence" / FIRST).unlink()

    with pytest.raises(LogRewritten, match="lacks the checkpoint of 3 events"):
        seal(office)


def test_what_was_exported_and_not_signed_yet_is_compared_before_it_is_signed(office: Office, story: Story) -> None:
    lands(office, story, 1)
    segment = office.folder / "evidence" / "events/000000000001-000000000003.jsonl"
    segment.parent.mkdir(parents=True)
    segment.write_bytes(office.services.log.lines(1, 3).replace(b"alice", b"malis"))

    with pytest.raises(LogRewritten, match=r"000000000003\.jsonl is not what the audit log has"):
        seal(office)
    assert not [key for key in office.evidence() if key.startswith("checkpoints/")]


def test_another_key_signs_nothing(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal(office)
    (office.folder / "keys" / "log.pem").unlink()
    story.stops(2, held())

    with pytest.raises(LogRewritten, match="none of those given"):
        seal(office)


def test_a_log_that_is_shorter_than_what_was_exported_is_a_failure(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal(office)
    (office.folder / "audit.db").unlink()

    with pytest.raises(EvidenceError):
        seal(office)


def test_a_file_that_holds_no_key_seals_nothing(office: Office, tmp_path: Path, story: Story) -> None:
    lands(office, story, 1)
    (tmp_path / "keys").mkdir(exist_ok=True)
    (tmp_path / "keys" / "log.pem").write_text("no key", encoding="utf-8")

    with pytest.raises(SealingFailed, match="cannot be used"):
        seal(office)


def test_a_key_is_readable_by_its_owner_alone(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal(office)

    assert {path.stat().st_mode & 0o777 for path in (office.folder / "keys").iterdir()} == {0o600}
