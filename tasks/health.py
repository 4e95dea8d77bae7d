"""
The health of something that has landed, as a Prefect task that is tried again until it is good or out of time.

Prefect waits between two tries, and shows how many there were.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun

from config.schema import HealthCheck
from tasks.domain.gates import GateResult
from tasks.domain.health import Heard, as_gate, heard_of_command, interval, times, until, with_commit
from tasks.domain.model import CommitSha, Digest
from tasks.evidence import store_by_digest
from tasks.ports import Services
from tasks.redaction import without_secrets
from tasks.retrying import failure_of, step
from tasks.workspace import Workspace

MOST_OUTPUT = 1024 * 1024
"""Bytes of a command's output in which what is expected is looked for."""


@dataclass(frozen=True, slots=True)
class HealthOrder:
    """`commit` is what answers now, the landed one or what is on top of it; `landed_at` is None where nobody knows."""

    check: HealthCheck
    commit: CommitSha
    named: str
    landed_at: datetime | None


class NotHealthy(Exception):
    """Raised so that Prefect asks again; it is a value again as soon as it leaves the task."""

    def __init__(self, heard: Heard) -> None:
        super().__init__(heard.said)
        self.heard = heard


def ask_after_health(order: HealthOrder, workspace: Workspace, services: Services) -> GateResult:
    """Good as soon as it is, and not good where it was not until its deadline; asked once at least."""
    began = services.clock.now()
    landed_at = order.landed_at or began
    deadline = until(order.check, landed_at)

    def not_too_late(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
        return isinstance(failure_of(state), NotHealthy) and services.clock.now() < deadline

    here = ask_once.with_options(
        retries=times(order.check), retry_delay_seconds=interval(order.check), retry_condition_fn=not_too_late
    )
    state = here(order, workspace, services, return_state=True)
    found = failure_of(state)
    heard = found.heard if isinstance(found, NotHealthy) else found
    if not isinstance(heard, Heard):
        raise heard if isinstance(heard, BaseException) else TypeError(type(heard).__name__)
    seconds = max(0.0, (services.clock.now() - landed_at).total_seconds())
    said = f"health {order.check.name} of {order.named} at {order.commit}: {heard.said}\n"
    log = keep_what_was_heard(order, said.encode(), services)
    check = order.check
    return GateResult(check.name, check.required, heard.verdict, heard.exit_code, seconds, log)


@task(name="health", task_run_name="health {order.check.name} of {order.named}", cache_policy=NO_CACHE)
@without_secrets
def ask_once(order: HealthOrder, workspace: Workspace, services: Services) -> Heard:
    """Raises NotHealthy for any answer that is not a good one."""
    heard = _heard(order, workspace, services)
    if not heard.healthy:
        raise NotHealthy(heard)
    return heard


def _heard(order: HealthOrder, workspace: Workspace, services: Services) -> Heard:
    asked, expected = order.check.health, with_commit(order.check.health.expect, order.commit)
    if asked.url is not None:
        return services.health.ask(with_commit(asked.url, order.commit) or "", expected)
    now = services.clock.now()
    left = until(order.check, order.landed_at or now) - now
    gate = as_gate(order.check, asked.command or "", order.commit, left.total_seconds())
    log = workspace.log_for(gate)
    result = services.gates.run(gate, workspace.checkout(), log)
    with log.open("rb") as output:
        holds = expected is None or expected.encode() in output.read(MOST_OUTPUT)
    return heard_of_command(result, holds=holds)


@step("what {order.named} was heard of", name="health log")
def keep_what_was_heard(order: HealthOrder, said: bytes, services: Services) -> Digest:  # noqa: ARG001 -- for the name
    return store_by_digest(said, services, "text/plain; charset=utf-8")
