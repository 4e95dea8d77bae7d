"""Made-up organizations: who lands is who the reference model says, and every invariant holds of what landed."""

from typing import Any

import pytest

from tests.flows.hub import Hub, Run
from tests.flows.oracle import Made, expected, imagine, make
from tests.flows.sweeps import mostly_long
from tests.flows.world import PullRequest, Repository

SHORT, ALL = 5, 135


@pytest.mark.parametrize("seed", mostly_long(range(ALL), often=SHORT))
def test_who_lands_in_a_made_up_organization_is_who_the_model_says(hub: Hub, seed: int) -> None:
    made = imagine(seed)
    repositories, pulls = make(made, hub)
    bases = {name: repository.tip() or "" for name, repository in repositories.items()}

    run = hub.run()
    landed = {key for key, pull in pulls.items() if run.outcome(pull) == "merged"}
    kept = hub.traces()
    again = hub.run()

    assert landed == expected(made), [told for told in made.pull_requests if told.key in landed ^ expected(made)]
    assert run.problems == ()
    assert {run.outcome(pull) for pull in pulls.values()} <= {"merged", "held", "refused"}
    for name, repository in repositories.items():
        assert landings_account_for_every_commit(hub, repository, bases[name])
    for key in landed:
        assert landed_as_gated(run, pulls[key])
        assert approved_by_independent_people(pulls[key], made)
    assert hub.traces() == kept
    assert again.gate_runs() == []
    assert {key: again.told(pull) for key, pull in pulls.items() if key not in landed} == {
        key: run.told(pull) for key, pull in pulls.items() if key not in landed
    }


def landings_account_for_every_commit(hub: Hub, repository: Repository, base: str) -> bool:
    """From the commit before the run to the tip, one landing begins where the one before it ended."""
    events = [each for each in hub.events() if each["repository"] and each["repository"]["id"] == repository.identifier]
    intents = {event["id"]: event for event in events if event["type"] == "merge.intent"}
    completed = [event["data"] for event in events if event["type"] == "merge.completed"]
    spans = {intents[data["intent"]]["data"]["base"]: data["commit"] for data in completed}
    at = base
    while at in spans and spans[at] != at:
        at = spans.pop(at)
    return at == repository.tip()


def landed_as_gated(run: Run, pull: PullRequest) -> bool:
    landed: dict[str, Any] = run.pull_request(pull)["landed"]
    passed = {row["tree"] for row in run.gate_runs(pull.repository) if row["verdict"] == "passed"}
    trees = {landed["tree"], landed["gated_tree"], pull.repository.tree(landed["commit"])}
    return len(trees) == 1 and trees <= passed and pull.repository.contains(landed["commit"])


def approved_by_independent_people(pull: PullRequest, made: Made) -> bool:
    head = pull.shown()["head"]["sha"]
    writers = {commit["author"]["login"] for commit in pull.commits()} | {pull.author}
    voters = {
        review["user"]["login"]
        for review in pull.reviews()
        if review["state"] == "APPROVED" and review["commit_id"] == head
    }
    return len(voters - writers) >= made.approvals
