"""A long run: what it records is sealed while it goes on."""

import time
from pathlib import Path

import pytest

from tasks.sealing import seal_log, sealed_meanwhile
from tests.domain.chronicle import Story, held
from tests.tasks.evidence_of_landings import lands
from tests.tasks.office import Office

PATIENCE = 20.0


def checkpoints(office: Office) -> list[int]:
    found = (office.folder / "evidence" / "checkpoints").glob("*.txt")
    return sorted(int(Path(each).stem) for each in found)


def waits_for(office: Office, size: int) -> bool:
    until = time.monotonic() + PATIENCE
    while size not in checkpoints(office) and time.monotonic() < until:
        time.sleep(0.01)
    return size in checkpoints(office)


def test_events_do_not_wait_for_the_end_of_a_long_run_to_be_signed(office: Office, story: Story) -> None:
    with sealed_meanwhile(office.services, every=0.02):
        lands(office, story, 1)
        first = waits_for(office, 3)
        story.stops(2, held())
        second = waits_for(office, 4)

    assert (first, second) == (True, True)
    assert seal_log.fn(office.services) is not None
    assert checkpoints(office)[-1] == 4


def test_nothing_is_signed_where_nothing_happens(office: Office, story: Story) -> None:
    lands(office, story, 1)
    with sealed_meanwhile(office.services, every=0.01):
        time.sleep(0.2)

    assert checkpoints(office) == []


def test_what_cannot_be_sealed_meanwhile_does_not_stop_the_run(office: Office, story: Story) -> None:
    (office.folder / "evidence").write_text("no directory")
    with sealed_meanwhile(office.services, every=0.01):
        story.stops(1, held())
        time.sleep(0.2)

    assert office.services.log.size() == 1


def test_the_sealing_beside_ends_with_the_run_however_that_ends(office: Office, story: Story) -> None:
    with pytest.raises(RuntimeError, match="over"), sealed_meanwhile(office.services, every=0.01):  # noqa: PT012 -- the end of the block is what it is about
        story.stops(1, held())
        raise RuntimeError("over")
    before = checkpoints(office)
    story.stops(2, held())
    time.sleep(0.1)

    assert checkpoints(office) == before
