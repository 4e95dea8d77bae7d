"""Several runs over the same organization at the same time: each pull request lands once, and is told of once."""

import json
import subprocess
from pathlib import Path

import pytest

from tasks.crash_points import VARIABLE, CrashPoint
from tests.flows.crash_incidents import IN_SET
from tests.flows.hub import Hub, Run
from tests.flows.pause import wait_for
from tests.flows.signers import NEEDS_OPENSSH, awaited, signer
from tests.flows.world import PullRequest, Repository


@pytest.fixture
def api(hub: Hub) -> Repository:
    repository = hub.organization.repository("api")
    hub.config.team("team-a", repository, policies={"max_prs_per_batch": 2})
    return repository


def several(api: Repository) -> tuple[list[PullRequest], PullRequest]:
    return [api.pull_request(f"topic-{at}") for at in range(5)], api.pull_request("bad", {"broken": "yes\n"})


def at_once(*hubs: Hub) -> list[Run]:
    return [ended(process) for process in [each.start() for each in hubs]]


def ended(process: "subprocess.Popen[bytes]") -> Run:
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err.decode()
    document = json.loads(out)
    return Run(document["document"], tuple(document["problems"]))


def landed(hub: Hub) -> list[tuple[str, int]]:
    done = hub.events_of("merge.completed")
    return sorted((event["repository"]["name"], event["subject"]["pull_request"]) for event in done)


def test_two_processes_with_one_home_land_everything_once(hub: Hub, api: Repository) -> None:
    good, bad = several(api)

    runs = at_once(hub, hub)
    hub.run()
    kept = hub.traces()
    hub.run()

    assert [run.problems for run in runs] == [(), ()]
    assert {each.state for each in good} == {"merged"}
    assert bad.state == "open"
    assert [number for _, number in landed(hub)] == [each.number for each in good]
    assert sorted(api.files()) == sorted(["README.md", *(f"{each.branch}.txt" for each in good)])
    assert hub.traces() == kept


@pytest.mark.long
def test_two_processes_with_different_homes_overwrite_nothing(hub: Hub, api: Repository, tmp_path: Path) -> None:
    good, bad = several(api)
    home = tmp_path / "other-home"
    elsewhere = {"MERGE_HUB_HOME": str(home)}
    other = Hub(hub.organization, home, hub.config, {**hub.environment, **elsewhere}, hub.prefect)

    runs = at_once(hub, other)
    hub.run()
    other.run()

    assert [run.problems for run in runs] == [(), ()]
    assert {each.state for each in good} == {"merged"}
    assert bad.state == "open"
    assert sorted(api.files()) == sorted(["README.md", *(f"{each.branch}.txt" for each in good)])
    merges = [merge for merge in api.git("log", "--merges", "--format=%s", "main").splitlines() if merge]
    assert len(merges) == len(set(merges)) == len(good)


def test_of_three_one_is_killed_at_its_gates_and_the_others_finish_what_it_began(
    hub: Hub, api: Repository, tmp_path: Path
) -> None:
    begun, goes_on = tmp_path / "begun", tmp_path / "goes-on"
    slow = f"touch {begun}; until test -e {goes_on}; do sleep 0.02; done; test ! -e broken"
    hub.config.team("team-a", api, gates=[{"name": "tests", "command": slow}], policies={"max_prs_per_batch": 2})
    good, bad = several(api)

    dying = hub.start()
    wait_for(begun.exists)
    others = [hub.start(), hub.start()]
    dying.kill()
    dying.communicate(timeout=120)
    goes_on.touch()
    runs = [ended(each) for each in others]
    hub.run()
    kept = hub.traces()
    hub.run()

    assert [run.problems for run in runs] == [(), ()]
    assert [number for _, number in landed(hub)] == [each.number for each in good]
    assert bad.state == "open"
    assert hub.leftovers() == []
    assert hub.traces() == kept


@pytest.mark.parametrize("point", [None, CrashPoint.AFTER_LANDING_RECORD])
def test_two_processes_land_a_change_set_once_and_whole(hub: Hub, point: CrashPoint | None) -> None:
    """Where one of them dies, it is between the first member of the set and the second."""
    api, web = (hub.organization.repository(name) for name in ("api", "web"))
    hub.config.team("team-a", api)
    hub.config.team("team-b", web, policies={"method": "squash"})
    members = [each.pull_request("part", body=IN_SET) for each in (api, web)]

    one = hub.start(**({} if point is None else {VARIABLE: point.value}))
    other = hub.start()
    one.communicate(timeout=240)
    ended(other)
    hub.run()
    kept = hub.traces()
    hub.run()

    assert landed(hub) == [(each.repository.full_name, each.number) for each in members]
    told = [event["repository"]["name"] for event in hub.events_of("set.completed")]
    assert sorted(told) == sorted([api.full_name, web.full_name])
    assert hub.events_of("set.broken") == hub.events_of("rollback.completed") == []
    assert hub.traces() == kept


@NEEDS_OPENSSH
def test_two_processes_ask_once_for_signatures_and_land_once_what_is_signed(hub: Hub, tmp_path: Path) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, policies={"sign_off": [{"role": "platform-lead"}]})
    one, two = api.pull_request("one"), api.pull_request("two")
    dave = signer(hub, tmp_path, "dave", "platform-lead")

    at_once(hub, hub)
    asked = [mail for mail in hub.organization.mails() if "signatures" in mail["subject"]]
    (plan,) = awaited(hub)
    dave.signs(plan["plan"], "platform-lead")
    at_once(hub, hub)
    hub.run()
    kept = hub.traces()
    hub.run()

    assert (len(asked), len(hub.events_of("signature.asked"))) == (1, 1)
    assert landed(hub) == [(api.full_name, each.number) for each in (one, two)]
    assert hub.traces() == kept
