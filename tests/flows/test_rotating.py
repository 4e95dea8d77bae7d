"""A key replaced by the command, between two runs."""

import json
from typing import Any

import pytest

from tests.flows.hub import Hub
from tests.flows.test_command_line import merge_hub

pytestmark = pytest.mark.long


def asked(hub: Hub, *command: str) -> tuple[int, dict[str, Any]]:
    environment = {name: value for name, value in hub.environment.items() if name != "MERGE_HUB_HOME"}
    done = merge_hub(*command, "--json", home=hub.home, **environment)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_a_run_goes_on_with_the_new_key_and_who_has_the_old_one_verifies_all_of_it(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    api.pull_request("one", approved_by=["carol"])
    hub.run()
    old = asked(hub, "keys")[1]["keys"]
    rotated = asked(hub, "keys", "rotate", "log")
    hub.run()
    after = hub.log_bytes()
    again = hub.run()
    quiet = hub.log_bytes()
    second = api.pull_request("two", approved_by=["carol"])
    third = hub.run()
    new = asked(hub, "keys")[1]["keys"]
    found = asked(hub, "verify", str(hub.home / "evidence"), *(f"--key={key}" for key in old))

    assert (rotated[0], rotated[1]["old"], rotated[1]["new"]) == (0, old[0], new[0])
    assert (again.problems, quiet) == ((), after)
    assert third.told(second) == ["merged"]
    assert (found[0], found[1]["exceptions"], len(found[1]["rotations"])) == (0, [], 1)
    assert hub.flaws() == []
