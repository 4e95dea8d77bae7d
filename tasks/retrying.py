"""Which failures of a step are worth another try: those that say so themselves, and no other."""

from typing import Any

from prefect import Task
from prefect.client.schemas.objects import State, TaskRun

from tasks.domain.errors import MergeHubError

DELAYS = [0.5, 2.0]
"""Seconds before the second and the third try."""


def worth_retrying(_task: Task[Any, Any], _run: TaskRun, state: State[Any]) -> bool:
    """A `retry_condition_fn`: an error is permanent unless its class says otherwise."""
    error = state.data if isinstance(state.data, BaseException) else state.result(raise_on_failure=False)
    return isinstance(error, MergeHubError) and error.retryable
