"""
Rotating: another key takes the place of one that seals the log, on record, signed by both.

Whoever dies on the way leaves the old key in use and an event that says it was replaced: nothing is sealed then, which
says so, until the same command has finished.
"""

from dataclasses import replace
from typing import assert_never

from config.schema import Configuration
from tasks.domain.audit import EventType
from tasks.domain.errors import SealingFailed
from tasks.domain.records import Recorder
from tasks.domain.rotation import Role, Rotation, handover, rotation_event, rotation_of
from tasks.ports import AuditLog, Seal, Signer


def rotate_key(role: Role, new: Signer, seal: Seal, configuration: Configuration, log: AuditLog) -> Rotation:
    """Records it, once; raises SealingFailed for a key that was in use before, and AuditLogError."""
    old = seal.log if role is Role.LOG else seal.attest
    earlier = [rotation_of(each) for each in log.events(types={EventType.KEY_ROTATED})]
    for each in earlier:
        if (each.old, each.new) == (old.key, new.key):
            return each
    if new.key in {old.key, *(key for each in earlier for key in (each.old, each.new))}:
        raise SealingFailed(
            f"{new.key} is, or was, a key of this log already",
            remedy="Make another one. A key in Vault whose latest version is in use must be named by its version first "
            "(`audit.sealing.keys`), then rotated there, then here.",
        )
    words = handover(role, old.key, new.key)
    recorder = Recorder(configuration.organization.name, None, None)
    event = rotation_event(recorder, role, old.key, new.key, {"old": old.sign(words), "new": new.sign(words)})
    (taken,) = log.append([event])
    return rotation_of(taken)


def handing_over(role: Role, new: Signer, seal: Seal) -> Seal:
    """The seal as it is from then on; the first checkpoint is signed by the key that goes as well."""
    match role:
        case Role.LOG:
            return replace(seal, log=new, before=seal.log)
        case Role.ATTEST:
            return replace(seal, attest=new)
        case _:
            assert_never(role)
