"""Policies as an organization writes them, judged on what git and the code host hold."""

from typing import Any

from tests.flows.hub import Hub

RULES: list[dict[str, Any]] = [
    {"id": "ORG-001", "check": "gates"},
    {"id": "ORG-002", "check": "codeowners"},
    {"id": "ORG-003", "check": "tested_tree"},
    {"id": "ORG-004", "check": "linear_history"},
    {"id": "ORG-005", "check": "paths", "with": {"none_of": ["/secret/"]}},
    {"id": "ORG-006", "check": "approvals", "with": {"from_groups": ["leads"]}, "when": {"paths": ["/core/"]}},
    {"id": "ORG-007", "check": "change_size", "with": {"max_lines": 20}},
    {"id": "ORG-008", "check": "cel", "with": {"expression": "change.merges == 0 && approvals.count >= 1"}},
    {"id": "ORG-009", "check": "token_age", "enforcement": "warn"},
]


def policy(*rules: dict[str, Any]) -> dict[str, object]:
    common = {"title": "A rule", "severity": "high"}
    metadata = {"name": "org", "owner": "security"}
    listed = [common | rule for rule in rules]
    return {"apiVersion": "merge-hub/v1", "kind": "Policy", "metadata": metadata, "rules": listed}


def test_each_rule_is_judged_on_what_the_pull_request_brings(hub: Hub) -> None:
    owners = "* @bob\n/docs/ @carol\n/gone/ @nobody-here/at-all\n"
    api = hub.organization.repository("api", {".github/CODEOWNERS": owners, "secret/key": "1\n"})
    hub.organization.team("leads", "dave")
    hub.config.team("team-a", api)
    hub.config.policies.append(policy(*RULES))
    good = api.pull_request("good", {"good.txt": "1\n"})
    own_rules = api.pull_request("own", {".github/CODEOWNERS": "* @erin\n"}, approved_by=["erin"])
    docs = api.pull_request("docs", {"docs/a.md": "1\n"})
    gone = api.pull_request("gone", {"gone/a": "1\n"})
    moved = api.pull_request("moved", {"secret/key": None, "public": "1\n"})
    core = api.pull_request("core", {"core/a": "1\n"})
    large = api.pull_request("large", {"large": "line\n" * 21})

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(good, own_rules, docs, gone, moved, core, large) == [
        "merged",
        "held: code-owner-missing",
        "held: code-owner-missing",
        "held: policy-error",
        "held: policy-violated",
        "held: approvals-missing",
        "held: policy-violated",
    ]
    assert hub.traces() == kept
    assert again.gate_runs() == []
    grounds = hub.grounds_of(good)
    assert grounds["contribution"]["files"] == [{"path": "good.txt", "lines": 1}]
    assert {one["rule"]: one["result"] for one in grounds["findings"]} == {
        **{rule["id"]: "pass" for rule in RULES},
        "ORG-006": "not_applicable",
        "ORG-009": "error",
    }
    decisions = ("policy.decided", "merge.intent", "change.evaluated")
    digests = {event["data"]["policy"] for kind in decisions for event in hub.events_of(kind)}
    assert digests == {grounds["policy"]}
    denied = {one["subject"]["pull_request"]: one["data"] for one in hub.events_of("policy.decided")}
    assert {number: data["decision"] for number, data in denied.items()} == {
        good.number: "allow",
        **{each.number: "deny" for each in (own_rules, docs, gone, moved, core, large)},
    }
    assert [rule["result"] for rule in denied[large.number]["rules"] if rule["id"] == "ORG-007"] == ["fail"]
    assert hub.flaws() == []


def test_a_pull_request_that_changes_policy_is_judged_by_the_old_one(hub: Hub) -> None:
    """The repository holds the configuration by which it is landed; what a candidate makes of it is not read."""
    strict, lax = policy({"id": "ORG-001", "check": "paths", "with": {"none_of": ["/config/policies/"]}}), "{}"
    here = hub.organization.repository("hub-config", {"config/policies/policy-0.yml": str(strict)})
    hub.config.team("team-a", here)
    hub.config.policies.append(strict)
    loosening = here.pull_request("loosen", {"config/policies/policy-0.yml": lax})
    removing = here.pull_request("remove", {"config/policies/policy-0.yml": None})

    run = hub.run()

    assert run.told(loosening, removing) == ["held: policy-violated"] * 2
    assert here.files()["config/policies/policy-0.yml"] == str(strict)


def test_what_lands_in_a_folder_that_it_never_names_is_judged_by_that_folder(hub: Hub) -> None:
    """git follows a file that was moved, be it by the target branch or by who lands first."""
    lines = "".join(f"{line}\n" for line in range(20))
    api = hub.organization.repository("api", {"one": f"1\n{lines}", "two": f"2\n{lines}", "secret/lock": "shut\n"})
    hub.config.team("team-a", api)
    secret = {"id": "ORG-001", "check": "paths", "with": {"none_of": ["/secret/"]}, "when": {"labels": ["plain"]}}
    hub.config.policies.append(policy({"id": "ORG-000", "check": "gates"}, secret))
    api.commit("behind-main", {"one": f"1\n{lines}evil\n"})
    api.commit("main", {"one": None, "secret/one": f"1\n{lines}"})
    mover = api.pull_request("mover", {"two": None, "secret/two": f"2\n{lines}"})
    behind_main = api.pull_request("behind-main", labels=["plain"])
    behind_other = api.pull_request("behind-other", {"two": f"2\n{lines}evil\n"}, labels=["plain"])
    plain = api.pull_request("plain", labels=["plain"])

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(mover, behind_main, behind_other, plain) == [
        "merged",
        "held: policy-violated",
        "held: policy-violated",
        "merged",
    ]
    assert "evil" not in "".join(api.files().values())
    assert hub.traces() == kept
