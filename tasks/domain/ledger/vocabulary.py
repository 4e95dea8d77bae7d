"""The closed vocabularies of the ledger; values are written into its tables and never change."""

from enum import StrEnum


class PersonKind(StrEnum):
    """UNKNOWN: the account is gone, or the code host does not tell."""

    HUMAN = "human"
    BOT = "bot"
    UNKNOWN = "unknown"


class PullRequestState(StrEnum):
    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


class SpanState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    QUEUED = "queued"
    CLOSED = "closed"


class ReviewKind(StrEnum):
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    COMMENTED = "commented"
    DISMISSED = "dismissed"


class EvaluationPhase(StrEnum):
    """What a candidate was gated for; ALONE: without the pull requests that it was gated with before."""

    QUEUE = "queue"
    BASE = "base"
    ROLLBACK = "rollback"
    POST_LANDING = "post-landing"
    ALONE = "alone"


class EvaluationResult(StrEnum):
    """STOPPED: ended before any required gate had said no; ERRORED: a gate came to no answer."""

    GREEN = "green"
    RED = "red"
    STOPPED = "stopped"
    ERRORED = "errored"


class GateStatus(StrEnum):
    """CANCELLED: stopped in the middle, as its answer was not needed any more; SKIPPED: never begun."""

    PASSED = "passed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    ERRORED = "errored"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


class GateCause(StrEnum):
    """Whose fault it was that a gate did not pass."""

    CODE = "code"
    INFRA = "infra"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"


class ExitClass(StrEnum):
    MERGED = "merged"
    FAILED = "failed"
    CANCELLED = "cancelled"


class LandingClass(StrEnum):
    ORDINARY = "ordinary"
    HOTFIX = "hotfix"
    EMERGENCY = "emergency"
    ROLLBACK = "rollback"


class ControlOutcome(StrEnum):
    """NO_EVIDENCE counts as not met, as does an exception, however approved."""

    PROVEN = "proven"
    EXCEPTION_APPROVED = "exception_approved"
    FAILED = "failed"
    NO_EVIDENCE = "no_evidence"
    NOT_APPLICABLE = "not_applicable"
