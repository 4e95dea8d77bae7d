"""Each call that the hub makes fails for good: its repository is told so, the others go on, and a rerun heals."""

import json
import re
from collections.abc import Mapping

from tests.flows.hub import Hub
from tests.flows.proxy import NOBODY_THERE, Instead, between
from tests.flows.world import PullRequest, Repository

# What tells one GraphQL document from the others.
QUERIES = {
    "openPullRequests": "list what is open",
    "viewer { login": "read what was said",
    "team": "read a team",
    "issueOrPullRequest": "read what is depended on",
    "...pullRequest": "read again",
}
CALLS = (*QUERIES.values(), "GET activity", "GET repositories", "PUT merge", "POST comments", "PATCH pulls")
OF_THE_RUN = "GET rate_limit"
"""Asked once, of no repository: what the credential may do, and until when."""


def call_of(method: str, path: str, body: str) -> str:
    if path.endswith("graphql"):
        document = json.loads(body)["query"]
        return next(call for part, call in QUERIES.items() if part in document)
    *_, noun = re.sub(r"/\d+", "", path.partition("?")[0]).split("/")
    return f"{method} {noun}"


def organized(hub: Hub) -> Mapping[str, PullRequest]:
    """By call: a pull request for which it is made, in a repository of its own that is named in the call."""
    pulls = {}
    for at, call in enumerate(CALLS):
        repository = hub.organization.repository(f"repository-{at}")
        hub.organization.team(f"reviewers-of-{at}", "bob")
        hub.config.team(
            f"team-{at}",
            repository,
            filters={"required_reviewers": [f"{hub.organization.login}/reviewers-of-{at}"]},
            policies={"landing": "api"} if call == "PUT merge" else {"method": "squash"},
        )
        pulls[call] = repository.pull_request("topic", body="Closes: #77")
    return pulls


def concerns(at: int, repository: Repository, text: str) -> bool:
    return re.search(rf"\b(repository-{at}|reviewers-of-{at}|repositories/{repository.identifier})\b", text) is not None


def test_a_call_that_fails_for_good_fails_its_repository_and_lands_nothing_unproven(hub: Hub) -> None:
    pulls = organized(hub)
    repositories: list[Repository] = [pull.repository for pull in pulls.values()]
    asked: set[str] = set()

    def fails_in_its_repository(method: str, path: str, body: str) -> Instead | None:
        call = call_of(method, path, body)
        if call == OF_THE_RUN:
            return None
        asked.add(call)
        at = CALLS.index(call)
        return NOBODY_THERE if concerns(at, repositories[at], path + body) else None

    with between(hub) as host:
        host.instead = fails_in_its_repository
        run = hub.run()
    errors = [run.error(repository) for repository in repositories]
    completed = [event["repository"]["name"] for event in hub.events_of("merge.completed")]
    after = hub.run()
    kept = hub.traces()
    hub.run()

    assert asked == set(CALLS)
    assert [error and error["code"] for error in errors] == ["code-host-unreachable"] * len(CALLS)
    assert all(error and error["message"] and error["remedy"] for error in errors)
    assert sorted(completed) == sorted(
        pulls[call].repository.full_name for call in ("read what was said", "POST comments", "PATCH pulls")
    )
    assert after.problems == ()
    assert {pull.state for pull in pulls.values()} == {"merged", "closed"}
    assert [len(pull.comments()) for call, pull in pulls.items() if call != "PUT merge"] == [1] * (len(CALLS) - 1)
    assert len(hub.events_of("merge.completed")) == len(CALLS)
    assert hub.traces() == kept
