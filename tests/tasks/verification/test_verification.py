"""What a stranger finds of the keys, of what is kept elsewhere, and of what events rest on."""

import hashlib
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tasks.checkpoints import NOTE
from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.checkpoint import Checkpoint
from tasks.domain.merkle import Peaks, leaf_hash
from tasks.domain.signed_note import VerifierKey, signature_line, signed_note
from tasks.sealing import seal_log
from tests.domain.chronicle import Story, held
from tests.tasks.evidence_of_landings import lands
from tests.tasks.office import LOG, Office
from tests.tasks.verification.spoiling import LAST, SECOND, files, found, messages, overwrite


def rewritten(store: Path, sign: Callable[[bytes], bytes], key: VerifierKey) -> None:
    """Another history from the second segment on, with every root and name made to fit, signed by `key`."""
    overwrite(store / SECOND, (store / SECOND).read_bytes().replace(b"acme/web", b"acme/wob"))
    for proof in (store / "attestations").rglob("*-2.*"):
        proof.unlink()
    lines = b"".join(path.read_bytes() for path in sorted((store / "events").iterdir())).splitlines()
    for path in (store / "checkpoints").iterdir():
        peaks = Peaks()
        for line in lines[: int(path.stem)]:
            peaks.add(leaf_hash(line))
        text = Checkpoint(LOG, peaks.size, peaks.root()).text
        overwrite(path, signed_note(text, [signature_line(key, sign(text.encode()))]))


def test_a_history_signed_by_another_key_is_found(copy: Path, keys: list[VerifierKey]) -> None:
    private = Ed25519PrivateKey.generate()
    rewritten(copy, private.sign, VerifierKey(LOG, private.public_key().public_bytes_raw()))

    assert f"{LAST}: It is no checkpoint of this log" in messages(copy, keys)


@pytest.fixture
def forged(tmp_path: Path, written: Office) -> tuple[Path, bytes]:
    """What an insider with the genuine keys makes: another log of the same length; and the checkpoint as it was."""
    insider = Office(Path(shutil.copytree(written.folder / "keys", tmp_path / "insider" / "keys")).parent)
    story = Story(insider.services.log)
    for number in (1, 4):
        lands(insider, story, number)
    story.stops(3, held())
    seal_log.fn(insider.services)
    return insider.folder / "evidence", (written.folder / "evidence" / LAST).read_bytes()


def test_an_insider_who_owns_the_keys_is_not_seen_without_a_checkpoint_kept_elsewhere(
    forged: tuple[Path, bytes], keys: list[VerifierKey]
) -> None:
    """The one thing that a signed log cannot tell: README says so, and what to do about it."""
    assert found(forged[0], keys).flaws == ()


def test_an_insider_who_owns_the_keys_is_seen_by_one_checkpoint_kept_elsewhere(
    forged: tuple[Path, bytes], keys: list[VerifierKey]
) -> None:
    flaws = found(forged[0], keys, {"kept.txt": forged[1]}).flaws

    assert [(each.key, each.message) for each in flaws] == [
        ("kept.txt", "It signs 7 events, and 6 are there without a gap.")
    ] or "are not those that it signs" in flaws[0].message


def test_an_older_state_is_seen_by_a_newer_checkpoint_kept_elsewhere(
    copy: Path, keys: list[VerifierKey], tmp_path: Path, written: Office
) -> None:
    kept = (copy / LAST).read_bytes()
    older = Office(tmp_path / "older")
    shutil.copytree(written.folder / "keys", older.folder / "keys")
    for path in [*files(copy / "events")[1:], copy / LAST, *(copy / "attestations").rglob("*-2.*")]:
        path.unlink()
    alone = found(copy, keys).flaws

    assert alone == ()
    assert [each.key for each in found(copy, keys, {"kept.txt": kept}).flaws] == ["kept.txt"]


def test_a_checkpoint_that_no_given_key_signed_counts_for_nothing(copy: Path) -> None:
    other = VerifierKey(LOG, Ed25519PrivateKey.generate().public_key().public_bytes_raw())

    assert found(copy, [other]).last is None
    assert f"{LAST}: It is no checkpoint of this log" in messages(copy, [other])


def test_evidence_that_an_event_rests_on_and_that_is_not_there_is_named(copy: Path, keys: list[VerifierKey]) -> None:
    grounds = next(path for path in files(copy / "evidence") if b"approvals" in path.read_bytes())
    digest = grounds.name
    grounds.unlink()

    assert f"evidence/sha256/{digest[:2]}/{digest}: It is missing, and event" in messages(copy, keys)


def test_evidence_that_nothing_rests_on_is_no_exception(copy: Path, keys: list[VerifierKey]) -> None:
    """A run that died before it told of what it kept leaves some."""
    digest = digest_of(b"left behind").removeprefix("sha256:")
    (copy / "evidence/sha256" / digest[:2]).mkdir(exist_ok=True)
    (copy / "evidence/sha256" / digest[:2] / digest).write_bytes(b"left behind")

    assert hashlib.sha256(b"left behind").hexdigest() == digest
    assert found(copy, keys).flaws == ()


def test_an_attestation_that_the_key_signed_and_that_says_something_else_is_found(
    copy: Path, keys: list[VerifierKey], written: Office
) -> None:
    from tasks.domain.dsse import IN_TOTO, enveloped, opened_envelope  # noqa: PLC0415 -- of this test alone

    path = next((copy / "attestations").rglob("*.vsa.dsse.json"))
    said = opened_envelope(path.read_bytes(), IN_TOTO, keys).replace(b"carol", b"mallory")
    overwrite(path, enveloped(IN_TOTO, said, written.seal.attest.key, written.seal.attest.sign))

    assert "does not say what the events of the landing and its grounds do" in messages(copy, keys)


def test_an_empty_directory_is_no_evidence(tmp_path: Path, keys: list[VerifierKey]) -> None:
    assert "There is no checkpoint" in messages(tmp_path, keys)


def test_garbage_is_told_and_never_a_crash(copy: Path, keys: list[VerifierKey]) -> None:
    chance = random.Random(42)  # noqa: S311 -- which bytes, not secrets
    for path in files(copy):
        content = path.read_bytes()
        for spoilt in (chance.randbytes(200), b"[" * 5000, b"null\n", b'{"a":' * 2000, canonical_json({}) + b"\n"):
            overwrite(path, spoilt)
            assert found(copy, keys).flaws
        overwrite(path, content)


def test_what_this_machine_noted_is_no_part_of_the_evidence(written: Office) -> None:
    assert (written.folder / NOTE).is_file()
    assert not (written.folder / "evidence" / NOTE).exists()
