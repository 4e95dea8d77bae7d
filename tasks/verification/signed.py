"""What was signed of the log, by whom, and who saw it: checkpoints, proofs and anchors."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tasks.domain import attestation
from tasks.domain.checkpoint import PREFIX as CHECKPOINTS
from tasks.domain.checkpoint import Checkpoint, Proof, opened_checkpoint, opened_proof, said_checkpoint, size_in
from tasks.domain.log_reading import LogReader
from tasks.domain.rotation import Keys
from tasks.domain.segments import PREFIX as SEGMENTS
from tasks.domain.signed_note import NoteRefused, signers
from tasks.domain.time_stamp import anchor_key, anchored_size, stamped_at
from tasks.verification.found import Anchored, Reading


@dataclass(frozen=True, slots=True)
class Said:
    """A checkpoint as it is written, by the file it is from: whoever signed it."""

    key: str
    checkpoint: Checkpoint
    note: bytes


@dataclass(slots=True)
class Signed:
    """
    What is written is taken before the log is read, which must know its sizes; who signed it is judged after that.

    The log itself tells which keys took the place of others. `elsewhere` are checkpoints that proofs carry and that
    somebody remembered, by the file they are from.
    """

    reading: Reading
    own: list[Said] = field(default_factory=list)
    foreign: list[Said] = field(default_factory=list)
    checkpoints: dict[int, Checkpoint] = field(default_factory=dict)
    notes: dict[int, bytes] = field(default_factory=dict)
    proofs: dict[str, Proof] = field(default_factory=dict)
    elsewhere: dict[str, Checkpoint] = field(default_factory=dict)
    anchor: Anchored | None = None

    @property
    def sizes(self) -> set[int]:
        """At which the root of the log must be known."""
        return {each.checkpoint.size for each in (*self.own, *self.foreign)}

    @property
    def last(self) -> Checkpoint | None:
        return self.checkpoints[max(self.checkpoints)] if self.checkpoints else None

    def read_checkpoints(self, keys: Sequence[str]) -> None:
        for key in keys:
            content = self.reading.content(key)
            if content is not None:
                self.own += self._said(key, content)
        if not keys:
            self.reading.blame(CHECKPOINTS, "There is no checkpoint: nothing says that the log was ever signed.")

    def read_proofs(self, keys: Sequence[str]) -> None:
        for key in keys:
            content = self.reading.content(key) if key.endswith(attestation.PROOF) else None
            if content is None:
                continue
            try:
                self.proofs[key] = opened_proof(content)
            except NoteRefused as refused:
                self.reading.blame(key, f"It proves nothing: {refused}.")
                continue
            self.foreign += self._said(key, self.proofs[key].checkpoint)

    def read_remembered(self) -> None:
        for name, content in self.reading.trust.remembered.items():
            self.foreign += self._said(name, content)

    def judge_signatures(self) -> None:
        """Once the log is read."""
        keys = self.reading.keys
        for each in self.own:
            if (opened := self._opened(each, keys)) is not None:
                if size_in(each.key) != opened.size:
                    named = f"It is the checkpoint of {opened.size} events, under the wrong name."
                    self.reading.blame(each.key, named)
                self.checkpoints[opened.size], self.notes[opened.size] = opened, each.note
        for each in self.foreign:
            if (opened := self._opened(each, keys)) is not None:
                self.elsewhere[each.key] = opened

    def look_at_anchors(self, keys: Sequence[str]) -> None:
        for key in keys:
            content, size = self.reading.content(key), anchored_size(key)
            if content is None:
                continue
            if size is None or anchor_key(size, content) != key:
                self.reading.blame(key, "Its name is not made of its bytes.")
            elif size not in self.notes:
                self.reading.blame(key, f"There is no checkpoint of {size} events for it to stamp.")
            else:
                self._take_anchor(key, size, content)

    def compare_roots(self, reader: LogReader) -> None:
        """With those that the lines of the log have."""
        for key, checkpoint in [*((each.key, each) for each in self.checkpoints.values()), *self.elsewhere.items()]:
            if checkpoint.size > reader.size:
                lacking = f"It signs {checkpoint.size} events, and {reader.size} are there without a gap."
                self.reading.blame(key, lacking)
            elif reader.roots.get(checkpoint.size) != checkpoint.root:
                self.reading.blame(key, f"The first {checkpoint.size} events are not those that it signs.")

    def demand_all_signed(self, reader: LogReader) -> None:
        covered = max(self.checkpoints, default=0)
        if covered < reader.size:
            self.reading.blame(SEGMENTS, f"Events {covered + 1} to {reader.size} are in no signed checkpoint.")

    def _said(self, key: str, content: bytes) -> Sequence[Said]:
        try:
            return [Said(key, said_checkpoint(content), content)]
        except NoteRefused as refused:
            self.reading.blame(key, f"It is no checkpoint of this log: {refused}.")
            return []

    def _opened(self, said: Said, keys: Keys) -> Checkpoint | None:
        try:
            opened = opened_checkpoint(said.note, keys.known)
        except NoteRefused as refused:
            self.reading.blame(said.key, f"It is no checkpoint of this log: {refused}.")
            return None
        if not set(signers(said.note, keys.known)) & set(keys.at(opened.size)):
            self.reading.blame(said.key, "Only a key signs it whose place another had taken by then.")
            return None
        return opened

    def _take_anchor(self, key: str, size: int, token: bytes) -> None:
        if not self.reading.trust.roots:
            self.reading.blame(key, "Whether it was stamped cannot be told: give the authority's certificates.")
            return
        try:
            at = stamped_at(token, self.notes[size], self.reading.trust.roots)
        except NoteRefused as refused:
            self.reading.blame(key, f"It anchors nothing: {refused}.")
            return
        if self.anchor is None or size > self.anchor.size:
            self.anchor = Anchored(size, at)
