"""A log that is gone, brought back from the store alone: the same bytes or nothing."""

import os
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tasks.adapters.audit_log import SqlAuditLog
from tasks.checkpoints import demand_whole
from tasks.domain.audit import EventType
from tasks.domain.errors import AuditLogError, EvidenceError, LogRewritten
from tasks.domain.records import Recorder
from tasks.restoring import Restored, restore_log
from tasks.sealing import seal_log
from tasks.verification import Trust, verify_store
from tests.domain.chronicle import Story, held
from tests.tasks.evidence_of_landings import lands
from tests.tasks.office import Office
from tests.tasks.verification.spoiling import overwrite

PROJECT = Path(__file__).parents[3]
SEGMENT = "events/000000000001-000000000003.jsonl"


def sealed(office: Office, story: Story, *numbers: int) -> bytes:
    """The log after as many landings, each sealed; its bytes."""
    for number in numbers:
        lands(office, story, number)
        seal_log.fn(office.services)
    return office.services.log.lines(1, office.services.log.size())


def lose(office: Office) -> None:
    """Everything but the keys and the evidence."""
    for path in office.folder.iterdir():
        if path.name not in {"keys", "evidence"}:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def log_of(office: Office) -> SqlAuditLog:
    guarded = partial(demand_whole, 0, office.services.evidence)
    return SqlAuditLog(f"sqlite:///{office.folder / 'audit.db'}", office.clock, lock_timeout=5, may_begin=guarded)


def restore(office: Office) -> Restored:
    trust = Trust([office.seal.log.key, office.seal.attest.key])
    return restore_log(office.services.evidence, trust, log_of(office))


def test_a_log_that_is_gone_comes_back_byte_by_byte_with_the_same_root_and_goes_on(
    office: Office, story: Story
) -> None:
    before = sealed(office, story, 1, 2)
    evidence = office.evidence()
    root = seal_log.fn(office.services)
    lose(office)
    restored = restore(office)
    again = seal_log.fn(office.services)

    assert (restored.size, restored.brought, restored.root) == (6, 6, root and root.root)
    assert office.services.log.lines(1, 6) == before
    assert again == root
    assert office.evidence() == evidence

    story.stops(3, held())
    seal_log.fn(office.services)
    trust = Trust([office.seal.log.key, office.seal.attest.key])

    assert verify_store(office.services.evidence, trust).flaws == ()


def test_restoring_twice_brings_back_nothing_more(office: Office, story: Story) -> None:
    before = sealed(office, story, 1)
    lose(office)
    brought = [restore(office).brought, restore(office).brought]

    assert brought == [3, 0]
    assert office.services.log.lines(1, 3) == before


def test_an_older_copy_of_the_log_is_completed(office: Office, story: Story) -> None:
    sealed(office, story, 1)
    with log_of(office)._database.engine.connect() as connection:  # noqa: SLF001 -- so that the file holds all, as a backup does
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    older = (office.folder / "audit.db").read_bytes()
    before = sealed(office, story, 2)
    lose(office)
    (office.folder / "audit.db").write_bytes(older)

    assert restore(office).brought == 3
    assert office.services.log.lines(1, 6) == before


def test_no_second_log_begins_where_the_store_has_one(office: Office, story: Story) -> None:
    sealed(office, story, 1)
    lose(office)
    evidence = office.evidence()

    with pytest.raises(AuditLogError, match=r"has 0 events, and the evidence store .* has 3 of it") as refusal:
        log_of(office).append([Recorder("AcmeCorp", None, None).event(EventType.LANDING_PAUSED, {}, {})])
    assert "`merge-hub restore`" in refusal.value.remedy
    assert log_of(office).size() == 0
    assert office.evidence() == evidence


def test_a_log_that_is_behind_its_store_does_not_go_on(office: Office, story: Story) -> None:
    sealed(office, story, 1, 2)

    with pytest.raises(AuditLogError, match=r"has 5 events, and the evidence store .* has 6 of it"):
        demand_whole(5, office.services.evidence)
    demand_whole(6, office.services.evidence)
    demand_whole(7, office.services.evidence)


