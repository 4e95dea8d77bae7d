"""A key that takes the place of another: who trusts the old one is led to it, and the old one signs nothing more."""

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tasks.adapters.signing_keys import FileSigner
from tasks.domain.audit import EventType
from tasks.domain.checkpoint import Checkpoint, opened_checkpoint
from tasks.domain.dsse import IN_TOTO, enveloped, opened_envelope
from tasks.domain.errors import SealingFailed
from tasks.domain.merkle import Peaks, leaf_hash
from tasks.domain.records import Recorder
from tasks.domain.rotation import Role, handover, rotation_event
from tasks.domain.signed_note import VerifierKey, signature_line, signed_note
from tasks.restoring import restore_log
from tasks.rotating import handing_over, rotate_key
from tasks.sealing import seal_now
from tasks.verification import Trust, Verified, verify_store
from tests.domain.chronicle import Story, held
from tests.tasks.evidence_of_landings import lands
from tests.tasks.office import LOG, Office, acme
from tests.tasks.verification.spoiling import files, overwrite

FLIPS = 300


def waiting(office: Office, role: Role) -> Path:
    return office.folder / "keys" / f"{role}.next.pem"


def record(office: Office, role: Role) -> FileSigner:
    seal = office.seal
    name = (seal.log if role is Role.LOG else seal.attest).key.name
    new = FileSigner(waiting(office, role), name)
    rotate_key(role, new, seal, acme(), office.services.log)
    return new


def rotate(office: Office, role: Role = Role.LOG) -> None:
    new = record(office, role)
    seal_now(replace(office.services, seal=handing_over(role, new, office.seal)))
    waiting(office, role).replace(office.folder / "keys" / f"{role}.pem")


def keys(office: Office) -> list[VerifierKey]:
    return [office.seal.log.key, office.seal.attest.key]


def verified(office: Office, trusted: list[VerifierKey]) -> Verified:
    return verify_store(office.services.evidence, Trust(trusted))


def complaints(office: Office, trusted: list[VerifierKey]) -> str:
    return "\n".join(f"{each.key}: {each.message}" for each in verified(office, trusted).flaws)


@pytest.mark.parametrize("role", list(Role))
def test_who_trusts_the_old_key_or_the_new_one_verifies_all_of_it(office: Office, story: Story, role: Role) -> None:
    lands(office, story, 1)
    seal_now(office.services)
    old = keys(office)
    rotate(office, role)
    lands(office, story, 2)
    seal_now(office.services)
    new = keys(office)

    assert old != new
    assert [verified(office, trusted).flaws for trusted in (old, new)] == [(), ()]
    assert [each.seq for each in verified(office, old).rotations] == [4]
    (told,) = (each.document() for each in verified(office, old).rotations)

    at = list(Role).index(role)
    assert told == {"event": 4, "name": role.value, "old": str(old[at]), "new": str(new[at])}


def test_the_checkpoint_of_the_handover_is_signed_by_both_and_later_ones_by_the_new_key_alone(
    office: Office, story: Story
) -> None:
    lands(office, story, 1)
    seal_now(office.services)
    old = office.seal.log.key
    rotate(office)
    story.stops(2, held())
    seal_now(office.services)
    new = office.seal.log.key
    notes = [office.evidence()[f"checkpoints/{size:012d}.txt"] for size in (3, 4, 5)]

    assert opened_checkpoint(notes[0], [old]).size == 3
    assert opened_checkpoint(notes[1], [old, new]).size == 4
    assert notes[1].count("— ".encode()) == 2
    assert opened_checkpoint(notes[2], [new]).size == 5


