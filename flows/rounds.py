"""Journeys side by side, and again where one repository waited for what another has landed meanwhile."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from tasks.domain.run import Assignment, Result, joined, to_run_again

MAXIMUM_AT_ONCE = 8
"""On SQLite, Prefect's server answers more subflows than this with 503 rather than faster."""

Results = dict[Assignment, Result]


def in_rounds(chosen: Sequence[Assignment], journey: Callable[[Assignment], Result]) -> Results:
    """`journey` answers for every failure itself; a repository that is run again has one result, of all its rounds."""
    latest = side_by_side(chosen, journey)
    results = dict(latest)
    while again := to_run_again(results, latest):
        latest = side_by_side(again, journey)
        results |= {assignment: joined(results[assignment], result) for assignment, result in latest.items()}
    return results


def side_by_side(chosen: Sequence[Assignment], journey: Callable[[Assignment], Result]) -> Results:
    """Each in a thread of its own, within the calling flow run."""
    with ThreadPoolExecutor(max_workers=MAXIMUM_AT_ONCE, thread_name_prefix="repository") as pool:
        futures = {each: pool.submit(copy_context().run, journey, each) for each in chosen}
        return {each: future.result() for each, future in futures.items()}
