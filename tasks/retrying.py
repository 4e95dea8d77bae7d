"""Which failures of a step are worth another try: those that say so themselves, and no other."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypedDict, TypeVar

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.utilities.annotations import quote

from tasks.domain.errors import MergeHubError
from tasks.redaction import without_secrets

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


class Step(Task[P, R]):
    """
    A task that is handed its arguments as they are.

    Prefect looks for futures in everything that an argument is made of, twice a task: in a journey of a thousand pull
    requests half a second each time. No step is given any.
    """

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:  # type: ignore[override]  # a step is called plainly
        named = {name: quote(value) for name, value in kwargs.items()}
        return super().__call__(*map(quote, args), **named)  # type: ignore[arg-type]  # unwrapped again


def step(run_name: str, *, name: str | None = None) -> Callable[[Callable[P, R]], Step[P, R]]:
    """
    A Prefect task that is tried again where that is worth it, and whose result is never cached.

    What it does may happen twice, so it must come to the same. `run_name` is filled in with the arguments; without
    `name` the task is called as the function is.
    """

    def made(function: Callable[P, R]) -> Step[P, R]:
        return Step(
            without_secrets(function),
            name=name,
            task_run_name=run_name,
            cache_policy=NO_CACHE,
            **RETRIES,
        )

    return made
