"""A connection breaks at the moment of landing: the same run lands, and nothing lands twice."""

from collections.abc import Callable

import pytest

from tests.flows.hub import Hub
from tests.flows.proxy import between
from tests.flows.sweeps import mostly_long
from tests.flows.world import Repository


@pytest.fixture
def api(hub: Hub) -> Repository:
    repository = hub.organization.repository("api")
    hub.config.team("team-a", repository)
    return repository


def once(method: str, ending: str) -> Callable[[str, str], bool]:
    """True for the first call that is such a one."""
    done: list[str] = []

    def first(called: str, path: str) -> bool:
        if (called, path.endswith(ending), done) != (method, True, []):
            return False
        done.append(path)
        return True

    return first


def recorded(hub: Hub) -> list[str]:
    """What the log holds of landings, in order."""
    return [event["type"] for event in hub.events() if event["type"].startswith("merge.")]


# By hook: when it breaks the connection. The second one's answer was not given yet.
MOMENTS = {"pre-receive": "true", "reference-transaction": 'test "$1" = committed && grep -q refs/heads/main'}


@pytest.mark.parametrize("method", mostly_long(["squash", "merge"]))
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_push_that_broke_before_or_after_it_was_done_lands_once_in_the_same_run(
    hub: Hub, api: Repository, moment: str, method: str
) -> None:
    hub.config.team("team-a", api, policies={"method": method})
    topic, base = api.pull_request("topic"), api.tip()
    assert base is not None
    hook = api.directory / "hooks" / moment
    hook.write_text(f"#!/bin/sh\ntest -e broke && exit 0\n{MOMENTS[moment]} || exit 0\ntouch broke\nkill -9 $PPID\n")
    hook.chmod(0o755)

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert (api.directory / "broke").exists()
    assert run.told(topic) == ["merged"]
    assert run.problems == ()
    assert len(api.history(base)) == 1
    assert recorded(hub) == ["merge.intent", "merge.completed"]
    assert hub.traces() == kept


@pytest.mark.parametrize("method", mostly_long(["merge", "squash", "rebase"]))
def test_a_merge_of_the_code_host_whose_answer_is_lost_lands_once_in_the_same_run(
    hub: Hub, api: Repository, method: str
) -> None:
    hub.config.team("team-a", api, policies={"landing": "api", "method": method})
    topic, base = api.pull_request("topic"), api.tip()
    assert base is not None

    with between(hub) as host:
        host.cut = once("PUT", "/merge")
        run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(topic) == ["merged"]
    assert run.problems == ()
    assert len(api.history(base)) == 1
    assert recorded(hub) == ["merge.intent", "merge.completed"]
    assert hub.traces() == kept


def test_a_merge_that_the_code_host_never_heard_of_is_asked_for_again(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api, policies={"landing": "api"})
    topic = api.pull_request("topic")
    hub.organization.world.fails("PUT", f"*/repositories/{api.identifier}/*", times=1, drop=True)

    assert hub.run().told(topic) == ["merged"]


def test_what_was_announced_and_declined_is_given_up_with_the_landing_that_takes_its_place(
    hub: Hub, api: Repository
) -> None:
    topic, other = api.pull_request("topic"), api.pull_request("other")
    hook = api.directory / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\ntest -e declined && exit 0\ntouch declined\nexit 1\n")
    hook.chmod(0o755)

    hub.run()
    other.close()
    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(topic) == ["merged"]
    assert recorded(hub)[-2:] == ["merge.completed", "merge.failed"]
    assert hub.traces() == kept
