"""A team on its way from looking on to landing: what would have landed, and what people did meanwhile."""

import json
from datetime import UTC, datetime, timedelta

from tests.flows.hub import Hub
from tests.flows.test_command_line import merge_hub


def test_people_land_one_and_close_another_while_the_hub_looks_on(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, stage="gate")
    landed, closed, broken = api.pull_request("landed"), api.pull_request("closed"), api.pull_request("broken")
    broken.push({"broken": "yes\n"})
    broken.approve("bob")
    hub.run()
    api.point("main", landed.head)
    closed.close()
    hub.run()
    kept = hub.traces()
    hub.run()

    assert hub.traces() == kept
    assert sorted(event["data"]["state"] for event in hub.events_of("change.departed")) == ["closed", "merged"]
    environment = {name: value for name, value in hub.environment.items() if name != "MERGE_HUB_HOME"}
    first, again = (
        merge_hub("report", "promotion", "--team", "team-a", "--json", home=hub.home, **environment) for _ in range(2)
    )
    assert (first.returncode, first.stdout) == (0, again.stdout)
    found = json.loads(first.stdout)
    rows = [(row["number"], row["hub"], row["people"], row["agreement"]) for row in found["pull_requests"]]
    assert rows == [
        (landed.number, "would land", "merged", "agreed"),
        (closed.number, "would land", "closed", "disagreed"),
        (broken.number, "refused", "open", "undecided"),
    ]
    assert (found["agreement"]["percent"], found["long_enough"]) == (50, False)


def test_a_stage_whose_first_day_is_still_to_come_lands_nothing(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, stage="merge")
    hub.config.teams["team-a"]["since"] = str(datetime.now(UTC).date() + timedelta(days=2))
    one = api.pull_request("one")
    before = hub.run().told(one)
    hub.config.teams["team-a"]["since"] = str(datetime.now(UTC).date())

    assert before == ["held: stage-gate"]
    assert hub.run().told(one) == ["merged"]
