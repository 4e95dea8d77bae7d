"""What two people let land that cannot wait, and the review that this owes."""

import json
import signal
from typing import Any

from tests.flows.hub import Hub
from tests.flows.test_command_line import merge_hub
from tests.flows.test_waivers import POLICY


def asks(hub: Hub, *arguments: str) -> dict[str, Any]:
    environment = {name: value for name, value in hub.environment.items() if name != "MERGE_HUB_HOME"}
    told = merge_hub("emergency", *arguments, "--json", home=hub.home, **environment)
    assert told.returncode == 0, told.stderr
    return dict(json.loads(told.stdout))


def test_two_people_let_land_what_is_waivable_and_a_third_has_to_look_at_it_afterwards(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    hub.config.global_["emergency"] = {}
    hub.config.policies = [POLICY]
    urgent = api.pull_request("urgent", labels=["emergency"], approved_by=["carol"])
    broken = api.pull_request("broken", {"broken": "yes\n"}, labels=["emergency"], approved_by=["carol"])
    hub.config.write()
    before = hub.run().told(urgent, broken)
    for pull in (urgent, broken):
        asks(hub, "declare", str(pull), "--reason", "Logins fail.", "--by", "bob")
    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert before == ["held: label-missing", "held: label-missing"]
    assert run.told(urgent, broken) == ["merged", "refused: gate-failed"]
    assert (again.told(broken), hub.traces()) == (["refused: gate-failed"], kept)
    (intent,) = hub.events_of("merge.intent")
    assert intent["data"]["class"] == "emergency"
    (owed,) = asks(hub, "list")["owed"]
    assert (owed["pull_request"], owed["people"], owed["overdue"]) == (urgent.number, ["alice", "bob", "carol"], False)
    report = next(content.decode() for key, content in hub.evidence().items() if b"Emergencies: 1" in content)
    assert "SEC-002 let pass, asked for by bob, with carol: Logins fail" in report

    urgent.approve("dave")
    dying = hub.start(MERGE_HUB_CRASH_AT="after-emergency-review")
    dying.communicate(timeout=120)
    hub.run()
    kept = hub.traces()
    hub.run()

    assert dying.returncode == -signal.SIGKILL
    assert asks(hub, "list") == {"owed": []}
    assert [event["data"]["reviewer"] for event in hub.events_of("emergency.reviewed")] == ["dave"]
    assert hub.traces() == kept


def test_the_same_declaration_is_recorded_once_while_it_lasts_and_another_reason_is_another(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    hub.config.global_["emergency"] = {}
    hub.config.write()
    about = f"{api.full_name}#7"

    def declares(reason: str, by: str) -> bool:
        return bool(asks(hub, "declare", about, "--reason", reason, "--by", by)["recorded"])

    told = [declares(*each) for each in (("Logins fail.", "bob"), ("Logins fail.", "Bob"), ("Payments fail.", "bob"))]

    assert told == [True, False, True]
    assert len(hub.events_of("emergency.declared")) == 2
