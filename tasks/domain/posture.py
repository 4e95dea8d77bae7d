"""
Whether a store still keeps evidence as it promised to: judged from what was found there, never from a setting.

A plain write or delete of a locked key is not refused by S3: it lies on top as another version, or hides the key under
a marker. Nobody of the hub does either, so that each is a finding, and what readers go by is the first version.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType
from tasks.domain.bounds import bounded, listed
from tasks.domain.dependencies import printable
from tasks.domain.examined import BucketFound, DirectoryKept, ObjectFound, StoreKept
from tasks.domain.records import Recorder

SAMPLE = 25
"""How many objects are looked at each time; others each day."""

_KEY_LENGTH = 600
_TOLD = 5


class Finding(StrEnum):
    """Values are written into records and never change."""

    LOCK_UNKNOWN = "lock-unknown"
    NO_OBJECT_LOCK = "no-object-lock"
    VERSIONING_UNKNOWN = "versioning-unknown"
    NO_VERSIONING = "no-versioning"
    DEFAULT_TOO_WEAK = "default-retention-too-weak"
    NOT_LOCKED = "object-not-locked"
    LOCKED_TOO_SHORT = "object-locked-too-short"
    SECOND_VERSION = "second-version"
    DELETE_MARKER = "delete-marker"
    WRITABLE = "writable"
    NO_PLAIN_FILE = "no-plain-file"


_WORDS = {
    Finding.LOCK_UNKNOWN: "whether the bucket locks is not to be seen",
    Finding.NO_OBJECT_LOCK: "the bucket has no Object Lock",
    Finding.VERSIONING_UNKNOWN: "whether the bucket keeps versions is not to be seen",
    Finding.NO_VERSIONING: "the bucket keeps no versions",
    Finding.DEFAULT_TOO_WEAK: "what is written there without a lock of its own is locked too weakly",
    Finding.NOT_LOCKED: "not locked in COMPLIANCE mode",
    Finding.LOCKED_TOO_SHORT: "not locked for as long as evidence must be kept",
    Finding.SECOND_VERSION: "somebody wrote another version on top",
    Finding.DELETE_MARKER: "somebody deleted it, which hides it and no more",
    Finding.WRITABLE: "others than its owner, or its owner, may write what should only be read",
    Finding.NO_PLAIN_FILE: "not a plain file of its own",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """`key` is empty where it is about the whole store."""

    finding: Finding
    key: str = ""

    @property
    def told(self) -> str:
        return f"{self.finding.value}: {printable(self.key, _KEY_LENGTH)}" if self.key else self.finding.value

    @property
    def sentence(self) -> str:
        words = _WORDS[self.finding]
        return f"{printable(self.key, _KEY_LENGTH)}: {words}" if self.key else words


@dataclass(frozen=True, slots=True)
class Posture:
    """`lock` and `versioning` say in words what was found of them."""

    store: str
    lock: str
    versioning: str
    sampled: int
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems

    @property
    def document(self) -> dict[str, JsonValue]:
        told: list[JsonValue] = [each.told for each in self.problems]
        return {
            "ok": self.ok,
            **listed("problems", told),
            "lock": self.lock,
            "versioning": self.versioning,
            "sampled": self.sampled,
        }


def judge_store(kept: StoreKept, locked_days: int) -> Posture:
    """`locked_days` is for how long each object must be locked, counted from when the store took it."""
    if isinstance(kept, DirectoryKept):
        problems = (
            *(Problem(Finding.WRITABLE, key) for key in kept.writable),
            *(Problem(Finding.NO_PLAIN_FILE, key) for key in kept.odd),
        )
        return Posture(kept.location, "none: a directory", "none: a directory", kept.files, problems)
    problems = (
        *_of_bucket(kept.bucket, locked_days),
        *(Problem(Finding.SECOND_VERSION, key) for key in kept.disturbed.overwritten),
        *(Problem(Finding.DELETE_MARKER, key) for key in kept.disturbed.deleted),
        *(problem for each in kept.sample for problem in _of_object(each, locked_days)),
    )
    bucket = kept.bucket
    versioning = "not to be seen" if bucket.versioned is None else "on" if bucket.versioned else "off"
    return Posture(bucket.location, _lock_in_words(bucket), versioning, len(kept.sample), problems)


def _lock_in_words(bucket: BucketFound) -> str:
    if not bucket.locks:
        return "not to be seen" if bucket.locks is None else "none"
    default = "no default" if bucket.mode is None else f"default {bucket.mode} for {bucket.days} days"
    return f"Object Lock, {default}"


def _of_bucket(bucket: BucketFound, locked_days: int) -> Iterator[Problem]:
    if not bucket.locks:
        yield Problem(Finding.LOCK_UNKNOWN if bucket.locks is None else Finding.NO_OBJECT_LOCK)
    if not bucket.versioned:
        yield Problem(Finding.VERSIONING_UNKNOWN if bucket.versioned is None else Finding.NO_VERSIONING)
    if bucket.mode is not None and (bucket.mode != "COMPLIANCE" or (bucket.days or 0) < locked_days):
        yield Problem(Finding.DEFAULT_TOO_WEAK)


def _of_object(found: ObjectFound, locked_days: int) -> Iterator[Problem]:
    if found.mode != "COMPLIANCE" or found.until is None:
        yield Problem(Finding.NOT_LOCKED, found.key)
    elif found.until < found.written + timedelta(days=locked_days):
        yield Problem(Finding.LOCKED_TOO_SHORT, found.key)


def is_due(earlier: Event | None, now: datetime) -> bool:
    """`earlier` is the last event of this kind about the store; a day is one of UTC."""
    return earlier is None or not earlier.time.startswith(_day(now))


def posture_events(recorder: Recorder, posture: Posture, now: datetime) -> tuple[Event, ...]:
    """Once a day and finding; with what is wrong, an alert beside it."""
    subject: dict[str, JsonValue] = {"store": posture.store}
    identity: dict[str, JsonValue] = {"day": _day(now), **listed("problems", [each.told for each in posture.problems])}
    found = recorder.event(EventType.STORAGE_POSTURE, subject, posture.document, identity)
    if posture.ok:
        return (found,)
    alert: dict[str, JsonValue] = {
        "alert": "storage-posture",
        "rule": "AN-19",
        "severity": "critical",
        "message": bounded(_message(posture)),
        "remedy": "Find out who changed the store, and keep it as it is: evidence is what its first versions say. "
        "`merge-hub posture` looks again, `merge-hub verify` says whether the evidence still holds.",
    }
    return found, recorder.event(EventType.ALERT_RAISED, subject, alert, {"alert": "storage-posture", **identity})


def _message(posture: Posture) -> str:
    told = "; ".join(each.sentence for each in posture.problems[:_TOLD])
    more = len(posture.problems) - _TOLD
    return f"{posture.store} does not keep evidence as it must: {told}{f'; and {more} more' if more > 0 else ''}"


def sample_of(keys: Sequence[str], now: datetime) -> tuple[str, ...]:
    """SAMPLE of `keys`, which nobody can foresee who does not know them all, and others each day."""
    salt = _day(now)
    return tuple(sorted(keys, key=lambda key: sha256(f"{salt} {key}".encode()).digest())[:SAMPLE])


def _day(now: datetime) -> str:
    return f"{now:%Y-%m-%d}"
