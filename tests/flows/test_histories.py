"""
Made-up organizations live for a while under the hub, and every invariant holds after each of its runs.

A history is the life of one repository: several steps in which people do things, also in the middle of a run, and the
world lets the hub down. An organization is the same for the same seed, which is the number in its test's name; only
what threads are quicker at can differ. MERGE_HUB_HISTORIES says how many histories there are; seeds go on from there.
What they met is printed at the end, and of 200 and more nothing that is needed may be missing.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flows import wiring
from tests.adapters.facts import SetClock
from tests.flows.histories.coverage import MET, TOGETHER, met_by
from tests.flows.histories.organization import found
from tests.flows.hub import Hub
from tests.flows.sweeps import mostly_long

ALL = int(os.environ.get("MERGE_HUB_HISTORIES", "204"))
SEEDS = range(max(1, -(-ALL // TOGETHER)))
AGAIN = "MERGE_HUB_HISTORIES={enough} pytest 'tests/flows/test_histories.py' -k '[{seed}]'"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """The time at which the hub runs: the one thing of the outside that no server can be asked to answer."""
    clock = SetClock()
    monkeypatch.setattr(wiring, "SystemClock", lambda: clock)
    return clock


@pytest.mark.parametrize("seed", mostly_long(SEEDS))
def test_whatever_people_and_the_world_do_every_invariant_holds(
    hub: Hub, clock: SetClock, tmp_path: Path, seed: int, record_property: Callable[[str, object], None]
) -> None:
    life = found(hub, tmp_path / "moments", clock, seed, TOGETHER)

    life.live()
    record_property(MET, dict(life.met + met_by(life.runs, life.log.events())))
    again = AGAIN.format(enough=(seed + 1) * TOGETHER, seed=seed)

    assert not life.broken, "\n".join([*life.broken, f"Once more: {again}"])
