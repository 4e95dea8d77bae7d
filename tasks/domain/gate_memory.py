"""
What the audit log remembers of gates: what passed, what failed, how long each takes, and how often one was a flake.

A gate that failed and then passed on the same tree, in the same environment, said nothing about the tree: a flake.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from pydantic import JsonValue

from config.schema import Gate
from tasks.domain.audit import Event
from tasks.domain.gates import ANSWERS, Company, GateProof, GateResult, Verdict, definition_digest
from tasks.domain.model import Digest, TreeSha
from tasks.domain.remembered import moment_of

LATEST_TIMES = 20


@dataclass(frozen=True, slots=True)
class Refusal:
    """A gate's no, as it was recorded."""

    result: GateResult
    since: datetime


@dataclass(frozen=True, slots=True)
class GateMemory:
    """
    `passes` says since when each is on record; `failures` are those that nothing passed afterwards took back.

    `milliseconds` are the latest durations of a gate, by its definition; `flakes` counts the answers that were both.
    """

    passes: Mapping[GateProof, datetime] = field(default_factory=dict)
    failures: Mapping[GateProof, Refusal] = field(default_factory=dict)
    milliseconds: Mapping[Digest, tuple[int, ...]] = field(default_factory=dict)
    flakes: int = 0

    @property
    def flake_rate(self) -> float:
        """The share of all answers that were taken back by a later one; 0 where there is none."""
        answers = len(self.passes) + len(self.failures)
        return self.flakes / answers if answers else 0.0

    def usual_seconds(self, gate: Gate) -> float | None:
        """None for a gate that never came to an answer."""
        times = self.milliseconds.get(definition_digest(gate))
        return median(times) / 1000 if times else None

    def failure(self, gate: Gate, tree: TreeSha, environment: Digest, at: datetime) -> GateResult | None:
        """What the gate said of this very tree, with nobody beside it, if it was no and the answer still holds."""
        found = self.failures.get((tree, definition_digest(gate), environment, ()))
        return found.result if found is not None and holds(gate, found.since, at) else None


def holds(gate: Gate, since: datetime | None, at: datetime) -> bool:
    """Whether what was found then is still good; what was found later than now, by a clock that was wrong, is not."""
    lifetime = gate.cache_lifetime
    return since is not None and lifetime is not None and timedelta() <= at - since < lifetime


class GateLedger:
    """Gathers what `gate.finished` events tell, in the order of the log."""

    def __init__(self) -> None:
        self._passes: dict[GateProof, datetime] = {}
        self._failures: dict[GateProof, Refusal] = {}
        self._milliseconds: dict[Digest, tuple[int, ...]] = {}
        self._flakes: set[GateProof] = set()

    def take(self, event: Event) -> None:
        verdict = str(event.data.get("verdict"))
        if verdict not in {Verdict.PASSED, *ANSWERS}:
            return
        proof = _proof(event)
        if verdict == Verdict.PASSED:
            self._passes[proof] = moment_of(event)
            if self._failures.pop(proof, None) is not None:
                self._flakes.add(proof)
        elif proof not in self._passes:
            self._failures[proof] = Refusal(_result(event, Verdict(verdict)), moment_of(event))
        else:
            self._flakes.add(proof)
        known = self._milliseconds.get(proof[1], ())
        self._milliseconds[proof[1]] = (*known, int(str(event.data["milliseconds"])))[-LATEST_TIMES:]

    @property
    def memory(self) -> GateMemory:
        return GateMemory(self._passes, self._failures, self._milliseconds, len(self._flakes))


def _proof(event: Event) -> GateProof:
    subject = event.subject
    return (
        TreeSha(str(subject["tree"])),
        Digest(str(subject["definition"])),
        Digest(str(subject["environment"])),
        _company(subject.get("companions")),
    )


def _company(value: JsonValue) -> Company:
    pairs = (pair for pair in (value if isinstance(value, list) else ()) if isinstance(pair, list))
    return tuple((str(pair[0]), TreeSha(str(pair[1]))) for pair in pairs)


def _result(event: Event, verdict: Verdict) -> GateResult:
    data, log, code = event.data, event.data["log"], event.data["exit_code"]
    return GateResult(
        gate=str(event.subject["gate"]),
        required=bool(data["required"]),
        verdict=verdict,
        exit_code=code if isinstance(code, int) else None,
        seconds=int(str(data["milliseconds"])) / 1000,
        log=None if log is None else Digest(str(log)),
        cached=True,
    )
