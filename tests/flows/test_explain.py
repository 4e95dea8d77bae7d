"""Why a pull request is where it is, as whoever asks on the machine of the hub is told."""

import json
import subprocess
import sys
from typing import Any

from tests.flows.hub import PROJECT, Hub
from tests.flows.test_command_line import merge_hub

Told = subprocess.CompletedProcess[str]


def explain(hub: Hub, *arguments: str) -> Told:
    """Without a code host, and without a token for one."""
    environment = {**hub.environment, "MERGE_HUB_GITHUB_API_URL": "http://127.0.0.1:1", "GITHUB_TOKEN": ""}
    environment.pop("MERGE_HUB_HOME")
    return merge_hub("explain", *arguments, home=hub.home, **environment)


def explained(hub: Hub, *arguments: str) -> dict[str, Any]:
    return dict(json.loads(explain(hub, *arguments, "--json").stdout))


def codes(found: dict[str, Any]) -> list[str]:
    return [each["code"] for each in found["unmet"]]


def test_each_is_told_what_it_lacks_and_what_would_be_if(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, filters={"labels": ["ready"], "required_approvals": 1})
    waiting = api.pull_request("retry", {"a": "1\n"}, approved_by=[], title="Retry on 429 \x1b[31m<b>")
    merged = api.pull_request("good", {"b": "1\n"}, labels=["ready"])
    closed = api.pull_request("gone", {"c": "1\n"}, approved_by=[], labels=["ready"])
    name = f"{api.full_name}#{waiting.number}"

    hub.run()
    closed.close()
    hub.run()
    kept = hub.traces()
    found = explained(hub, name)
    with_approval = explained(hub, name, "--assume-approval", "carol")
    with_both = explained(hub, name, "--assume-approval", "carol", "--assume-label", "ready")
    landed = explained(hub, f"{api.full_name}#{merged.number}")
    left = explained(hub, f"{api.full_name}#{closed.number}")
    never = explained(hub, f"{api.full_name}#99")

    assert (found["state"], codes(found)) == ("held", ["label-missing", "approvals-missing"])
    assert all(each["who"] and each["step"] and each["since"] for each in found["unmet"])
    assert found["status"] == f"Held: {found['unmet'][0]['message']} (+1 more)"
    assert codes(with_approval) == ["label-missing"]
    assert (codes(with_both), with_both["assumed"]["labels"]) == ([], ["ready"])
    assert {each["rule"] for each in with_both["met"]} >= {each["rule"] for each in with_approval["met"]}
    assert (landed["state"], landed["landed"]["commit"]) == ("merged", api.tip("main"))
    assert [each["reviewer"] for each in landed["landed"]["approvals"]] == ["bob"]
    assert (left["state"], codes(left), never["state"]) == ("left", ["approvals-missing"], "never-seen")
    assert hub.traces() == kept
    assert "\x1b" not in explain(hub, name).stdout
    assert "<b>" not in explain(hub, name, "--as", "page").stdout


def test_what_cannot_be_found_out_is_said_to_be_unknown(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    hub.config.write()
    (hub.home).mkdir(parents=True, exist_ok=True)
    (hub.home / "audit.db").write_bytes(b"no database" * 100)

    told = explain(hub, f"{api.full_name}#1", "--json")

    assert (told.returncode, json.loads(told.stdout)["state"]) == (1, "unknown")


def test_what_names_no_pull_request_or_an_unknown_repository_is_bad_usage(hub: Hub) -> None:
    hub.config.team("team-a", hub.organization.repository("api"))
    hub.config.write()

    assert [explain(hub, named).returncode for named in ("nonsense", "#1", "a/b#0", "a/b#x", "no/such#1")] == [2] * 5


def test_an_answer_from_the_last_run_loads_nothing_heavy(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    one = api.pull_request("one", approved_by=[])
    hub.run(stage="observe")

    heavy = ("prefect", "pandas", "github", "sqlalchemy", "yaml", "boto3")
    program = (
        f"import sys; sys.argv = ['merge-hub', 'explain', '{api.full_name}#{one.number}']\n"
        "from flows.cli import app\n"
        "app(standalone_mode=False)\n"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], env=hub.environment, cwd=PROJECT, capture_output=True, text=True, check=True
    )

    assert (told.stderr.strip(), "Needs" in told.stdout) == ("[]", True)
