"""Builds AcmeCorp: people first, then all repositories at the same time, each with its pull requests in order."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deployments.sandbox.seed.api import Api
from deployments.sandbox.seed.fast_import import History
from deployments.sandbox.seed.scenarios import (
    ORGANIZATION,
    SeededPullRequest,
    SeededRepository,
    repositories,
    shared_files,
    world,
)

APPROVE = "Looks good to me."


@dataclass(frozen=True, slots=True)
class Planter:
    """`data` is the sandbox's directory: repositories lie under `git/`, and gates may leave files beside it."""

    api_url: str
    data: Path

    def plant(self) -> None:
        people = world()
        names = {user["login"]: user.get("name", user["login"]) for user in people["users"]}
        with Api(self.api_url) as api:
            api.make_world(people)
        seeded = repositories()
        with ThreadPoolExecutor(len(seeded)) as pool:
            list(pool.map(lambda one: self._plant_repository(one, names), seeded))

    def _plant_repository(self, seeded: SeededRepository, names: dict[str, str]) -> None:
        directory = self.data / "git" / f"{seeded.full_name}.git"
        with Api(self.api_url) as api:
            repository = {"name": seeded.repository, "description": seeded.description}
            api.post(f"/orgs/{ORGANIZATION}/repos", repository, login=f"team-lead-{seeded.team[-1]}")
            history = self._history(names)
            history.add_main(seeded, shared_files())
            for pull_request in seeded.pull_requests:
                history.add_pull_request(seeded, pull_request)
            history.write_to(directory)
            for pull_request in seeded.pull_requests:
                _propose(api, seeded, pull_request)
        self._push_after_review(directory, seeded, names)
        if seeded.protection or seeded.rulesets:
            guarded = {
                "protection": {seeded.full_name: seeded.protection},
                "rulesets": {seeded.full_name: seeded.rulesets},
            }
            with Api(self.api_url) as api:
                api.make_world(guarded)

    def _push_after_review(self, directory: Path, seeded: SeededRepository, names: dict[str, str]) -> None:
        later = [one for one in seeded.pull_requests if one.pushed_after_review]
        if later:
            history = self._history(names)
            for pull_request in later:
                history.continue_pull_request(pull_request)
            history.write_to(directory)

    def _history(self, names: dict[str, str]) -> History:
        return History(names, {"@DATA@": str(self.data)})


def _propose(api: Api, seeded: SeededRepository, pull_request: SeededPullRequest) -> None:
    repository = f"/repos/{seeded.full_name}"
    proposal = {
        "title": pull_request.title,
        "body": pull_request.body,
        "head": pull_request.branch,
        "base": pull_request.target,
        "draft": pull_request.draft,
    }
    number = api.post(f"{repository}/pulls", proposal, login=pull_request.author)["number"]
    labels = {"labels": list(seeded.labels_of(pull_request))}
    api.post(f"{repository}/issues/{number}/labels", labels, login=pull_request.author)
    reviews = f"{repository}/pulls/{number}/reviews"
    for login in pull_request.approvals:
        api.post(reviews, {"event": "APPROVE", "body": APPROVE}, login=login)
    for login, why in pull_request.changes_requested.items():
        api.post(reviews, {"event": "REQUEST_CHANGES", "body": why}, login=login)
    if pull_request.closed:
        api.patch(f"{repository}/pulls/{number}", {"state": "closed"}, login=pull_request.author)
