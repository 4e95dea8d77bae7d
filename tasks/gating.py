"""
One gate on one candidate, as a Prefect task.

Its passes are cached by content (the candidate's tree, the gate, the environment); it is retried where it could not be
run to an answer and never where it failed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, assert_never

from prefect import Task, task
from prefect.cache_policies import NO_CACHE, CacheKeyFnPolicy
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import TaskRunContext
from prefect.futures import PrefectFuture
from pydantic import JsonValue, TypeAdapter

from config.schema import Gate
from tasks.crash_points import CrashPoint, reached
from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.errors import MergeHubError
from tasks.domain.gates import ANSWERS, Candidate, GateResult, Phase, Verdict, company_seen, definition_digest
from tasks.domain.model import Digest
from tasks.evidence import store_log
from tasks.ports import Services
from tasks.redaction import without_secrets
from tasks.retrying import failure_of, step
from tasks.workspace import Workspace

RESULT = TypeAdapter(GateResult)
RETRY_DELAYS = [0.2, 1.0]
"""Seconds before a gate that errored is tried again."""


@dataclass(frozen=True, slots=True)
class GateOrder:
    """
    Which gate to run on what; with the environment it is all that a cached pass may depend on.

    `thorough` is asked for where every gate is to come to its end, whatever the others found.
    """

    gate: Gate
    candidate: Candidate
    repository_id: str
    environment: Digest
    thorough: bool = False
    phase: Phase = Phase.GATE

    @property
    def decisive(self) -> bool:
        """Whether its no ends all other gates of the candidate: nothing that they say could change anything."""
        return self.gate.required and not self.thorough

    @property
    def subject(self) -> str:
        named = " ".join(f"#{number}" for number in self.candidate.members)
        match self.phase:
            case Phase.GATE:
                return named or "the base"
            case Phase.POST_LANDING:
                return f"{named} as landed"
            case Phase.ROLLBACK:
                return "the rollback"
            case _:
                assert_never(self.phase)


class GateNotPassed(Exception):
    """Raised so that Prefect caches passes only; it is a value again as soon as it leaves the task."""

    def __init__(self, result: GateResult) -> None:
        status = "" if result.exit_code is None else f" with exit status {result.exit_code}"
        super().__init__(f"{result.gate} {result.verdict.value}{status}")
        self.result = result


def cache_key(_context: TaskRunContext, parameters: Mapping[str, Any]) -> str:
    """A pass names its log, so it holds for the store that has the log; and it holds for what the gate saw beside."""
    order: GateOrder = parameters["order"]
    services: Services = parameters["services"]
    identity: list[JsonValue] = [
        "gate/2",
        order.repository_id,
        order.candidate.tree,
        definition_digest(order.gate),
        order.environment,
        order.gate.cache,
        services.evidence.location,
    ]
    identity += [list(pair) for pair in company_seen(order.gate, order.candidate)]
    return f"gate-{digest_of(canonical_json(identity)).removeprefix('sha256:')}"


def _errored(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    error = failure_of(state)
    return isinstance(error, GateNotPassed) and error.result.verdict is Verdict.ERRORED


@task(
    name="gate",
    task_run_name="gate {order.gate.name} on {order.subject}",
    retries=len(RETRY_DELAYS),
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=_errored,
    persist_result=True,
    result_serializer="json",
)
@without_secrets
def run_gate(order: GateOrder, workspace: Workspace, services: Services) -> dict[str, Any]:
    """
    Returns a passed `GateResult` as JSON; raises GateNotPassed for any other.

    There is no result before its log is kept: a pass whose log was lost would be evidence of nothing.
    """
    if workspace.over.is_set():
        raise GateNotPassed(skipped(order.gate))
    log = workspace.log_for(order.gate)
    surroundings = workspace.surroundings(order.gate)
    result = services.gates.run(order.gate, workspace.checkout(), log, workspace.over, surroundings)
    if result.verdict is Verdict.SKIPPED:
        raise GateNotPassed(skipped(order.gate, result.seconds))
    reached(CrashPoint.AFTER_GATE_RUN)
    kept = replace(result, log=_kept(order, log, services))
    reached(CrashPoint.AFTER_GATE_LOG)
    if kept.verdict is not Verdict.PASSED:
        if order.decisive and kept.verdict in ANSWERS:
            workspace.over.set()
        raise GateNotPassed(kept)
    return dict(RESULT.dump_python(kept, mode="json"))


def skipped(gate: Gate, seconds: float = 0.0) -> GateResult:
    """Of a gate that was not run, or not to its end: it has no log, which would be evidence of nothing."""
    return GateResult(gate.name, gate.required, Verdict.SKIPPED, None, seconds, None)


def _kept(order: GateOrder, log: Path, services: Services) -> Digest:
    """A step of its own only where the store did not answer at once: each gate has a log, and a step costs."""
    try:
        return store_log(log, services)
    except MergeHubError as error:
        if not error.retryable:
            raise
        return keep_log(order, log, services)


@step("log of {order.gate.name} on {order.subject}", name="gate log")
def keep_log(order: GateOrder, log: Path, services: Services) -> Digest:  # noqa: ARG001 -- for the name
    """A store that does not answer is asked again, and the gate is not run again."""
    return store_log(log, services)


def evaluate(orders: Sequence[GateOrder], workspace: Workspace, services: Services) -> tuple[GateResult, ...]:
    """
    Runs all gates of one candidate side by side, begun in the order of `orders`.

    Raises what the world did, never what a gate found.
    """
    futures = [_for_gate(order.gate, services).submit(order, workspace, services) for order in orders]
    return tuple(_result(order.gate, future) for order, future in zip(orders, futures, strict=True))


def _for_gate(gate: Gate, services: Services) -> Task[[GateOrder, Workspace, Services], dict[str, Any]]:
    here = run_gate.with_options(result_storage=services.results)
    if gate.cache_lifetime is None:
        return here.with_options(cache_policy=NO_CACHE)
    policy = CacheKeyFnPolicy(cache_key_fn=cache_key)
    return here.with_options(cache_policy=policy, cache_expiration=gate.cache_lifetime)


def _result(gate: Gate, future: PrefectFuture[dict[str, Any]]) -> GateResult:
    future.wait()
    reached(CrashPoint.AFTER_GATE_RESULT)
    state = future.state
    found = state.result(raise_on_failure=False)
    if isinstance(found, GateNotPassed):
        return found.result
    if isinstance(found, BaseException):
        raise found
    # What is required is the configuration's word of today, not the cache's of yesterday.
    return replace(RESULT.validate_python(found), required=gate.required, cached=state.name == "Cached")
