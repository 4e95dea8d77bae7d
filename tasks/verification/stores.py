"""
One walk over a store, from its log to every file.

The log is read from its lines; each checkpoint must sign the root that these lines have at its size; what events name
by digest must be there and be that; each landing must be attested, in the words that its events and grounds lead to,
and proven to be in the log. Memory holds 32 bytes an event and what is known of landings, not the log.
"""

from tasks.domain import attestation, time_stamp
from tasks.domain.checkpoint import PREFIX as CHECKPOINTS
from tasks.domain.log_reading import LogReader
from tasks.domain.segments import PREFIX as SEGMENTS
from tasks.evidence import PREFIX as BY_DIGEST
from tasks.verification.found import Readable, Reading, Trust, Verified
from tasks.verification.lines import judge_rotations, read_log
from tasks.verification.resting import Resting
from tasks.verification.signed import Signed

REPORTS = "reports/"
_KINDS = (CHECKPOINTS, attestation.PREFIX, SEGMENTS, BY_DIGEST, REPORTS, time_stamp.PREFIX)


def verify_store(store: Readable, trust: Trust) -> Verified:
    """Every flaw there is; raises EvidenceError where the store itself cannot be read."""
    reading = Reading(store, trust)
    keys = store.keys("")
    of = {kind: tuple(key for key in keys if key.startswith(kind)) for kind in _KINDS}
    signed, resting = Signed(reading), Resting(reading)
    signed.read_checkpoints(of[CHECKPOINTS])
    signed.read_proofs(of[attestation.PREFIX])
    signed.read_remembered()
    reader = LogReader(signed.sizes)
    for event in read_log(of[SEGMENTS], reading, reader):
        resting.take(event)
    judge_rotations(reading)
    signed.judge_signatures()
    signed.look_at_anchors(of[time_stamp.PREFIX])
    signed.compare_roots(reader)
    signed.demand_all_signed(reader)
    resting.look_at_evidence(of[BY_DIGEST])
    resting.look_at_reports(of[REPORTS])
    resting.look_at_landings(of[attestation.PREFIX], signed.proofs, reader)
    for key in keys:
        if not key.startswith(_KINDS):
            reading.blame(key, "No file of evidence has this name.")
    disturbed = store.disturbed()
    for key in disturbed.overwritten:
        reading.blame(key, "Somebody wrote another version on top of it; the first one is what was read.")
    for key in disturbed.deleted:
        reading.blame(key, "Somebody deleted it, which hid it; the first version is what was read.")
    return Verified(
        store=store.location,
        events=reader.size,
        last=signed.last,
        anchor=signed.anchor,
        checkpoints=len(signed.checkpoints),
        landings=len(resting.landings),
        files=len(keys),
        rotations=reading.keys.followed,
        flaws=tuple(reading.flaws),
    )
