"""What is let pass for a while: told everywhere, recorded once, and over when it is over."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.flows.hub import Hub

POLICY: dict[str, Any] = {
    "apiVersion": "merge-hub/v1",
    "kind": "Policy",
    "metadata": {"name": "security", "owner": "@acme/security"},
    "rules": [
        {
            "id": "SEC-002",
            "title": "Reviewed for security",
            "check": "labels",
            "with": {"all_of": ["reviewed"]},
            "severity": "high",
            "waivable": True,
        },
        {"id": "QUA-001", "title": "Gates passed", "check": "gates", "severity": "critical"},
    ],
}


def waives(hub: Hub, *, ended: int = -1, **more: object) -> None:
    """`ended` days ago."""
    today = datetime.now(UTC).date()
    waiver = {
        "id": "W-7",
        "rule": "SEC-002",
        "reason": "The scanner is down.",
        "requested_by": "bob",
        "approved_by": "carol",
        "approved_on": str(today - timedelta(days=30)),
        "expires": str(today - timedelta(days=ended)),
        "ticket": "SEC-99",
        **more,
    }
    hub.config.access = {"teams": {}, "waiver_approvers": ["carol"]}
    hub.config.policies = [POLICY]
    hub.config.write()
    (hub.config.directory / "policies" / "waivers.yml").write_text(json.dumps({"waivers": [waiver]}))


def test_a_waiver_lets_one_pull_request_land_and_its_use_is_recorded_and_reported(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    one, other, own = api.pull_request("one"), api.pull_request("two"), api.pull_request("own", by="carol")
    waives(hub, scope={"repo": api.full_name, "pr": one.number})
    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(one, other, own) == ["merged", "held: label-missing", "held: label-missing"]
    assert hub.traces() == kept
    (used,) = hub.events_of("waiver.used")
    assert (used["subject"]["waiver"], used["data"]["approved_by"]) == ("W-7", "carol")
    assert hub.grounds_of(one)["findings"][1]["result"] == "waived"
    report = next(content.decode() for key, content in hub.evidence().items() if key.endswith("audit-report.md"))
    assert "**Waivers used: 1**" in report
    assert "SEC-002 **waived** (W-7)" in report


def test_a_waiver_that_is_over_and_one_of_the_author_do_nothing(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    one = api.pull_request("one")
    waives(hub, scope={"repo": api.full_name}, ended=1)

    assert hub.run().told(one) == ["held: label-missing"]
    own = api.pull_request("own", by="carol")
    waives(hub, scope={"repo": api.full_name})
    assert hub.run().told(one, own) == ["merged", "held: label-missing"]
