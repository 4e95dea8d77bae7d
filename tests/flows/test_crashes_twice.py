"""Deaths while a death is being put in order, and those that need a story of their own."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tasks.adapters.audit_log import SqlAuditLog
from tasks.adapters.clock import SystemClock
from tasks.crash_points import CrashPoint
from tasks.domain.audit import EventType, RepositoryIdentity
from tasks.domain.records import Recorder
from tasks.domain.segments import MAXIMUM_EVENTS
from tests.flows.crash_stories import MERGED, ROLLED_BACK, SQUASHED, TOGETHER, TURNED_BACK, Story, refuses_messages
from tests.flows.dying import Mortal, Stage, left, planted, survives, undisturbed_without, unlike
from tests.flows.forked import Forks

_BEFORE = {
    CrashPoint.AFTER_MIRROR_BEGUN: CrashPoint.AFTER_MIRROR_BEGUN,
    CrashPoint.AFTER_MIRROR_MADE: CrashPoint.AFTER_MIRROR_BEGUN,
    CrashPoint.AFTER_ABANDONED_WORKSPACE: CrashPoint.AFTER_CHECKOUT,
    CrashPoint.AFTER_LOST_MESSAGE: CrashPoint.AFTER_MESSAGE_SENT,
}
"""After a death behind the push there is most to put in order; but it leaves nothing for these to come to."""

_OF_CLOSING = [
    (CrashPoint.AFTER_LANDING_RECORD, CrashPoint.AFTER_COMMENT),
    (CrashPoint.AFTER_COMMENT, CrashPoint.AFTER_CLOSED),
    (CrashPoint.AFTER_LANDING_FAILURE, CrashPoint.AFTER_COMMENT),
]
_SECOND = (*MERGED.points, CrashPoint.AFTER_RECOVERED_LANDING, *list(_BEFORE)[2:])
TWICE = [
    *((MERGED, _BEFORE.get(second, CrashPoint.AFTER_PUSH), second) for second in _SECOND),
    *((SQUASHED, first, second) for first, second in _OF_CLOSING),
]


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory, forks: tuple[Forks, Forks]) -> Iterator[dict[str, Stage]]:
    with ExitStack() as stack:
        entered = contextmanager(planted)
        yield {
            story.name: stack.enter_context(entered(story, tmp_path_factory, forks))
            for story in (MERGED, SQUASHED, TOGETHER, TURNED_BACK, ROLLED_BACK)
        }


@pytest.mark.long
@pytest.mark.parametrize(("story", "first", "second"), TWICE, ids=lambda each: getattr(each, "name", str(each)))
def test_after_a_death_on_the_way_back_from_a_death_a_rerun_leaves_what_an_undisturbed_run_leaves(
    stages: dict[str, Stage], story: Story, first: CrashPoint, second: CrashPoint
) -> None:
    survives(stages[story.name], first, second)


@pytest.mark.long
@pytest.mark.parametrize(
    ("story", "point"),
    [(story, point) for story in (TOGETHER, ROLLED_BACK) for point in story.points],
    ids=lambda each: getattr(each, "name", str(each)),
)
def test_after_a_death_within_a_change_set_or_a_rollback_a_rerun_leaves_what_an_undisturbed_run_leaves(
    stages: dict[str, Stage], story: Story, point: CrashPoint
) -> None:
    survives(stages[story.name], point)


@pytest.mark.long
def test_a_death_behind_the_alert_that_something_else_landed_leaves_the_alert(stages: dict[str, Stage]) -> None:
    stage = stages[TURNED_BACK.name]
    with stage.performance() as mortal:
        mortal.dies(CrashPoint.AFTER_TREE_ALERT)
        mortal.hub.run()
        kept = mortal.hub.traces()
        mortal.hub.run()

        # Nothing failed but the process: that the repository was stopped did not come about.
        difference = unlike(left(mortal.hub), undisturbed_without(stage.undisturbed(), "repository-failed"))
        assert not difference, difference
        assert mortal.hub.traces() == kept


@pytest.mark.long
def test_a_message_that_was_not_taken_is_sent_by_the_next_run_after_a_death(stages: dict[str, Stage]) -> None:
    stage = stages[MERGED.name]
    with stage.performance() as mortal:
        refuses_messages(mortal.hub.organization)
        mortal.dies(CrashPoint.AFTER_MESSAGE_FAILURE)
        rerun = mortal.hub.run()

        assert rerun.problems == ()
        assert not unlike(left(mortal.hub) | {"told twice": []}, stage.undisturbed())
        assert len(mortal.hub.organization.posts()) == len(mortal.hub.events_of("message.sent")) - 1


@pytest.mark.long
def test_deaths_while_metrics_are_written_leave_whole_files_and_a_rerun_the_same_bytes(
    stages: dict[str, Stage],
) -> None:
    with stages[MERGED.name].performance() as mortal:
        mortal.hub.run()
        mortal.ends("metrics")
        undisturbed = files(mortal.hub.home / "metrics")
        for point in (
            CrashPoint.AFTER_UNFINISHED_FILE,
            CrashPoint.AFTER_METRICS_FILE,
            CrashPoint.AFTER_METRICS,
        ):
            mortal.dies(point, "metrics")
        status = mortal.ends("metrics")

        assert status == 0
        assert files(mortal.hub.home / "metrics") == undisturbed


@pytest.mark.long
def test_a_death_between_two_segments_of_a_long_log_leaves_each_exported_once(stages: dict[str, Stage]) -> None:
    with stages[MERGED.name].performance() as mortal:
        fill_log(mortal, MAXIMUM_EVENTS)
        mortal.dies(CrashPoint.AFTER_SEGMENT)
        after_death = segments(mortal)
        mortal.hub.run()
        kept = mortal.hub.traces()
        mortal.hub.run()

        assert after_death == [f"events/000000000001-{MAXIMUM_EVENTS:012d}.jsonl"]
        assert len(segments(mortal)) == 2
        assert mortal.hub.log_bytes() == b"".join(mortal.hub.evidence()[key] for key in segments(mortal))
        assert mortal.hub.traces() == kept


def fill_log(mortal: Mortal, count: int) -> None:
    """With work of another repository, of which nobody is told."""
    recorder = Recorder("Another", None, RepositoryIdentity(id="4711", name="another/one"))
    log = SqlAuditLog(f"sqlite:///{mortal.hub.home / 'audit.db'}", SystemClock())
    log.append([recorder.event(EventType.GATE_FINISHED, {"tree": str(at)}, {}, {}) for at in range(count)])
    log.close()


def segments(mortal: Mortal) -> list[str]:
    return sorted(key for key in mortal.hub.evidence() if key.startswith("events/"))


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
