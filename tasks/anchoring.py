"""Anchoring: what was signed is shown to somebody outside, so that no other history can take its place."""

from datetime import timedelta

from tasks.checkpoints import last_anchor, last_size
from tasks.crash_points import CrashPoint, reached
from tasks.domain.checkpoint import MEDIA_TYPE as CHECKPOINT_MEDIA_TYPE
from tasks.domain.checkpoint import key_for
from tasks.domain.time_stamp import MEDIA_TYPE, anchor_key, moment_in
from tasks.ports import EvidenceStore, Services, TimeStamps
from tasks.retrying import step


@step("anchor the audit log", name="anchor the audit log")
def anchor_log(services: Services) -> None:
    """
    The last checkpoint is copied to the second store, and stamped once the last stamp is old enough.

    What is anchored already is left as it is. Raises AnchoringFailed or EvidenceError; the next run tries again.
    """
    size = 0 if services.seal is None else last_size(services)
    if services.seal is None or size == 0:
        return
    anchoring, note = services.seal.anchoring, services.evidence.get(key_for(size))
    if anchoring.copies is not None:
        _copy(size, note, anchoring.copies)
    if anchoring.authority is not None and _is_due(size, anchoring.interval, services):
        _stamp(size, note, anchoring.authority, services)


def _copy(size: int, note: bytes, copies: EvidenceStore) -> None:
    copies.put(key_for(size), note, media_type=CHECKPOINT_MEDIA_TYPE)
    reached(CrashPoint.AFTER_COPY)


def _stamp(size: int, note: bytes, authority: TimeStamps, services: Services) -> None:
    token = authority.stamp(note)
    services.evidence.put(anchor_key(size, token), token, media_type=MEDIA_TYPE)
    reached(CrashPoint.AFTER_ANCHOR)


def _is_due(size: int, interval: timedelta, services: Services) -> bool:
    """A checkpoint is stamped once, and another one when the last stamp is old enough."""
    anchor = last_anchor(size, services.evidence)
    if anchor is None:
        return True
    anchored, key = anchor
    return anchored < size and services.clock.now() - moment_in(services.evidence.get(key)) >= interval
