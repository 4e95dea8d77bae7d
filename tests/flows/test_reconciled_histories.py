"""After whatever people and the world did, reconciliation finds what went around the hub, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.facts import SetClock
from tests.flows.histories.coverage import TOGETHER
from tests.flows.histories.history import History
from tests.flows.histories.organization import found
from tests.flows.hub import Hub
from tests.flows.test_histories import clock

__all__ = ["clock"]
"""A fixture, which pytest finds by its name."""


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_what_people_pushed_is_found_and_what_the_hub_landed_is_not(
    hub: Hub, clock: SetClock, tmp_path: Path, seed: int
) -> None:
    life = found(hub, tmp_path / "moments", clock, seed, TOGETHER)
    life.live()
    refs = {each["repository"]: each for each in hub.reconcile().document["refs"]}
    kept = hub.log_bytes()
    hub.reconcile()

    assert hub.log_bytes() == kept
    assert [said for each in life.histories for said in wrong(each, dict(refs[each.name]))] == []


def wrong(history: History, ref: dict[str, object]) -> Iterator[str]:
    if ref["status"] == "failed":
        yield f"{history.name}: {ref['error']}"
        return
    total, repository = ref["total"], history.repository
    assert isinstance(total, dict)
    line = repository.history(str(total["since"]))
    counted = len(repository.git("rev-list", f"{total['since']}..main").split())
    events = [event for event in history.events() if event["type"] == "bypass.found"]
    named = {str(event["subject"]["commit"]) for event in events if "commit" in event["subject"]}
    alarmed = {
        str(event["subject"]["commit"])
        for event in history.events()
        if event["data"].get("alert") == "landed-tree-differs"
    }
    pushed = set(line) & history.people.pushed
    if total["commits"] != counted:
        yield f"{history.name}: {total['commits']} commits were looked at of {counted}"
    if blamed := (set(line) & named) - pushed - alarmed:
        yield f"{history.name}: nobody but the hub made {sorted(blamed)}"
    if missed := {
        each for each in pushed - named if len(repository.git("rev-list", "-1", "--parents", each).split()) < 3
    }:
        yield f"{history.name}: {sorted(missed)} was pushed, and is not found"