def test_keys_can_be_rotated_again_and_again(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal_now(office.services)
    first = keys(office)
    for role in (Role.LOG, Role.ATTEST, Role.LOG, Role.LOG):
        rotate(office, role)
    lands(office, story, 2)
    seal_now(office.services)

    assert verified(office, first).flaws == ()
    assert len(verified(office, first).rotations) == 4


def test_a_rotation_that_died_on_the_way_is_not_sealed_past_and_a_rerun_finishes_it(
    office: Office, story: Story
) -> None:
    lands(office, story, 1)
    seal_now(office.services)
    old = keys(office)
    record(office, Role.LOG)
    before = office.evidence()

    with pytest.raises(SealingFailed, match=r"was replaced in event 4 by .* still the one in use") as failure:
        seal_now(office.services)
    assert "`merge-hub keys rotate log`" in failure.value.remedy
    assert {key for key in office.evidence() if key.startswith("checkpoints/")} == {
        key for key in before if key.startswith("checkpoints/")
    }

    rotate(office)

    assert len(office.events(EventType.KEY_ROTATED)) == 1
    assert verified(office, old).flaws == ()


def test_a_rotation_that_the_new_key_alone_signed_is_refused(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal_now(office.services)
    old = keys(office)
    thief = FileSigner(office.folder / "thief.pem", LOG)
    words = handover(Role.LOG, old[0], thief.key)
    signatures = {"old": thief.sign(words), "new": thief.sign(words)}
    event = rotation_event(Recorder("AcmeCorp", None, None), Role.LOG, old[0], thief.key, signatures)
    office.services.log.append([event])
    forged_on(office, thief)

    assert "Event 4 replaces no key: the old key has not signed it." in complaints(office, old)
    assert "none of those given" in complaints(office, old)


def forged_on(office: Office, signer: FileSigner) -> None:
    """What somebody else makes of the log as it is: exported, and signed by `signer`."""
    store, log = office.services.evidence, office.services.log
    store.put("events/000000000004-000000000004.jsonl", log.lines(4, 4), media_type="application/jsonl")
    sign_all(office, signer)


def sign_all(office: Office, *signers: FileSigner) -> None:
    peaks = Peaks()
    size = office.services.log.size()
    for line in office.services.log.lines(1, size).splitlines():
        peaks.add(leaf_hash(line))
    said = Checkpoint(LOG, size, peaks.root())
    lines = [signature_line(each.key, each.sign(said.text.encode())) for each in signers]
    path = office.folder / "evidence" / said.key
    if path.exists():
        overwrite(path, signed_note(said.text, lines))
    else:
        path.write_bytes(signed_note(said.text, lines))


def test_a_checkpoint_that_the_old_key_signs_after_it_was_replaced_is_found(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal_now(office.services)
    old = keys(office)
    kept = Path(shutil.copy(office.folder / "keys" / "log.pem", office.folder / "kept.pem"))
    rotate(office)
    story.stops(2, held())
    seal_now(office.services)
    sign_all(office, FileSigner(kept, LOG))

    assert "checkpoints/000000000005.txt: Only a key signs it whose place another had taken" in complaints(office, old)


def test_a_landing_that_the_old_key_attests_after_it_was_replaced_is_found(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal_now(office.services)
    old = keys(office)
    kept = FileSigner(
        Path(shutil.copy(office.folder / "keys" / "attest.pem", office.folder / "kept.pem")), f"{LOG}/attest"
    )
    rotate(office, Role.ATTEST)
    lands(office, story, 2)
    services = office.services
    with pytest.raises(SealingFailed):
        seal_now(replace(services, seal=replace(office.seal, attest=kept)))
    seal_now(services)
    key = next(key for key in office.evidence() if key.endswith("-2.vsa.dsse.json"))
    statement = office.evidence()[key]
    payload = opened_envelope(statement, IN_TOTO, [office.seal.attest.key])
    overwrite(office.folder / "evidence" / key, enveloped(IN_TOTO, payload, kept.key, kept.sign))

    assert f"{key}: It attests nothing" in complaints(office, old)


def test_a_key_that_was_in_use_before_is_not_taken_again(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal_now(office.services)
    first = FileSigner(Path(shutil.copy(office.folder / "keys" / "log.pem", office.folder / "kept.pem")), LOG)
    rotate(office)

    with pytest.raises(SealingFailed, match="is, or was, a key of this log already"):
        rotate_key(Role.LOG, first, office.seal, acme(), office.services.log)


def test_a_log_whose_key_was_rotated_is_restored_by_the_new_one(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal_now(office.services)
    rotate(office)
    story.stops(2, held())
    checkpoint = seal_now(office.services)
    before = office.services.log.lines(1, 5)
    (office.folder / "audit.db").unlink()
    (office.folder / "audit.db-wal").unlink(missing_ok=True)
    (office.folder / "audit.db-shm").unlink(missing_ok=True)
    log = office.services.log
    restored = restore_log(office.services.evidence, Trust(keys(office)), log)  # type: ignore[arg-type]  # it is the one that is real

    assert restored.last == checkpoint
    assert log.lines(1, 5) == before


def test_a_rotation_that_died_before_the_new_key_was_in_its_place_is_finished_by_a_rerun(
    office: Office, story: Story
) -> None:
    lands(office, story, 1)
    seal_now(office.services)
    old = keys(office)
    new = record(office, Role.LOG)
    seal_now(replace(office.services, seal=handing_over(Role.LOG, new, office.seal)))
    before = office.evidence()
    rotate(office)

    assert office.evidence() == before
    assert office.seal.log.key == new.key
    assert verified(office, old).flaws == ()


def test_every_bit_that_flips_in_a_log_whose_keys_were_replaced_is_found(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal_now(office.services)
    old = keys(office)
    rotate(office)
    rotate(office, Role.ATTEST)
    lands(office, story, 2)
    seal_now(office.services)
    chance = random.Random(4711)  # noqa: S311 -- which bits, not secrets
    unseen = []
    paths = files(office.folder / "evidence")
    for path in paths:
        content = path.read_bytes()
        for _ in range(FLIPS // len(paths) + 1):
            at, bit = chance.randrange(len(content)), chance.randrange(8)
            overwrite(path, content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :])
            if not verified(office, old).flaws:
                unseen.append((path.name, at, bit))
        overwrite(path, content)

    assert unseen == []


def test_who_stole_the_old_key_cannot_hand_the_log_over_once_it_was_replaced(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal_now(office.services)
    old = keys(office)
    stolen = FileSigner(Path(shutil.copy(office.folder / "keys" / "log.pem", office.folder / "kept.pem")), LOG)
    rotate(office)
    thief = FileSigner(office.folder / "thief.pem", LOG)
    words = handover(Role.LOG, stolen.key, thief.key)
    signatures = {"old": stolen.sign(words), "new": thief.sign(words)}
    recorder = Recorder("AcmeCorp", None, None)
    office.services.log.append([rotation_event(recorder, Role.LOG, stolen.key, thief.key, signatures)])
    lines = office.services.log.lines(5, 5)
    office.services.evidence.put("events/000000000005-000000000005.jsonl", lines, media_type="application/jsonl")
    sign_all(office, thief)

    assert "Event 5 replaces a key that is none of those in use by then" in complaints(office, old)
    assert "checkpoints/000000000005.txt: It is no checkpoint of this log" in complaints(office, old)
