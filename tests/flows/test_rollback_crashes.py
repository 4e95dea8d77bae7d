"""A process may die anywhere between a landing and the end of its rollback: the next run finishes it, once."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tasks.crash_points import CrashPoint
from tests.flows.crash_stories import Story
from tests.flows.dying import Stage, left, planted, unlike
from tests.flows.forked import Forks
from tests.flows.hub import Configuration
from tests.flows.sweeps import mostly_long
from tests.flows.world import Organization

METHODS = ("merge", "squash", "rebase")
POINTS = [
    (CrashPoint.AFTER_ROLLBACK_PUSH, "squash"),
    (CrashPoint.AFTER_POST_LANDING_RECORDS, "merge"),
    (CrashPoint.AFTER_PUSH, "rebase"),
    (CrashPoint.AFTER_LANDING_RECORD, "merge"),
    (CrashPoint.AFTER_CLOSING, "squash"),
    (CrashPoint.AFTER_POST_LANDING_RECORDS, "squash"),
    (CrashPoint.AFTER_ROLLBACK_GATES, "merge"),
    (CrashPoint.AFTER_ROLLBACK_INTENT, "merge"),
    (CrashPoint.AFTER_ROLLBACK_INTENT, "rebase"),
    (CrashPoint.AFTER_ROLLBACK_PUSH, "merge"),
    (CrashPoint.AFTER_ROLLBACK_COMMENT, "merge"),
    (CrashPoint.AFTER_ROLLBACK_RECORD, "squash"),
    (CrashPoint.AFTER_ROLLBACK_RECORD, "merge"),
    (CrashPoint.AFTER_OUTCOME_RECORDS, "merge"),
]


def _a_batch_to_take_back(organization: Organization) -> None:
    """It fails once it has landed, one more needs it, and another one does well."""
    api = organization.repository("api")
    api.pull_request("good")
    api.pull_request("bad", {"smoking": "yes\n"})
    api.pull_request("needing", depends_on=["#1"])
    api.pull_request("other")


def _story(method: str) -> Story:
    def configure(config: Configuration, organization: Organization) -> None:
        policies = {"rollback_on_gate_failure": True, "method": method, "max_prs_per_batch": 2}
        smoke = {"name": "smoke", "command": "test ! -e smoking"}
        config.team("team-a", *organization.repositories, policies=policies, post_landing=[smoke])

    return Story(f"taken-back-{method}", _a_batch_to_take_back, configure, frozenset(CrashPoint), None)


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory, forks: tuple[Forks, Forks]) -> Iterator[dict[str, Stage]]:
    with ExitStack() as stack:
        entered = contextmanager(planted)
        yield {method: stack.enter_context(entered(_story(method), tmp_path_factory, forks)) for method in METHODS}


@pytest.mark.parametrize(("point", "method"), mostly_long(POINTS))
def test_after_a_death_on_the_way_a_rerun_leaves_what_an_undisturbed_run_leaves(
    stages: dict[str, Stage], point: CrashPoint, method: str
) -> None:
    with stages[method].performance() as mortal:
        mortal.dies(point)
        mortal.hub.run()
        difference = unlike(left(mortal.hub), stages[method].undisturbed())
        kept = mortal.hub.traces()
        again = mortal.hub.run()

        assert not difference, difference
        assert again.gate_runs() == []
        assert mortal.hub.traces() == kept
