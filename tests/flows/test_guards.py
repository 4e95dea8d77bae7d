"""Rules about what the code host sees to: how the target branch is guarded, and that commits are signed."""

from pathlib import Path
from typing import Any

from tests.flows.hub import Hub
from tests.flows.pause import Pause
from tests.flows.test_policies import policy
from tests.flows.world import Repository

GUARDED: dict[str, Any] = {"required_reviews": 1, "block_force_push": True, "block_deletion": True}
NOBODY_BUT_THE_HUB: dict[str, Any] = {
    "required_approving_review_count": 1,
    "bypass_pull_request_allowances": {"apps": ["merge-hub"]},
}


def demand(hub: Hub, **demands: Any) -> None:
    """Only the hub may get around what guards the target branch."""
    account = hub.organization.world.rest("GET", "/users/merge-hub%5Bbot%5D")
    rule = {"id": "ORG-001", "check": "ruleset", "with": {**demands, "allowed_bypass": [f"app:{account['id']}"]}}
    hub.config.policies.append(policy(rule))


def protect(repository: Repository, **protection: Any) -> None:
    said = {"required_pull_request_reviews": NOBODY_BUT_THE_HUB, "enforce_admins": True, **protection}
    repository.world.tell(protection={repository.full_name: {"main": said}})


def test_nothing_lands_on_a_branch_that_is_not_guarded_as_demanded_until_it_is(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    demand(hub, **GUARDED)
    topic = api.pull_request("topic")
    tried = {"name": "tried", "enforcement": "evaluate", "rules": [{"type": "deletion"}]}
    api.world.tell(rulesets={api.full_name: [tried]})

    bare = hub.run()
    kept = hub.traces()
    hub.run()
    kept_again = hub.traces()
    protect(api, enforce_admins=False)
    lax = hub.run()
    protect(api)
    mended = hub.run()

    assert kept_again == kept
    assert bare.messages(topic) == [
        "ORG-001: main is to have at least 1 approvals required, and nothing guards it",
        "ORG-001: main is to have force pushes blocked, and nothing guards it",
        "ORG-001: main is to have deletion blocked, and nothing guards it",
    ]
    around = "and role:admin may bypass branch protection"
    assert lax.messages(topic) == [
        f"ORG-001: main is to have at least 1 approvals required that nobody else may bypass, {around}"
    ]
    assert (bare.told(topic), mended.told(topic)) == (["held: " + " ".join(["policy-violated"] * 3)], ["merged"])
    (guard,) = hub.grounds_of(topic)["protection"]["guards"]
    assert (guard["name"], guard["reviews"], guard["block_deletion"]) == ("branch protection", 1, True)


def test_what_guards_the_branch_is_read_again_in_the_last_moment(hub: Hub, tmp_path: Path) -> None:
    pause, api = Pause(tmp_path), hub.organization.repository("api")
    hub.config.team("team-a", api, gates=[pause.gate])
    demand(hub, **GUARDED)
    protect(api)
    topic, base = api.pull_request("topic"), api.tip()

    with pause.doing(lambda: protect(api, allow_force_pushes=True)):
        run = hub.run()

    assert run.messages(topic) == [
        "ORG-001: main is to have force pushes blocked, and branch protection does not see to it"
    ]
    assert api.tip() == base


def test_what_the_code_host_keeps_from_the_hub_is_an_error_that_says_what_it_needs(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    demand(hub, block_deletion=True)
    protect(api)
    topic = api.pull_request("topic")
    hub.organization.world.fails("GET", "*/protection", status=403)

    run = hub.run()
    hub.organization.world.recovers()

    assert run.told(topic) == ["held: policy-error"]
    needed = "branch protection cannot be read without the permission administration: read"
    assert run.messages(topic) == [f"ORG-001: main is to have deletion blocked, and {needed}"]
    assert hub.run().told(topic) == ["merged"]


def test_a_commit_without_a_verified_signature_does_not_land_until_it_bears_one(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    hub.config.policies.append(policy({"id": "ORG-001", "check": "signed_commits", "with": {"signers": ["alice"]}}))
    topic, other = api.pull_request("topic"), api.pull_request("other")
    api.sign("other", by="carol")
    other.approve("bob")

    run = hub.run()
    kept = hub.traces()
    hub.run()
    kept_again = hub.traces()
    expected = "ORG-001: each of the 1 commits that it adds is to bear a verified signature of alice, unlike"
    unsigned, foreign = (f"{expected} {head[:7]}" for head in (topic.head, other.head))
    signed = api.sign("topic", by="alice")
    topic.approve("bob")
    mended = hub.run()

    assert run.messages(topic) == [f"{unsigned} (unsigned)"]
    assert run.messages(other) == [f"{foreign} (signed by carol)"]
    assert kept_again == kept
    assert mended.told(topic, other) == ["merged", "held: policy-violated"]
    assert hub.grounds_of(topic)["signatures"] == {signed: {"state": "valid", "signer": "alice", "by_host": False}}
