"""Deaths while a death is being put in order, and those that need something of their own."""

from collections.abc import Iterator

import pytest

from tasks.adapters.audit_log import SqlAuditLog
from tasks.adapters.clock import SystemClock
from tasks.crash_points import CrashPoint
from tasks.domain.audit import EventType, RepositoryIdentity
from tasks.domain.records import Recorder
from tasks.domain.segments import MAXIMUM_EVENTS
from tests.flows.crash_incidents import TROUBLES
from tests.flows.crash_stories import MERGED, Story
from tests.flows.crash_table import TWICE, WITH_METRICS
from tests.flows.dying import Mortal, Stages, stages_of, survives
from tests.flows.forked import Forks


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory, forks: tuple[Forks, Forks]) -> Iterator[Stages]:
    yield from stages_of(tmp_path_factory, forks)


@pytest.mark.long
@pytest.mark.parametrize(("story", "first", "second"), TWICE, ids=str)
def test_after_a_death_on_the_way_back_from_a_death_a_rerun_leaves_what_an_undisturbed_run_leaves(
    stages: Stages, story: Story, first: CrashPoint, second: CrashPoint
) -> None:
    survives(stages(story), first, second)


@pytest.mark.long
@pytest.mark.parametrize(("story", "point"), [(story, point) for story in TROUBLES for point in story.points], ids=str)
def test_after_a_death_in_the_midst_of_trouble_a_rerun_leaves_what_an_undisturbed_run_leaves(
    stages: Stages, story: Story, point: CrashPoint
) -> None:
    survives(stages(story), point)


@pytest.mark.long
@pytest.mark.parametrize("story", WITH_METRICS, ids=str)
def test_deaths_while_metrics_are_written_leave_whole_files_and_a_rerun_the_same_bytes(
    stages: Stages, story: Story
) -> None:
    with stages(story).performance() as mortal:
        mortal.hub.run()
        mortal.ends("metrics")
        undisturbed = mortal.hub.metrics()
        for point in (CrashPoint.AFTER_UNFINISHED_FILE, CrashPoint.AFTER_METRICS_FILE, CrashPoint.AFTER_METRICS):
            mortal.dies(point, "metrics")
        status = mortal.ends("metrics")

        assert status == 0
        assert mortal.hub.metrics() == undisturbed


@pytest.mark.long
def test_a_death_between_two_segments_of_a_long_log_leaves_each_exported_once(stages: Stages) -> None:
    with stages(MERGED).performance() as mortal:
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
