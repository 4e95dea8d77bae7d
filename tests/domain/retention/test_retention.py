from datetime import UTC, datetime, timedelta

import pytest

from tasks.domain.retention import LONGEST_RUN, KeptRun, expired_runs

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def run(*, ago: timedelta, finished: bool = True) -> KeptRun:
    begun = NOW - ago
    return KeptRun(f"{begun:%Y%m%dT%H%M%SZ}-0a1b2c", begun, finished)


OLD, LATER, LATEST = (run(ago=timedelta(days=days)) for days in (30, 20, 10))


@pytest.mark.parametrize(("keep", "gone"), [(1, (OLD, LATER)), (2, (OLD,)), (3, ()), (4, ())])
def test_all_but_the_latest_go_the_oldest_first(keep: int, gone: tuple[KeptRun, ...]) -> None:
    assert expired_runs([LATER, LATEST, OLD], keep, NOW) == tuple(each.run_id for each in gone)


def test_a_run_that_may_be_under_way_stays_however_many_began_later() -> None:
    under_way, killed = run(ago=timedelta(hours=23), finished=False), run(ago=LONGEST_RUN, finished=False)
    later = run(ago=timedelta())

    assert expired_runs([under_way, killed, later], 1, NOW) == (killed.run_id,)


def test_the_name_of_a_run_tells_when_it_began() -> None:
    assert KeptRun.named("20260310T115900Z-0a1b2c", finished=True) == KeptRun(
        "20260310T115900Z-0a1b2c", datetime(2026, 3, 10, 11, 59, tzinfo=UTC), finished=True
    )


@pytest.mark.parametrize(
    "name", ["notes", "20260310T115900Z", "20261310T115900Z-0a1b2c", "20260310T115900Z-0a1b2c.old"]
)
def test_what_is_no_run_is_left_to_whoever_put_it_there(name: str) -> None:
    assert KeptRun.named(name, finished=True) is None
