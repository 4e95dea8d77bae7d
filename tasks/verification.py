"""
Verifying a store as a stranger: every file in it is accounted for, by the keys given and nothing that lies in it.

The log is read from its lines; each checkpoint must sign the root that these lines have at its size; what events name
by digest must be there and be that; each landing must be attested, in the words that its events and grounds lead to,
and proven to be in the log. Memory holds 32 bytes an event and what is known of landings, not the log.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import JsonValue

from tasks.domain import attestation
from tasks.domain.audit import Event, EventType, cited
from tasks.domain.canonical import digest_of
from tasks.domain.checkpoint import PREFIX as CHECKPOINTS
from tasks.domain.checkpoint import Checkpoint, Proof, opened_checkpoint, opened_proof, proves, size_in
from tasks.domain.dsse import IN_TOTO, opened_envelope
from tasks.domain.errors import EvidenceError
from tasks.domain.log_reading import Flaw, LogReader
from tasks.domain.model import Digest
from tasks.domain.segments import PREFIX as SEGMENTS
from tasks.domain.segments import segment_of
from tasks.domain.signed_note import NoteRefused, VerifierKey
from tasks.evidence import PREFIX as BY_DIGEST
from tasks.evidence import key_of

REPORTS = "reports/"


class Readable(Protocol):
    @property
    def location(self) -> str: ...

    def keys(self, prefix: str) -> tuple[str, ...]: ...

    def get(self, key: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Verified:
    """`last` is the largest checkpoint that holds; None where there is none."""

    store: str
    events: int
    last: Checkpoint | None
    checkpoints: int
    landings: int
    files: int
    flaws: tuple[Flaw, ...]

    def document(self) -> dict[str, JsonValue]:
        return {
            "store": self.store,
            "size": self.events,
            "root": self.last.root.hex() if self.last else None,
            "checkpoint": self.last.key if self.last else None,
            "checkpoints": self.checkpoints,
            "landings": self.landings,
            "files": self.files,
            "exceptions": [{"file": each.key, "message": each.message} for each in self.flaws],
        }


def verify_store(
    store: Readable, keys: Sequence[VerifierKey], remembered: Mapping[str, bytes] | None = None
) -> Verified:
    """
    Every flaw there is; raises EvidenceError where the store itself cannot be read.

    `remembered` are checkpoints, by their file, that somebody kept elsewhere: who owns the key could write another log,
    but not one that these are checkpoints of.
    """
    return _Verification(store, keys, remembered or {}).verified()


@dataclass(slots=True)
class _Verification:
    store: Readable
    given: Sequence[VerifierKey]
    remembered: Mapping[str, bytes]
    flaws: list[Flaw] = field(default_factory=list)
    checkpoints: dict[int, Checkpoint] = field(default_factory=dict)
    proofs: dict[str, Proof] = field(default_factory=dict)
    proven: dict[str, Checkpoint] = field(default_factory=dict)
    intents: dict[str, Event] = field(default_factory=dict)
    landings: dict[str, Event] = field(default_factory=dict)
    cited: dict[str, int] = field(default_factory=dict)
    reports: dict[str, str] = field(default_factory=dict)
    there: set[str] = field(default_factory=set)

    def verified(self) -> Verified:
        keys = self.store.keys("")
        self._open_checkpoints([key for key in keys if key.startswith(CHECKPOINTS)])
        self._open_proofs([key for key in keys if key.startswith(attestation.PREFIX)])
        self._open_remembered()
        reader = LogReader({*self.checkpoints, *(proven.size for proven in self.proven.values())})
        self._read_log([key for key in keys if key.startswith(SEGMENTS)], reader)
        self._compare_roots(reader)
        self._look_at_evidence([key for key in keys if key.startswith(BY_DIGEST)])
        self._look_at_reports([key for key in keys if key.startswith(REPORTS)])
        self._look_at_landings(keys, reader)
        known = (CHECKPOINTS, attestation.PREFIX, SEGMENTS, BY_DIGEST, REPORTS)
        self.flaws += [Flaw(key, "No file of evidence has this name.") for key in keys if not key.startswith(known)]
        last = self.checkpoints[max(self.checkpoints)] if self.checkpoints else None
        counts = (len(self.checkpoints), len(self.landings), len(keys))
        return Verified(self.store.location, reader.size, last, *counts, tuple(self.flaws))

    def _read(self, key: str) -> bytes | None:
        try:
            return self.store.get(key)
        except EvidenceError as error:
            self.flaws.append(Flaw(key, f"It cannot be read: {error.message}."))
            return None

    def _open_checkpoints(self, keys: Sequence[str]) -> None:
        for key in keys:
            content = self._read(key)
            if content is None:
                continue
            try:
                opened = opened_checkpoint(content, self.given)
            except NoteRefused as refused:
                self.flaws.append(Flaw(key, f"It is no checkpoint of this log: {refused}."))
                continue
            if size_in(key) != opened.size:
                self.flaws.append(Flaw(key, f"It is the checkpoint of {opened.size} events, under the wrong name."))
            self.checkpoints[opened.size] = opened
        if not keys:
            self.flaws.append(Flaw(CHECKPOINTS, "There is no checkpoint: nothing says that the log was ever signed."))

    def _open_proofs(self, keys: Sequence[str]) -> None:
        for key in keys:
            content = self._read(key) if key.endswith(attestation.PROOF) else None
            if content is None:
                continue
            try:
                self.proofs[key] = opened_proof(content)
                self.proven[key] = opened_checkpoint(self.proofs[key].checkpoint, self.given)
            except NoteRefused as refused:
                self.flaws.append(Flaw(key, f"It proves nothing: {refused}."))

    def _open_remembered(self) -> None:
        for name, content in self.remembered.items():
            try:
                self.proven[name] = opened_checkpoint(content, self.given)
            except NoteRefused as refused:
                self.flaws.append(Flaw(name, f"It is no checkpoint of this log: {refused}."))

    def _read_log(self, keys: Sequence[str], reader: LogReader) -> None:
        named = [(segment_of(key), key) for key in keys]
        self.flaws += [Flaw(key, "No segment of the log has this name.") for segment, key in named if segment is None]
        for segment in sorted(segment for segment, _ in named if segment is not None):
            content = self._read(segment.key)
            for each in () if content is None else reader.read(segment, content):
                if isinstance(each, Flaw):
                    self.flaws.append(each)
                else:
                    self._take(each)

    def _take(self, event: Event) -> None:
        for digest in cited(event):
            self.cited.setdefault(digest, event.seq)
        match event.type:
            case EventType.MERGE_INTENT:
                self.intents[event.id] = event
            case EventType.MERGE_COMPLETED if "commit" in event.data and "pull_request" in event.subject:
                self.landings[attestation.place_of(event)] = event
            case EventType.MERGE_COMPLETED:
                self.flaws.append(Flaw(SEGMENTS, f"Event {event.seq} does not say what landed."))
            case EventType.REPORT_GENERATED:
                self.reports[str(event.data.get("key"))] = str(event.data.get("digest"))
            case _:
                pass

    def _compare_roots(self, reader: LogReader) -> None:
        signed = [(each.key, each) for each in self.checkpoints.values()] + list(self.proven.items())
        for key, checkpoint in signed:
            if checkpoint.size > reader.size:
                lacking = f"It signs {checkpoint.size} events, and {reader.size} are there without a gap."
                self.flaws.append(Flaw(key, lacking))
            elif reader.roots[checkpoint.size] != checkpoint.root:
                self.flaws.append(Flaw(key, f"The first {checkpoint.size} events are not those that it signs."))
        covered = max(self.checkpoints, default=0)
        if covered < reader.size:
            uncovered = f"Events {covered + 1} to {reader.size} are in no signed checkpoint."
            self.flaws.append(Flaw(SEGMENTS, uncovered))

    def _look_at_evidence(self, keys: Sequence[str]) -> None:
        for key in keys:
            content = self._read(key)
            if content is not None and key_of(digest_of(content)) != key:
                self.flaws.append(Flaw(key, f"Its bytes have the digest {digest_of(content)}."))
        self.there = there = set(keys)
        for digest, seq in self.cited.items():
            if key_of(Digest(digest)) not in there:
                self.flaws.append(Flaw(key_of(Digest(digest)), f"It is missing, and event {seq} rests on it."))

    def _look_at_reports(self, keys: Sequence[str]) -> None:
        for key in keys:
            content = self._read(key)
            if key not in self.reports:
                self.flaws.append(Flaw(key, "No event of the log knows of this report."))
            elif content is not None and digest_of(content) != self.reports[key]:
                self.flaws.append(Flaw(key, f"It is not the report that was recorded: {self.reports[key]}."))
        for key in sorted(self.reports.keys() - set(keys)):
            self.flaws.append(Flaw(key, "This report was recorded and is missing."))

    def _look_at_landings(self, keys: Sequence[str], reader: LogReader) -> None:
        there = {key for key in keys if key.startswith(attestation.PREFIX)}
        for place, completed in self.landings.items():
            wanted = (place + attestation.STATEMENT, place + attestation.PROOF)
            for key in wanted:
                if key not in there:
                    self.flaws.append(Flaw(key, f"It is missing: event {completed.seq} says what landed."))
            if wanted[0] in there:
                self.flaws += self._flaws_of_statement(wanted[0], completed)
            if wanted[1] in self.proofs:
                self.flaws += self._flaws_of_proof(wanted[1], completed, reader)
            there -= set(wanted)
        for key in sorted(there):
            self.flaws.append(Flaw(key, "It is about no landing that the log has."))

    def _flaws_of_proof(self, key: str, completed: Event, reader: LogReader) -> Iterator[Flaw]:
        proof = self.proofs[key]
        if proof.index != completed.seq - 1:
            yield Flaw(key, f"It is about event {proof.index + 1}, and the landing is event {completed.seq}.")
            return
        try:
            proves(proof, reader.leaf(proof.index), self.given)
        except NoteRefused as refused:
            yield Flaw(key, f"It proves nothing: {refused}.")

    def _flaws_of_statement(self, key: str, completed: Event) -> Iterator[Flaw]:
        content = self._read(key)
        intent = self.intents.get(str(completed.data.get("intent")))
        if content is None or intent is None:
            yield from () if content is None else (Flaw(key, "The log has no intent of this landing."),)
            return
        try:
            said = opened_envelope(content, IN_TOTO, self.given)
            grounds = json.loads(self.store.get(key_of(Digest(str(intent.data["grounds"])))))
            log, host = _named(said)
            told = attestation.statement(intent, completed, grounds, log=log, host=host)
        except NoteRefused as refused:
            yield Flaw(key, f"It attests nothing: {refused}.")
        except (EvidenceError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            yield Flaw(key, "What it rests on cannot be read.")
        else:
            if told != said:
                yield Flaw(key, "It does not say what the events of the landing and its grounds do.")
                return
            yield from self._flaws_of_logs(grounds, completed.seq)

    def _flaws_of_logs(self, grounds: attestation.Grounds, seq: int) -> Iterator[Flaw]:
        for log in (key_of(Digest(str(gate["log"]))) for gate in grounds["gates"]):
            if log not in self.there:
                yield Flaw(log, f"It is missing, and the landing of event {seq} rests on it.")


def _named(said: bytes) -> tuple[str, str]:
    """The log and the code host of a statement: the two that no event names."""
    predicate = json.loads(said)["predicate"]
    host = str(predicate["resourceUri"]).removeprefix("git+").rsplit("/", 2)[0]
    return str(predicate["verifier"]["id"]).removeprefix("https://"), host
