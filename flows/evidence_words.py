"""What people read on a terminal of evidence that was verified."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from flows.tables import table

Json = Mapping[str, Any]
MOST = 50


def posture(found: Json) -> list[str | Table]:
    said: list[str | Table] = [
        f"{found['store']}: lock: {found['lock']}; versions: {found['versioning']}; {found['sampled']} looked at"
    ]
    if found["ok"]:
        return [*said, "The store keeps evidence as it must."]
    return [*said, table("What is wrong", rows=[(each,) for each in found["sentences"][:MOST]])]


def rotated(found: Json) -> list[str | Table]:
    return [
        f"Event {found['event']}: the {found['name']} key {found['old']}",
        f"is replaced by {found['new']}; both have signed it, and {found['checkpoint']}.",
        str(found["next"]),
        "Hand the new key out as you did the old one; who has only the old one is led to it by `merge-hub verify`.",
    ]


def restored(found: Json) -> list[str | Table]:
    said: list[str | Table] = [
        f"{found['size']} events in {found['store']}, root {found['root']}, signed up to {found['checkpoint']}",
        f"{found['brought_back']} of them were lacking here and are back, byte by byte.",
    ]
    if found["not_signed"]:
        said.append(
            f"The last {found['not_signed']} were exported by a run that died before it signed them: they are as the "
            "store has them, and the next run signs them."
        )
    said.append(
        "What was never exported is lost: what happened since then on the code host is not on record. The next run "
        "reads it there; what it cannot account for, `reconcile` finds."
    )
    return said


def verified(found: Json) -> list[str | Table]:
    """What holds first, then every exception with its file."""
    signed = f"root {found['root']}, signed in {found['checkpoint']}" if found["root"] else "nothing signed"
    anchor = found["last_anchor"]
    seen = (
        "never stamped by anybody outside"
        if anchor is None
        else f"the first {anchor['size']} stamped at {anchor['stamped_at']}"
    )
    counts = f"{found['checkpoints']} checkpoints, {found['landings']} landings, {found['files']} files; {seen}"
    led = [
        f"Event {each['event']} replaced the {each['name']} key {each['old']} by {each['new']}, signed by both."
        for each in found["rotations"]
    ]
    said: list[str | Table] = [f"{found['size']} events, {signed}", counts, *led]
    flaws = found["exceptions"]
    if not flaws:
        return [*said, "No exceptions: every file is what the log says, and the log is what was signed."]
    rows = [(each["file"], each["message"]) for each in flaws[:MOST]]
    more = [f"and {len(flaws) - MOST} more; --json has them all"] if len(flaws) > MOST else []
    return [*said, f"{len(flaws)} exceptions:", table("File", "What is wrong", rows=rows), *more]
