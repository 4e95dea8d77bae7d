import pickle
from datetime import UTC, datetime
from typing import Any

import pytest

from config.errors import UnknownTeam
from config.schema import Configuration, GlobalFile, TeamFile
from tasks.domain.model import RepositoryName
from tasks.domain.run import (
    Assignment,
    RunIncomplete,
    UnknownRepository,
    assignments,
    joined,
    problems_of,
    run_document,
    to_run_again,
)

NOON = datetime(2026, 3, 2, 12, 0, 0, 120_999, tzinfo=UTC)


def configuration(**teams: list[str]) -> Configuration:
    files = [TeamFile.model_validate({"team": {"name": name, "repos": repos}}) for name, repos in teams.items()]
    organization = GlobalFile.model_validate({"organization": {"name": "AcmeCorp", "login": "acme"}})
    return Configuration(global_=organization, teams=tuple(files), digest="sha256:0")


ACME = configuration(payments=["acme/pay", "ledger"], web=["acme/Web"])


def assigned(team: str = "all", repository: str | None = None) -> list[tuple[str, str]]:
    return [(each.team, each.repository) for each in assignments(ACME, team, repository)]


def test_a_run_of_all_teams_is_about_every_repository_of_each() -> None:
    assert assigned() == [("payments", "acme/pay"), ("payments", "acme/ledger"), ("web", "acme/Web")]


def test_a_run_of_one_team_is_about_its_repositories() -> None:
    assert assigned("web") == [("web", "acme/Web")]


def test_a_repository_is_found_in_any_case_and_spelled_as_it_is_configured() -> None:
    assert assigned(repository="ACME/web") == [("web", "acme/Web")]


def test_a_team_that_is_not_configured_is_refused_with_those_that_are() -> None:
    with pytest.raises(UnknownTeam, match="no team is called 'Web'") as refused:
        assigned("Web")

    assert refused.value.remedy == "choose one of all, payments, web"


@pytest.mark.parametrize("name", ["acme/pay", "web", "acme/other", ""])
def test_a_repository_of_no_chosen_team_is_refused_with_those_that_there_are(name: str) -> None:
    with pytest.raises(UnknownRepository, match=f"no chosen team owns a repository called '{name}'") as refused:
        assigned("web", name)

    assert refused.value.remedy == "choose one of acme/Web"


def pull(number: int, outcome: str = "held", *codes: str) -> dict[str, Any]:
    reasons = [{"code": code, "message": f"because of {code}", "actor": None} for code in codes]
    return {"number": number, "title": f"Change {number}", "head": "h", "outcome": outcome, "reasons": reasons}


def result(*pulls: dict[str, Any], before: str | None = "b0", after: str | None = "b1", **facts: Any) -> dict[str, Any]:
    return {
        "repository": "acme/web",
        "status": "ok",
        "error": None,
        "base_before": before,
        "base_after": after,
        "plan_digest": "sha256:1",
        "searches": [],
        "gate_runs": [],
        "pull_requests": list(pulls),
        **facts,
    }


def failed(message: str = "no answer") -> dict[str, Any]:
    error = {"code": "code-host-unreachable", "message": message, "remedy": "Wait."}
    return result(before=None, after=None, status="failed", error=error, plan_digest=None)


WEB, API, PAY = (Assignment("web", RepositoryName(f"acme/{name}")) for name in ("web", "api", "pay"))
WAITING = result(pull(1, "held", "dependency-open"), after="b0")


def test_what_the_later_round_found_of_a_pull_request_is_what_became_of_it() -> None:
    both = joined(
        result(pull(1, "merged"), pull(2, "held", "dependency-open"), gate_runs=["first"]),
        result(pull(2, "merged"), pull(3), before="b1", after="b2", plan_digest="sha256:2", gate_runs=["second"]),
    )

    assert both == result(pull(1, "merged"), pull(2, "merged"), pull(3), after="b2", gate_runs=["first", "second"])


