"""What was gated: evaluations of candidates, each attempt of each gate, the batches they were for, and the queue."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tasks.domain.ledger.vocabulary import EvaluationPhase, EvaluationResult, ExitClass, GateCause, GateStatus


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """
    All gates of one candidate in one run. `head_set` is the digest of its members' heads, in landing order.

    `base` and `tree` are what it was merged onto and what came of it: the same two with the same head set have
    nothing in them that could tell two answers of a gate apart.
    """

    table: ClassVar[str] = "evaluation"
    key: ClassVar[tuple[str, ...]] = ("evaluation_id",)
    month: ClassVar[str | None] = "started_at"

    evaluation_id: str
    repository_id: str
    repository: str
    team: str | None
    run_id: str | None
    batch_id: str | None
    base: str | None
    tree: str
    head_set: str | None
    phase: EvaluationPhase
    started_at: datetime
    finished_at: datetime
    result: EvaluationResult
    policy: str | None


@dataclass(frozen=True, slots=True)
class GateResultRow:
    """
    One attempt of one gate; the first is 1. `queued_seconds` is how long it waited for a free slot.

    `cached`: nothing was run, the answer was known; it counts as no run. `definition` is the digest of the gate's
    definition, `log` that of its output; `cause` None: it passed.
    """

    table: ClassVar[str] = "gate_result"
    key: ClassVar[tuple[str, ...]] = ("evaluation_id", "gate", "attempt")
    month: ClassVar[str | None] = "finished_at"

    evaluation_id: str
    gate: str
    attempt: int
    repository_id: str
    repository: str
    team: str | None
    definition: str | None
    tree: str
    base: str | None
    status: GateStatus
    cause: GateCause | None
    required: bool
    cached: bool
    queued_seconds: float | None
    seconds: float
    started_at: datetime
    finished_at: datetime
    log: str | None


@dataclass(frozen=True, slots=True)
class BatchRow:
    """
    Pull requests that were gated together. `culprits` and `landed` count members, `runs` the evaluations made for it.

    `optimum` is how many evaluations the best plan would have needed on average, at the odds that were assumed.
    """

    table: ClassVar[str] = "batch"
    key: ClassVar[tuple[str, ...]] = ("batch_id",)
    month: ClassVar[str | None] = "formed_at"

    batch_id: str
    repository_id: str
    repository: str
    team: str | None
    run_id: str
    size: int
    parent_batch_id: str | None
    depth: int
    outcome: str
    culprits: int
    formed_at: datetime
    ended_at: datetime | None
    landed: int
    runs: int
    optimum: float | None


@dataclass(frozen=True, slots=True)
class QueueStayRow:
    """
    From when a pull request was first to be gated until it was settled; `sequence` counts its stays from 1.

    `exit_code` is the code of the reason, which is documented with all reasons. `idle_*_seconds` are what of the stay
    it waited for free slots, for the next run, and for the end of a freeze; `gate_seconds` is what gates took.
    `restarts` is how often its gates were begun anew, as another base or other members made it necessary.
    """

    table: ClassVar[str] = "queue_stay"
    key: ClassVar[tuple[str, ...]] = ("repository_id", "number", "sequence")
    month: ClassVar[str | None] = "entered_at"

    repository_id: str
    number: int
    sequence: int
    repository: str
    team: str | None
    entered_at: datetime
    left_at: datetime | None
    exit_class: ExitClass | None
    exit_code: str | None
    head: str
    idle_capacity_seconds: float | None
    idle_schedule_seconds: float | None
    idle_freeze_seconds: float | None
    gate_seconds: float | None
    restarts: int


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """
    How probable it was taken to be that a pull request is bad, when it was first gated in a run.

    `bad` None: it was never found out. `sign` is what was known of it before.
    """

    table: ClassVar[str] = "forecast"
    key: ClassVar[tuple[str, ...]] = ("run_id", "repository_id", "number", "head")
    month: ClassVar[str | None] = "made_at"

    run_id: str
    repository_id: str
    number: int
    head: str
    repository: str
    team: str | None
    made_at: datetime
    probability: float
    bad: bool | None
    sign: str
