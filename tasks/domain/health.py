"""
What is asked after the health of something that has landed, and what the answers say of it.

It has until its deadline, which counts from the landing: whoever comes later asks once. That it did not do well in time
is an answer, and so is none at all, for nobody else is served either. A place that cannot even be looked up, or a
command that could not be run to an answer, says nothing about the landing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from config.schema import Gate, HealthCheck
from config.schema.health import LANDED
from config.schema.times import duration_of
from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.gates import GateResult, Verdict
from tasks.domain.model import CommitSha, Digest

AT_LEAST = 60
"""Seconds that a command is given to answer, also where the deadline is nearer."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one question came to: `said` is a clause for people and holds nothing of what the answer itself says."""

    verdict: Verdict
    said: str
    exit_code: int | None = None

    @property
    def healthy(self) -> bool:
        return self.verdict is Verdict.PASSED


def heard_of(status: int, *, holds: bool, expected: str | None) -> Heard:
    """`holds`: the answer has the text that is expected, where one is."""
    if not 200 <= status <= 299:  # noqa: PLR2004 -- the statuses of success, RFC 9110
        return Heard(Verdict.FAILED, f"it answered with status {status}")
    if expected is not None and not holds:
        return Heard(Verdict.FAILED, f"it answered with status {status} and without what is expected")
    return Heard(Verdict.PASSED, f"it answered with status {status}" + (" and what is expected" if expected else ""))


def heard_of_command(result: GateResult, *, holds: bool) -> Heard:
    said = f"the command {result.verdict.value}" + ("" if result.exit_code is None else f" with {result.exit_code}")
    if result.verdict is Verdict.PASSED and not holds:
        return Heard(Verdict.FAILED, f"{said}, and its output is without what is expected", result.exit_code)
    return Heard(Verdict.FAILED if result.verdict is Verdict.TIMED_OUT else result.verdict, said, result.exit_code)


def until(check: HealthCheck, landed_at: datetime) -> datetime:
    return landed_at + duration_of(check.health.deadline)


def interval(check: HealthCheck) -> float:
    """In seconds."""
    return duration_of(check.health.interval).total_seconds()


def times(check: HealthCheck) -> int:
    """How often it can be asked again at most."""
    return int(duration_of(check.health.deadline) / duration_of(check.health.interval)) + 1


def with_commit(text: str | None, commit: CommitSha) -> str | None:
    return None if text is None else text.replace(LANDED, commit)


def as_gate(check: HealthCheck, command: str, commit: CommitSha, seconds_left: float) -> Gate:
    """What runs the command: it is told the commit, and stopped when there is no time left."""
    told = f"MERGE_HUB_LANDED={commit}; export MERGE_HUB_LANDED\n{command}"
    return Gate(name=check.name, command=told, timeout=max(AT_LEAST, int(seconds_left)), required=check.required)


def health_digest(check: HealthCheck) -> Digest:
    """What makes two of them the same."""
    asked: Mapping[str, str] = check.health.model_dump(mode="json", exclude_none=True)
    return digest_of(canonical_json({"name": check.name, "required": check.required, "health": dict(asked)}))
