"""How far a run may go: observing changes nothing anywhere, gating lands nothing."""

import hashlib
from pathlib import Path

import pytest

from tests.flows.hub import Hub


def contents(folder: Path) -> dict[str, str]:
    """A digest of every file, by name."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("team_stage", ["observe", "merge"])
def test_observing_changes_nothing(hub: Hub, team_stage: str) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, stage=team_stage)
    good, bad = api.pull_request("good"), api.pull_request("bad", {"broken": "yes\n"})
    waiting = api.pull_request("waiting", approved_by=[])
    before = contents(api.directory)

    run = hub.run(stage="observe")

    assert run.told(good, bad, waiting) == ["held: stage-observe", "held: stage-observe", "held: approvals-missing"]
    assert contents(api.directory) == before
    assert hub.events() == []
    assert hub.evidence() == {}
    assert run.gate_runs() == []
    assert (hub.organization.posts(), hub.organization.mails()) == ([], [])


def test_observing_after_a_run_leaves_the_log_and_the_evidence_as_they_are(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    good, bad = api.pull_request("good"), api.pull_request("bad", {"broken": "yes\n"})
    hub.run()
    api.pull_request("new")
    kept, bytes_kept = hub.traces(), contents(hub.home / "evidence")

    run = hub.run(stage="observe")

    assert run.told(bad) == ["refused: gate-failed"]
    assert good.state == "merged"
    assert hub.traces() == kept
    assert contents(hub.home / "evidence") == bytes_kept


@pytest.mark.parametrize(("team_stage", "stage"), [("gate", "merge"), ("merge", "gate")])
def test_gating_lands_nothing_and_says_what_would_land(hub: Hub, team_stage: str, stage: str) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, stage=team_stage)
    good, bad = api.pull_request("good"), api.pull_request("bad", {"broken": "yes\n"})
    base = api.tip()

    run = hub.run(stage=stage)

    assert run.told(good, bad) == ["held: stage-gate", "refused: gate-failed"]
    assert api.tip() == base
    assert hub.events_of("merge.intent") == []


def test_each_team_goes_as_far_as_its_own_stage(hub: Hub) -> None:
    a, b, c = (hub.organization.repository(name) for name in ("a", "b", "c"))
    for name, repository, stage in (("team-a", a, "observe"), ("team-b", b, "gate"), ("team-c", c, "merge")):
        hub.config.team(name, repository, stage=stage)
    ones = [repository.pull_request("one") for repository in (a, b, c)]

    run = hub.run()

    assert run.told(*ones) == ["held: stage-observe", "held: stage-gate", "merged"]


def test_what_was_gated_before_lands_without_another_gate_run(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    one = api.pull_request("one")
    hub.run(stage="gate")

    run = hub.run(stage="merge")

    assert run.told(one) == ["merged"]
    assert [row["cached"] for row in run.gate_runs()] == [True]
