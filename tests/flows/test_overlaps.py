"""Somebody else is at work at the worst moment: another hub, or a person who pushes, forward or back."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.flows.dying import Mortal
from tests.flows.forked import Forks
from tests.flows.hub import NOT_BROKEN, Hub
from tests.flows.proxy import between
from tests.flows.sweeps import mostly_long
from tests.flows.world import PullRequest, Repository

Moment = Callable[[Hub, str, str], bool]


def gated(hub: Hub, method: str, path: str) -> bool:
    """The gates are done, and what is to land is read again; nobody holds the mirror."""
    return method == "POST" and path.endswith("graphql") and bool(hub.events_of("gate.finished"))


def announced(hub: Hub, method: str, path: str) -> bool:
    """The landing is announced, and the hub is about to reach for the branch."""
    return method == "GET" and "/repositories/" in path and bool(hub.events_of("merge.intent"))


def merging(_: Hub, method: str, path: str) -> bool:
    """The code host is about to be asked for the merge."""
    return method == "PUT" and path.endswith("/merge")


@contextmanager
def meanwhile(hub: Hub, moment: Moment, act: Callable[[], object]) -> Iterator[list[str]]:
    """`act` is done once, at `moment`; what it did is in the list."""
    done: list[str] = []

    def before(method: str, path: str) -> None:
        if not done and moment(hub, method, path):
            done.append(path)
            act()

    with between(hub) as host:
        host.before = before
        yield done


def elsewhere(hub: Hub, home: Path, forks: tuple[Forks, Forks]) -> Mortal:
    """Another hub over the same organization, in processes of its own."""
    environment = {**hub.environment, "MERGE_HUB_HOME": str(home)}
    home.parent.mkdir(parents=True, exist_ok=True)
    return Mortal(Hub(hub.organization, home, hub.config, environment, hub.prefect), forks[0])


def subjects(api: Repository, base: str) -> list[str]:
    """Of what landed, in order."""
    return api.git("log", "--first-parent", "--reverse", "--format=%s", f"{base}..main").splitlines()


def completed(hub: Hub) -> Counter[int]:
    return Counter(event["subject"]["pull_request"] for event in hub.events_of("merge.completed"))


@pytest.fixture
def api(hub: Hub) -> Repository:
    return hub.organization.repository("api")


OVERLAPS = [
    (gated, "fast-forward", "merge"),
    (announced, "fast-forward", "merge"),
    (announced, "fast-forward", "squash"),
    (gated, "api", "merge"),
    (merging, "api", "squash"),
]


@pytest.mark.parametrize("overlap", mostly_long([(each,) for each in OVERLAPS], often=2))
def test_what_another_hub_lands_at_the_worst_moment_lands_once_and_both_find_nothing_more_to_do(
    hub: Hub, api: Repository, tmp_path: Path, forks: tuple[Forks, Forks], overlap: tuple[Moment, str, str]
) -> None:
    moment, landing, method = overlap
    hub.config.team("team-a", api, policies={"landing": landing, "method": method})
    pulls = [api.pull_request(name) for name in ("one", "two")]
    base = str(api.tip())
    other = elsewhere(hub, tmp_path / "other" / "home", forks)
    later: list[PullRequest] = []

    def other_lands() -> None:
        later.append(api.pull_request("later"))
        assert other.ends() == 0, other.said

    with meanwhile(hub, moment, other_lands) as done:
        run = hub.run()
    hub.run()
    other.hub.run()
    kept = (hub.traces(), other.hub.traces())
    again = [hub.run(), other.hub.run()]

    assert done
    assert run.problems == ()
    assert {told.split(":")[0] for told in run.told(*pulls)} <= {"merged", "held"}
    assert len(subjects(api, base)) == len(set(subjects(api, base))) == 3
    assert {each.state for each in (*pulls, *later)} <= {"merged", "closed"}
    assert {*completed(hub).values(), *completed(other.hub).values()} == {1}
    assert (hub.traces(), other.hub.traces()) == kept
    assert [each.gate_runs() for each in again] == [[], []]


def test_another_process_of_the_same_hub_at_the_worst_moment_lands_and_tells_everything_once(
    hub: Hub, api: Repository, tmp_path: Path, forks: tuple[Forks, Forks]
) -> None:
    hub.config.team("team-a", api)
    pulls = [api.pull_request(name) for name in ("one", "two")]
    other = elsewhere(hub, hub.home, forks)

    with meanwhile(hub, gated, other.ends) as done:
        run = hub.run()
    hub.run()
    kept = hub.traces()
    hub.run()

    told = Counter((event["subject"]["channel"], event["data"]["key"]) for event in hub.events_of("message.intended"))
    assert done
    assert run.problems == ()
    assert completed(hub) == {each.number: 1 for each in pulls}
    assert set(told.values()) == {1}
    assert hub.traces() == kept


@pytest.mark.parametrize("method", mostly_long(["merge", "squash"]))
def test_two_hubs_that_push_at_the_same_moment_land_once(
    hub: Hub, api: Repository, tmp_path: Path, method: str
) -> None:
    hub.config.team("team-a", api, policies={"method": method})
    pulls = [api.pull_request(name) for name in ("one", "two")]
    base = str(api.tip())
    hook = api.directory / "hooks" / "pre-receive"
    # Both are let go when both are there; one that comes later, or alone for long, does not wait.
    hook.write_text(
        "#!/bin/sh\nmkdir -p there\ntouch there/$$\nn=0\n"
        'while [ "$(ls there | wc -l)" -lt 2 ] && [ $n -lt 600 ]; do n=$((n+1)); sleep 0.05; done\n'
    )
    hook.chmod(0o755)
    home = tmp_path / "other" / "home"
    other = Hub(hub.organization, home, hub.config, {**hub.environment, "MERGE_HUB_HOME": str(home)}, hub.prefect)

    with hub.start() as one, other.start() as two:
        said = [process.communicate(timeout=120)[1].decode() for process in (one, two)]
    hub.run()
    other.run()
    kept = (hub.traces(), other.traces())
    hub.run()
    other.run()

    assert (one.returncode, two.returncode) == (0, 0), said
    assert len(subjects(api, base)) == len(pulls)
    assert {each.state for each in pulls} <= {"merged", "closed"}
    assert (hub.traces(), other.traces()) == kept


PUSHES = [
    (gated, "fast-forward"),
    (announced, "fast-forward"),
    (gated, "api"),
    (announced, "api"),
]


@pytest.mark.parametrize(("moment", "landing"), mostly_long(PUSHES, often=1))
def test_what_a_person_pushes_at_the_worst_moment_is_kept_and_gated_with_what_lands_on_it(
    hub: Hub, api: Repository, moment: Moment, landing: str
) -> None:
    hub.config.team("team-a", api, policies={"landing": landing})
    topic = api.pull_request("topic")

    with meanwhile(hub, moment, lambda: api.commit("main", {"hotfix.txt": "now\n"}, by="erin")) as done:
        run = hub.run()
    kept = hub.traces()
    hub.run()

    landed = run.pull_request(topic)["landed"]
    assert done
    assert run.told(topic) == ["merged"]
    assert api.files() == {"README.md": "api\n", "hotfix.txt": "now\n", "topic.txt": "topic\n"}
    assert landed["tree"] == landed["gated_tree"] == api.tree()
    assert landed["tree"] in {row["tree"] for row in run.gate_runs()}
    assert hub.traces() == kept


@pytest.mark.parametrize(("moment", "landing"), mostly_long([*PUSHES, (merging, "api")], often=0))
def test_a_push_that_changes_no_file_costs_no_gate_run(hub: Hub, api: Repository, moment: Moment, landing: str) -> None:
    hub.config.team("team-a", api, policies={"landing": landing})
    topic = api.pull_request("topic")

    with meanwhile(hub, moment, lambda: api.commit("main", {}, by="erin")) as done:
        run = hub.run()

    assert done
    assert run.told(topic) == ["merged"]
    assert len({row["tree"] for row in run.gate_runs() if row["pull_requests"]}) == 1
    assert [row["cached"] for row in run.gate_runs() if row["pull_requests"]].count(False) == 1


@pytest.mark.parametrize(("moment", "landing"), mostly_long(PUSHES[1:], often=1))
def test_what_a_person_takes_off_the_branch_at_the_worst_moment_is_not_brought_back(
    hub: Hub, api: Repository, moment: Moment, landing: str
) -> None:
    hub.config.team("team-a", api, policies={"landing": landing})
    before = str(api.tip())
    api.point("start", before)
    unwanted = api.commit("main", {"unwanted.txt": "oops\n"}, by="erin")
    topic = api.pull_request("topic", onto="start")

    with meanwhile(hub, moment, lambda: api.point("main", before)) as done:
        run = hub.run()

    assert done
    assert run.told(topic) == ["merged"]
    assert not api.contains(unwanted)
    assert api.files() == {"README.md": "api\n", "topic.txt": "topic\n"}


@pytest.mark.parametrize("method", mostly_long(["merge", "squash"]))
@pytest.mark.parametrize("landing", mostly_long(["fast-forward", "api"]))
def test_what_landed_and_was_taken_off_the_branch_stays_off_and_the_next_lands_without_it(
    hub: Hub, api: Repository, landing: str, method: str
) -> None:
    hub.config.team("team-a", api, gates=[NOT_BROKEN], policies={"landing": landing, "method": method})
    before = str(api.tip())
    api.point("start", before)
    first = api.pull_request("first")
    hub.run()
    api.point("main", before)
    second = api.pull_request("second", onto="start")

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert first.state in {"merged", "closed"}
    assert run.told(second) == ["merged"]
    assert api.files() == {"README.md": "api\n", "second.txt": "second\n"}
    assert completed(hub) == {first.number: 1, second.number: 1}
    assert hub.traces() == kept