def test_a_later_round_that_failed_keeps_what_the_earlier_one_did() -> None:
    both = joined(result(pull(1, "merged"), gate_runs=["first"]), failed())

    assert (both["status"], both["error"]) == ("failed", failed()["error"])
    assert (both["base_before"], both["base_after"], both["plan_digest"]) == ("b0", "b1", "sha256:1")
    assert (both["pull_requests"], both["gate_runs"]) == ([pull(1, "merged")], ["first"])


def test_what_waits_for_another_repository_runs_again_once_something_landed() -> None:
    latest = {WEB: result(pull(1, "merged")), API: WAITING, PAY: result(pull(1, "held", "draft"))}

    assert to_run_again(latest, latest) == (API,)


@pytest.mark.parametrize(
    "latest",
    [
        {WEB: result(pull(1, "held"))},
        {WEB: failed()},
        {WEB: result(pull(1, "merged"), after="b0")},
        {},
    ],
    ids=["nothing landed", "a repository failed", "what landed earlier is still shown as open", "nothing ran"],
)
def test_nothing_runs_again_where_the_latest_round_landed_nothing_new(latest: dict[Assignment, Any]) -> None:
    assert to_run_again({API: WAITING, **latest}, latest) == ()


def test_nothing_runs_again_where_nothing_waits_for_another_repository() -> None:
    latest = {WEB: result(pull(1, "merged"))}

    assert to_run_again({**latest, PAY: failed()}, latest) == ()


def document(results: dict[Assignment, Any]) -> dict[str, Any]:
    audit: dict[str, Any] = {"store": "file:///evidence", "size": 3, "root": None, "checkpoint": None}
    return run_document("r1", "merge", "sha256:c", (NOON, NOON.replace(hour=13)), audit, results)


def test_the_document_has_the_shape_of_the_public_contract() -> None:
    said = document({WEB: result(), PAY: failed(), API: result(pull(1))})

    assert said.keys() == {"run_id", "stage", "configuration", "started_at", "finished_at", "audit", "teams"}
    assert said["audit"].keys() == {"store", "size", "root", "checkpoint"}
    assert said["teams"] == [{"team": "web", "repositories": [result(), failed(), result(pull(1))]}]


def test_teams_are_told_by_name_and_repositories_as_configured() -> None:
    other = Assignment("docs", RepositoryName("acme/a"))

    assert [team["team"] for team in document({WEB: result(), other: result()})["teams"]] == ["docs", "web"]


def test_times_are_told_in_utc_to_the_millisecond() -> None:
    said = document({})

    assert (said["started_at"], said["finished_at"]) == ("2026-03-02T12:00:00.120Z", "2026-03-02T13:00:00.120Z")


def test_what_the_world_failed_at_is_a_problem_and_what_is_held_or_refused_is_none() -> None:
    some = result(pull(1, "failed"), pull(2, "refused"), pull(3, "held"), pull(4, "failed"), pull(5, "merged"))

    assert problems_of({WEB: some, PAY: failed(), API: result()}) == (
        "acme/web: failed #1, #4",
        "acme/pay: no answer. Wait.",
    )


def test_a_message_that_is_a_sentence_gets_no_second_full_stop() -> None:
    assert problems_of({PAY: failed("It cannot be written.")}) == ("acme/pay: It cannot be written. Wait.",)


def test_a_repository_that_failed_in_its_later_round_is_a_problem_twice() -> None:
    both = joined(result(pull(1, "failed")), failed())

    assert problems_of({WEB: both}) == ("acme/web: no answer. Wait.", "acme/web: failed #1")


def test_a_run_that_is_incomplete_says_why_and_what_came_of_the_rest() -> None:
    error = RunIncomplete({"run_id": "r1"}, ["acme/web: no answer", "acme/api: failed #1"])

    assert str(error) == "acme/web: no answer; acme/api: failed #1"
    assert (error.document, error.problems) == ({"run_id": "r1"}, ("acme/web: no answer", "acme/api: failed #1"))


def test_a_run_that_is_incomplete_says_so_in_another_process_as_well() -> None:
    error: RunIncomplete = pickle.loads(pickle.dumps(RunIncomplete({"run_id": "r1"}, ["no answer"])))  # noqa: S301 -- our own bytes

    assert (str(error), error.document, error.problems) == ("no answer", {"run_id": "r1"}, ("no answer",))
