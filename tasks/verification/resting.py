"""What the log says of other files: the evidence that events rest on, reports, and attestations of landings."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tasks.domain import attestation
from tasks.domain.audit import Event, EventType, cited, reports_in
from tasks.domain.canonical import digest_of
from tasks.domain.checkpoint import Proof, proves
from tasks.domain.dsse import IN_TOTO, opened_envelope
from tasks.domain.errors import EvidenceError
from tasks.domain.log_reading import LogReader
from tasks.domain.model import Digest
from tasks.domain.segments import PREFIX as SEGMENTS
from tasks.domain.signed_note import NoteRefused
from tasks.evidence import key_of
from tasks.verification.found import Reading


@dataclass(slots=True)
class Resting:
    """Taken event by event; then each kind of file is looked at."""

    reading: Reading
    intents: dict[str, Event] = field(default_factory=dict)
    landings: dict[str, Event] = field(default_factory=dict)
    cited: dict[str, int] = field(default_factory=dict)
    reports: dict[str, str] = field(default_factory=dict)
    there: frozenset[str] = frozenset()

    def take(self, event: Event) -> None:
        for digest in cited(event):
            self.cited.setdefault(digest, event.seq)
        match event.type:
            case EventType.MERGE_INTENT:
                self.intents[event.id] = event
            case EventType.MERGE_COMPLETED if "commit" in event.data and "pull_request" in event.subject:
                self.landings[attestation.place_of(event)] = event
            case EventType.MERGE_COMPLETED:
                self.reading.blame(SEGMENTS, f"Event {event.seq} does not say what landed.")
            case EventType.REPORT_GENERATED:
                self.reports |= dict(reports_in(event))
            case _:
                pass

    def look_at_evidence(self, keys: Sequence[str]) -> None:
        self.there = frozenset(keys)
        for key in keys:
            content = self.reading.content(key)
            if content is not None and key_of(digest_of(content)) != key:
                self.reading.blame(key, f"Its bytes have the digest {digest_of(content)}.")
        for digest, seq in self.cited.items():
            self._demand(key_of(Digest(digest)), f"event {seq}")

    def look_at_reports(self, keys: Sequence[str]) -> None:
        for key in keys:
            content = self.reading.content(key)
            if key not in self.reports:
                self.reading.blame(key, "No event of the log knows of this report.")
            elif content is not None and digest_of(content) != self.reports[key]:
                self.reading.blame(key, f"It is not the report that was recorded: {self.reports[key]}.")
        for key in sorted(self.reports.keys() - set(keys)):
            self.reading.blame(key, "This report was recorded and is missing.")

    def look_at_landings(self, keys: Sequence[str], proofs: dict[str, Proof], reader: LogReader) -> None:
        unaccounted = set(keys)
        for place, completed in self.landings.items():
            statement, proof = place + attestation.STATEMENT, place + attestation.PROOF
            for key in {statement, proof} - unaccounted:
                self.reading.blame(key, f"It is missing: event {completed.seq} says what landed.")
            if statement in unaccounted:
                self._look_at_statement(statement, completed)
            if proof in proofs:
                self._look_at_proof(proof, proofs[proof], completed, reader)
            unaccounted -= {statement, proof}
        for key in sorted(unaccounted):
            self.reading.blame(key, "It is about no landing that the log has.")

    def _look_at_proof(self, key: str, proof: Proof, completed: Event, reader: LogReader) -> None:
        if proof.index != completed.seq - 1:
            about = f"It is about event {proof.index + 1}, and the landing is event {completed.seq}."
            self.reading.blame(key, about)
            return
        try:
            proves(proof, reader.leaf(proof.index), self.reading.keys.known)
        except NoteRefused as refused:
            self.reading.blame(key, f"It proves nothing: {refused}.")

    def _look_at_statement(self, key: str, completed: Event) -> None:
        content = self.reading.content(key)
        if content is None:
            return
        try:
            said = opened_envelope(content, IN_TOTO, self.reading.keys.at(completed.seq))
        except NoteRefused as refused:
            self.reading.blame(key, f"It attests nothing: {refused}.")
            return
        try:
            intent, grounds = self._grounds(completed)
            log, host = _named(said)
            told = attestation.statement(intent, completed, grounds, log=log, host=host)
        except (EvidenceError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.reading.blame(key, "What it rests on cannot be read.")
            return
        if told != said:
            self.reading.blame(key, "It does not say what the events of the landing and its grounds do.")
            return
        for log_file in _logs(grounds):
            self._demand(log_file, f"the landing of event {completed.seq}")

    def _grounds(self, completed: Event) -> tuple[Event, attestation.Grounds]:
        intent = self.intents[str(completed.data["intent"])]
        return intent, json.loads(self.reading.store.get(key_of(Digest(str(intent.data["grounds"])))))

    def _demand(self, key: str, who: str) -> None:
        if key not in self.there:
            self.reading.blame(key, f"It is missing, and {who} rests on it.")


def _logs(grounds: attestation.Grounds) -> Iterator[str]:
    return (key_of(Digest(str(gate["log"]))) for gate in grounds["gates"])


def _named(said: bytes) -> tuple[str, str]:
    """The log and the code host of a statement: the two that no event names."""
    predicate = json.loads(said)["predicate"]
    host = str(predicate["resourceUri"]).removeprefix("git+").rsplit("/", 2)[0]
    return str(predicate["verifier"]["id"]).removeprefix("https://"), host
