"""What is on record, judged by other policies: without a code host, and the same each time."""

import json
from pathlib import Path
from typing import Any

from tests.flows.hub import Hub
from tests.flows.test_command_line import merge_hub

PROPOSED: dict[str, Any] = {
    "apiVersion": "merge-hub/v1",
    "kind": "Policy",
    "metadata": {"name": "proposed", "owner": "@acme/security"},
    "rules": [{"id": "NEW-001", "title": "Two", "check": "approvals", "severity": "high", "with": {"min": 2}}],
}


def test_a_stricter_policy_would_have_held_what_landed_and_who_is_held_in_any_case_does_not_flip(
    hub: Hub, tmp_path: Path
) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    one, other = api.pull_request("one"), api.pull_request("two", approved_by=["bob", "carol"])
    hub.run()
    kept = hub.traces()
    (tmp_path / "proposed").mkdir()
    (tmp_path / "proposed" / "proposed.yml").write_text(json.dumps(PROPOSED))

    environment = {**hub.environment, "MERGE_HUB_GITHUB_API_URL": "http://127.0.0.1:1", "GITHUB_TOKEN": ""}
    environment.pop("MERGE_HUB_HOME")
    first, again = (
        merge_hub("replay", "--policies", str(tmp_path / "proposed"), "--json", home=hub.home, **environment)
        for _ in range(2)
    )

    assert (first.returncode, first.stdout) == (0, again.stdout)
    found = json.loads(first.stdout)
    flips = [(flip["pull_request"], flip["rule"], flip["to"], flip["wait_seconds"]) for flip in found["flips"]]
    assert flips == [(one.number, "decision", "block", None), (one.number, "NEW-001", "block", None)]
    assert (found["decisions"]["recorded"], found["decisions"]["unknown"]) == (2, 0)
    assert other.state == "merged"
    assert hub.traces() == kept


def test_a_laxer_policy_would_have_let_pass_what_was_held_before_anything_was_gated(hub: Hub, tmp_path: Path) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    size = {"id": "ORG-001", "title": "Small", "check": "change_size", "severity": "high"}
    hub.config.policies.append({**PROPOSED, "rules": [{**size, "with": {"max_lines": 1}}]})
    large = api.pull_request("large", {"large": "1\n2\n"})
    hub.run()
    (tmp_path / "lax").mkdir()
    (tmp_path / "lax" / "lax.yml").write_text(json.dumps({**PROPOSED, "rules": [{**size, "with": {"max_lines": 9}}]}))

    environment = {name: value for name, value in hub.environment.items() if name != "MERGE_HUB_HOME"}
    found = json.loads(
        merge_hub("replay", "--policies", str(tmp_path / "lax"), "--json", home=hub.home, **environment).stdout
    )

    flips = [(flip["pull_request"], flip["rule"], flip["from"], flip["to"]) for flip in found["flips"]]
    assert flips == [(large.number, "decision", "block", "pass"), (large.number, "ORG-001", "block", "pass")]


def test_policies_that_cannot_be_read_are_refused_with_file_line_and_remedy(hub: Hub, tmp_path: Path) -> None:
    hub.config.team("team-a", hub.organization.repository("api"))
    hub.config.write()
    (tmp_path / "bad.yml").write_text(json.dumps({**PROPOSED, "rules": [{"id": "NEW-001"}]}, indent=1))

    environment = {name: value for name, value in hub.environment.items() if name != "MERGE_HUB_HOME"}
    found = merge_hub("replay", "--policies", str(tmp_path), "--json", home=hub.home, **environment)
    problem = json.loads(found.stdout)["error"]["problems"][0]

    assert found.returncode == 2
    assert (problem["file"], problem["line"] is not None, problem["remedy"]) == ("bad.yml", True, "add it")
