"""Which failures of a step are worth another try: those that say so themselves, and no other."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypedDict, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun

from tasks.domain.errors import MergeHubError

P = ParamSpec("P")
R = TypeVar("R")

DELAYS = [0.5, 2.0]
"""Seconds before the second and the third try."""


class Retries(TypedDict):
    retries: int
    retry_delay_seconds: list[float]
    retry_condition_fn: Callable[[Task[..., Any], TaskRun, State[Any]], bool]


def failure_of(state: State[Any]) -> object:
    """What a failed attempt raised."""
    return state.data if isinstance(state.data, BaseException) else state.result(raise_on_failure=False)


def worth_retrying(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """A `retry_condition_fn`: an error is permanent unless its class says otherwise."""
    error = failure_of(state)
    return isinstance(error, MergeHubError) and error.retryable


RETRIES: Retries = {
    "retries": len(DELAYS),
    "retry_delay_seconds": DELAYS,
    "retry_condition_fn": worth_retrying,
}


def step(run_name: str, *, name: str | None = None) -> Callable[[Callable[P, R]], Task[P, R]]:
    """
    A Prefect task that is tried again where that is worth it, and whose result is never cached.

    What it does may happen twice, so it must come to the same. `run_name` is filled in with the arguments; without
    `name` the task is called as the function is.
    """
    return task(name=name, task_run_name=run_name, cache_policy=NO_CACHE, **RETRIES)
