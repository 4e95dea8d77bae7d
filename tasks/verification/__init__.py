"""
Verifying a store as a stranger: every file in it is accounted for, by the keys given and nothing that lies in it.

    found       what is found out
    lines       the log itself, event by event
    signed      checkpoints, proofs and anchors: what was signed of the log, by whom, and who saw it
    resting     what the log says of other files: evidence, reports, attestations of landings
    stores      one walk over a store, from its log to every file
"""

from tasks.verification.found import Readable, Reading, Trust, Verified
from tasks.verification.lines import judge_rotations, read_log
from tasks.verification.signed import Signed
from tasks.verification.stores import verify_store

__all__ = ["Readable", "Reading", "Signed", "Trust", "Verified", "judge_rotations", "read_log", "verify_store"]
