"""Evidence from the configuration to the command that verifies it."""

import json
import signal
from pathlib import Path

import pytest

from tasks.adapters.gate_runner.supervision import Isolation, strongest_isolation
from tests.flows.hub import Hub
from tests.flows.test_command_line import merge_hub
from tests.tasks.authority import needs_openssl, serving


@needs_openssl
@pytest.mark.parametrize("point", ["after-checkpoint", "after-copy", "after-anchor"])
def test_what_is_signed_is_copied_and_stamped_and_a_stranger_can_tell(hub: Hub, tmp_path: Path, point: str) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    copies = tmp_path / "copies"
    with serving(tmp_path / "authority") as authority:
        anchor = {"authority": authority.address, "certificates": str(authority.certificates)}
        hub.config.global_["audit"] = {"copies": {"type": "local", "path": str(copies)}, "sealing": {"anchor": anchor}}
        hub.config.write()
        api.pull_request("one", approved_by=["carol"])
        dying = hub.start(MERGE_HUB_CRASH_AT=point)
        dying.communicate(timeout=120)
        run = hub.run()
        kept, stamps = hub.traces(), authority.asked
        hub.run()
        command = ["verify", str(hub.home / "evidence"), "--tsa", str(authority.certificates), "--json"]
        given = merge_hub("keys", home=hub.home, **_without_home(hub)).stdout.split()
        found = merge_hub(*command, *(part for key in given for part in ("--key", key)), home=hub.home)

    assert dying.returncode == -signal.SIGKILL
    assert (hub.traces(), authority.asked) == (kept, stamps)
    assert found.returncode == 0, found.stdout + found.stderr
    verified = json.loads(found.stdout)
    assert (verified["root"], verified["events_not_anchored"]) == (run.document["audit"]["root"], 0)
    assert sorted(path.name for path in (copies / "checkpoints").iterdir()) == [Path(verified["checkpoint"]).name]


@needs_openssl
def test_an_authority_that_stays_away_is_one_incident_however_often_it_is_asked(hub: Hub, tmp_path: Path) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    with serving(tmp_path / "authority") as authority:
        anchor = {"authority": authority.address, "certificates": str(authority.certificates)}
    hub.config.global_["audit"] = {"sealing": {"anchor": anchor}}
    api.pull_request("one", approved_by=["carol"])
    runs = [hub.run(), hub.run()]
    told = [post for post in hub.organization.posts() if "nobody outside has seen the audit log" in str(post)]

    assert [["was not shown to anybody outside" in each for each in run.problems] for run in runs] == [[True], [True]]
    assert [event["data"]["alert"] for event in hub.events_of("alert.raised")] == ["log-not-anchored"]
    assert len(told) == 1
    assert runs[1].document["audit"]["last_anchor"] is None


@pytest.mark.skipif(strongest_isolation() is Isolation.PROCESS_TREE, reason="a gate sees all without namespaces")
def test_no_gate_sees_the_keys_the_copies_or_the_evidence_wherever_they_are_kept(hub: Hub, tmp_path: Path) -> None:
    api = hub.organization.repository("api")
    places = {name: tmp_path / "elsewhere" / name for name in ("keys", "copies", "evidence")}
    looks = "; ".join(f'test -z "$(ls -A {place} 2>/dev/null)" || exit 1' for place in places.values())
    hub.config.team("team-a", api, gates=[{"name": "curious", "command": looks}])
    hub.config.global_["audit"] = {
        "storage": {"type": "local", "path": str(places["evidence"])},
        "copies": {"type": "local", "path": str(places["copies"])},
        "sealing": {"keys": {"type": "files", "path": str(places["keys"])}},
    }
    hub.config.write()
    api.pull_request("first", approved_by=["carol"])
    hub.run()
    second = api.pull_request("second", approved_by=["carol"])

    assert hub.run().told(second) == ["merged"]
    assert all(any(place.iterdir()) for place in places.values())


def test_keys_that_are_none_and_stores_that_are_none_are_bad_usage(tmp_path: Path) -> None:
    key = "log.example+d9ad1a3f+AQ=="
    told = [
        merge_hub("verify", str(tmp_path), "--key", key, home=tmp_path),
        merge_hub("verify", str(tmp_path), "--key", "no-such-file", home=tmp_path),
        merge_hub("verify", str(tmp_path), home=tmp_path),
    ]

    assert [each.returncode for each in told] == [2, 2, 2], [each.stderr for each in told]
    assert "merge-hub keys" in told[0].stderr


def _without_home(hub: Hub) -> dict[str, str]:
    return {name: value for name, value in hub.environment.items() if name != "MERGE_HUB_HOME"}