def test_a_log_that_was_begun_anew_is_not_mixed_with_the_first(office: Office, story: Story) -> None:
    sealed(office, story, 1)
    lose(office)
    another = Story(office.services.log)
    another.stops(9, held())
    bytes_before = office.services.log.lines(1, 1)

    with pytest.raises(AuditLogError, match="event 1 of the audit log is another one than the evidence store has"):
        restore(office)
    assert office.services.log.lines(1, office.services.log.size()) == bytes_before


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        (SEGMENT, b"alice", b"malis", "are not those that it signs"),
        (SEGMENT, b"\n", b" \n", "no event in canonical form"),
        ("checkpoints/000000000003.txt", b"\n3\n", b"\n2\n", "no checkpoint of this log"),
    ],
)
def test_what_is_not_what_was_signed_is_not_taken_over(
    office: Office, story: Story, file: str, old: bytes, new: bytes, why: str
) -> None:
    sealed(office, story, 1, 2)
    spoilt = office.folder / "evidence" / file
    overwrite(spoilt, spoilt.read_bytes().replace(old, new, 1))
    lose(office)

    with pytest.raises(LogRewritten, match=why):
        restore(office)
    assert office.services.log.size() == 0


def test_a_log_that_another_key_signed_is_not_taken_over(office: Office, story: Story) -> None:
    sealed(office, story, 1)
    lose(office)
    shutil.rmtree(office.folder / "keys")

    with pytest.raises(LogRewritten, match="none of those given"):
        restore(office)


def test_a_store_without_its_last_segment_is_not_taken_over(office: Office, story: Story) -> None:
    sealed(office, story, 1, 2)
    (office.folder / "evidence" / "events/000000000004-000000000006.jsonl").unlink()
    lose(office)

    with pytest.raises(LogRewritten, match="It signs 6 events, and 3 are there"):
        restore(office)
    assert office.services.log.size() == 0


def test_what_a_dead_run_exported_and_did_not_sign_is_taken_as_it_is_and_told_of(office: Office, story: Story) -> None:
    before = sealed(office, story, 1, 2)
    (office.folder / "evidence" / "checkpoints/000000000006.txt").unlink()
    shutil.rmtree(office.folder / "evidence" / "attestations")
    lose(office)
    document = restore(office).document()
    seal_log.fn(office.services)

    assert (document["size"], document["not_signed"], document["checkpoint"]) == (6, 3, "checkpoints/000000000003.txt")
    assert office.services.log.lines(1, 6) == before
    assert "checkpoints/000000000006.txt" in office.evidence()


def test_where_there_is_no_log_there_is_nothing_to_restore(office: Office) -> None:
    with pytest.raises(EvidenceError, match="holds no log"):
        restore(office)


_DIES_IN_THE_MIDDLE = """
import os, signal, sys
from pathlib import Path
from tasks.adapters.audit_log import SqlAuditLog
from tasks.adapters.clock import SystemClock
from tasks.domain.audit import read_event

def events():
    for line in Path(sys.argv[2]).read_bytes().splitlines():
        event = read_event(line)
        if event.seq == 700:
            os.kill(os.getpid(), signal.SIGKILL)
        yield event

SqlAuditLog(f"sqlite:///{sys.argv[1]}", SystemClock()).take_over(events())
"""


def test_a_restore_that_was_killed_in_the_middle_leaves_nothing_and_a_rerun_finishes(
    office: Office, story: Story, tmp_path: Path
) -> None:
    for number in range(800):
        story.stops(number + 1, held())
    seal_log.fn(office.services)
    before = office.services.log.lines(1, 800)
    lose(office)
    lines = tmp_path / "lines"
    lines.write_bytes(before)
    command = [sys.executable, "-c", _DIES_IN_THE_MIDDLE, str(office.folder / "audit.db"), str(lines)]
    died = subprocess.run(command, cwd=PROJECT, env=dict(os.environ), check=False)

    assert died.returncode == -signal.SIGKILL
    assert office.services.log.size() == 0
    assert restore(office).brought == 800
    assert office.services.log.lines(1, 800) == before
