"""
Sealing: the log as evidence that a stranger can verify, written by the last step of a run.

Events are brought to the store as segments, each landing is attested, and a checkpoint signs all of it, last: where
there is a checkpoint, everything below it is there. Whoever dies in between leaves nothing that the next run would not
write in the same words.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tasks.checkpoints import last_size, note_tree, noted_tree, segments_since
from tasks.crash_points import CrashPoint, reached
from tasks.domain import attestation
from tasks.domain.audit import Event, EventType
from tasks.domain.checkpoint import MEDIA_TYPE as CHECKPOINT_MEDIA_TYPE
from tasks.domain.checkpoint import (
    Checkpoint,
    Proof,
    key_for,
    opened_checkpoint,
    opened_proof,
    proves,
)
from tasks.domain.dsse import IN_TOTO, enveloped
from tasks.domain.errors import EvidenceConflict, LogRewritten, MergeHubError, SealingFailed
from tasks.domain.merkle import Peaks, Tree, leaf_hash
from tasks.domain.model import Digest
from tasks.domain.rotation import Keys, replaced_by, rotation_of
from tasks.domain.segments import (
    MAXIMUM_EVENTS,
    MEDIA_TYPE,
    exported_until,
    next_segments,
    segment_key,
)
from tasks.domain.signed_note import NoteRefused, signature_line, signed_note
from tasks.evidence import load_by_digest
from tasks.ports import Seal, Services
from tasks.retrying import step

SECONDS_BETWEEN = 60.0
"""How long events may wait for a checkpoint while others arrive."""


@step("seal the audit log", name="seal the audit log")
def seal_log(services: Services) -> Checkpoint | None:
    """
    The checkpoint that covers what the log holds; None where there is nothing, or nobody to sign.

    Raises LogRewritten where the log or the store is not what was signed before: nothing is signed then.
    """
    return seal_now(services)


def seal_now(services: Services) -> Checkpoint | None:
    """As `seal_log` does, once."""
    size = services.log.size()
    _export(size, services)
    return None if services.seal is None or size == 0 else _sealed(services.seal, size, services)


@contextmanager
def sealed_meanwhile(services: Services, *, every: float = SECONDS_BETWEEN) -> Iterator[None]:
    """
    While the work within goes on, what it records is sealed each `every` seconds, so that a long run leaves no gap.

    What fails then is left to the end of the run, which seals again and says what is wrong.
    """
    over = threading.Event()

    def keep_sealing() -> None:
        sealed = services.log.size()
        while not over.wait(every):
            with suppress(MergeHubError):
                if (size := services.log.size()) > sealed:
                    seal_now(services)
                    sealed = size

    if services.seal is None:
        yield
        return
    beside = threading.Thread(target=keep_sealing, name="sealing", daemon=True)
    beside.start()
    try:
        yield
    finally:
        over.set()
        beside.join()


def _export(size: int, services: Services) -> None:
    known = noted_tree(services.home).size
    exported = exported_until((each.key for each in segments_since(known, services.evidence)), known)
    for first, last in next_segments(exported, size):
        lines = services.log.lines(first, last)
        services.evidence.put(segment_key(first, last), lines, media_type=MEDIA_TYPE)
        reached(CrashPoint.AFTER_SEGMENT)
    reached(CrashPoint.AFTER_EXPORT)


def _sealed(seal: Seal, size: int, services: Services) -> Checkpoint:
    keys = _keys(seal, services)
    known = _signed_until(keys, services)
    if known.size >= size:
        return Checkpoint(seal.log.key.name, known.size, known.root())
    _demand_as_exported(known.size, services)
    tree = Tree(known, map(leaf_hash, _lines(known.size + 1, size, services)))
    checkpoint = Checkpoint(seal.log.key.name, size, tree.root())
    signing = [each for each in (seal.before, seal.log) if each is not None]
    lines = [signature_line(each.key, each.sign(checkpoint.text.encode())) for each in signing]
    note = signed_note(checkpoint.text, lines)
    opened_checkpoint(note, [each.key for each in signing])
    for intent, completed in _landings(known.size, size, services):
        _attest(intent, completed, seal, services)
        _prove(completed, tree, note, keys, services)
    services.evidence.put(checkpoint.key, note, media_type=CHECKPOINT_MEDIA_TYPE)
    reached(CrashPoint.AFTER_CHECKPOINT)
    note_tree(tree.peaks(), services.home)
    return checkpoint


def _keys(seal: Seal, services: Services) -> Keys:
    """What the log was signed with until now; raises SealingFailed where another key has taken the place of ours."""
    try:
        rotations = tuple(map(rotation_of, services.log.events(types={EventType.KEY_ROTATED})))
    except NoteRefused as refused:
        raise _rewritten(f"an event of the audit log replaces a key, and {refused}") from refused
    own = (seal.log.key, seal.attest.key)
    if (late := replaced_by(own, rotations)) is not None:
        raise SealingFailed(
            f"the key {late.old} was replaced in event {late.seq} by {late.new}, and is still the one in use",
            remedy=f"Keys in files: run `merge-hub keys rotate {late.role}` again, which finishes it. Else name the "
            f"new one in `audit.sealing.keys` ({late.role}).",
        )
    return Keys(own, rotations)


def _signed_until(keys: Keys, services: Services) -> Peaks:
    """
    What was signed last, by its peaks: as this machine noted them where they lead to the root, else from the log.

    The note is read before the store, which has what was noted and may have more by then.
    """
    noted = noted_tree(services.home)
    last = last_size(services)
    if last < noted.size:
        raise _rewritten(f"the evidence store lacks the checkpoint of {noted.size} events that was written there")
    if last == 0:
        return Peaks()
    try:
        signed = opened_checkpoint(services.evidence.get(key_for(last)), keys.known)
    except NoteRefused as refused:
        raise _rewritten(f"{key_for(last)} is no checkpoint of this log: {refused}") from refused
    if (noted.size, noted.root()) == (signed.size, signed.root):
        return noted
    known = Peaks()
    for line in _lines(1, signed.size, services):
        known.add(leaf_hash(line))
    if (known.size, known.root()) != (signed.size, signed.root):
        raise _rewritten(f"the first {signed.size} events of the audit log are not those that were signed")
    return known


def _demand_as_exported(known: int, services: Services) -> None:
    """What is about to be signed is what the store has, of a run that died before it signed as well."""
    for segment in segments_since(known, services.evidence):
        if services.evidence.get(segment.key) != services.log.lines(segment.first, segment.last):
            raise _rewritten(f"{segment.key} is not what the audit log has")


def _lines(first: int, last: int, services: Services) -> Iterator[bytes]:
    for start in range(first, last + 1, MAXIMUM_EVENTS):
        lines = services.log.lines(start, min(start + MAXIMUM_EVENTS - 1, last))
        yield from lines.removesuffix(b"\n").split(b"\n")


def _landings(known: int, size: int, services: Services) -> Iterator[tuple[Event, Event]]:
    """The intent and the end of each that was recorded behind `known`; a run that died may have announced it before."""
    found = list(services.log.events(types={EventType.MERGE_INTENT, EventType.MERGE_COMPLETED}, after=known))
    intents = {event.id: event for event in found if event.type is EventType.MERGE_INTENT}
    for completed in found:
        if completed.type is EventType.MERGE_COMPLETED and completed.seq <= size:
            announced = str(completed.data["intent"])
            yield intents.get(announced) or _announced(announced, services), completed


def _announced(intent: str, services: Services) -> Event:
    earlier = services.log.events(types={EventType.MERGE_INTENT}, mentioning=intent)
    return next(event for event in earlier if event.id == intent)


def _attest(intent: Event, completed: Event, seal: Seal, services: Services) -> None:
    grounds = json.loads(load_by_digest(Digest(str(intent.data["grounds"])), services))
    said = attestation.statement(intent, completed, grounds, log=seal.log.key.name, host=seal.host)
    envelope = enveloped(IN_TOTO, said, seal.attest.key, seal.attest.sign)
    key = attestation.place_of(completed) + attestation.STATEMENT
    services.evidence.put(key, envelope, media_type=attestation.MEDIA_TYPE)
    reached(CrashPoint.AFTER_ATTESTATION)


def _prove(completed: Event, tree: Tree, note: bytes, keys: Keys, services: Services) -> None:
    """A run that died, or one beside this, may have proven the same by another checkpoint."""
    key = attestation.place_of(completed) + attestation.PROOF
    proof = Proof(completed.seq - 1, tree.inclusion(completed.seq - 1), note)
    try:
        services.evidence.put(key, proof.written(), media_type=attestation.PROOF_MEDIA_TYPE)
    except EvidenceConflict:
        try:
            there = opened_proof(services.evidence.get(key))
            proves(there, leaf_hash(completed.canonical()), keys.known)
        except NoteRefused as refused:
            raise _rewritten(f"{key} proves nothing: {refused}") from refused
    reached(CrashPoint.AFTER_PROOF)


def _rewritten(what: str) -> LogRewritten:
    return LogRewritten(
        what, remedy="Stop landing, keep the log and the store as they are, and find out who changed which of the two."
    )
