"""What is out of the ordinary reaches people within the run, once, and stays open until a named person closes it."""

import json
from typing import Any

from tests.flows.hub import Hub
from tests.flows.test_command_line import merge_hub
from tests.flows.test_guards import demand, protect


def asks(hub: Hub, *arguments: str, code: int = 0) -> dict[str, Any]:
    environment = {name: value for name, value in hub.environment.items() if name != "MERGE_HUB_HOME"}
    told = merge_hub("alerts", *arguments, "--json", home=hub.home, **environment)
    assert told.returncode == code, told.stderr
    return dict(json.loads(told.stdout))


def rules_told(hub: Hub) -> list[str]:
    return [event["data"]["rule"] for event in hub.events_of("alert.raised")]


def test_an_anomaly_reaches_the_incident_channel_once_and_is_open_until_somebody_else_has_closed_it(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    hub.config.global_["anomalies"] = {}
    for number in range(5):
        api.pull_request(f"change-{number}", approved_by=["bob"])
    api.pull_request("skipping", approved_by=["carol"], title="Mend it [skip ci]")
    hub.run()
    kept = hub.traces()
    hub.run()

    assert sorted(rules_told(hub)) == ["AN-07", "AN-12"]
    incidents = sorted(post["text"] for post in hub.organization.posts() if post["channel"] == "#incidents")
    assert incidents == [
        f"Incident: {hub.config.organization['name']}: One person approved many pull requests in a few minutes (AN-12)",
        f"Incident: {api.full_name}: Something landed past its gates, or tells machines to skip theirs (AN-07)",
    ]
    assert hub.traces() == kept

    opened = {each["rule"]: each for each in asks(hub, "list")["alerts"]}
    own = opened["AN-12"]["alert"]
    refused = merge_hub(
        *("alerts", "acknowledge", own[:12], "--by", "Bob", "--reason", "It was me."),
        home=hub.home,
        **{name: value for name, value in hub.environment.items() if name != "MERGE_HUB_HOME"},
    )
    closing = ("acknowledge", own[:12], "--by", "carol", "--reason", "Bob had read them all before.")
    closed = [asks(hub, *closing)["recorded"] for _ in range(2)]

    assert (refused.returncode, "somebody else has to close it" in refused.stderr) == (1, True)
    assert closed == [True, False]
    assert [each["rule"] for each in asks(hub, "list")["alerts"]] == ["AN-07"]
    assert [each["rule"] for each in asks(hub, "replay")["alerts"]] == rules_told(hub)
    raised = len(hub.events_of("alert.raised"))
    hub.run()
    assert len(hub.events_of("alert.raised")) == raised


def test_a_branch_that_is_guarded_by_less_than_before_is_told_and_a_branch_that_is_guarded_as_before_is_not(
    hub: Hub,
) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    demand(hub, block_force_push=True)
    protect(api)
    hub.run()
    first = hub.traces()
    hub.run()
    same = hub.traces()
    protect(api, allow_deletions=True, allow_force_pushes=True)
    hub.run()
    kept = hub.traces()
    hub.run()

    (alert,) = hub.events_of("alert.raised")
    assert (alert["data"]["rule"], alert["repository"]["name"]) == ("AN-03", api.full_name)
    assert "it does not demand any more block_deletion, block_force_push" in alert["data"]["message"]
    assert (same, hub.traces()) == (first, kept)
    assert [post["channel"] for post in hub.organization.posts()].count("#incidents") == 1
