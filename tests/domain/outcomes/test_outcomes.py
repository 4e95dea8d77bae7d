from typing import Any

import pytest

from tasks.domain.outcomes import outcome_rows, repository_rows, totals

ERROR = {"code": "code-host-unreachable", "message": "no answer (ConnectionError)", "remedy": "Check the network."}


def pull(number: int, outcome: str, *codes: str, tree: str | None = None) -> dict[str, Any]:
    reasons = [{"code": code, "message": f"because of {code}", "actor": None} for code in codes]
    landed = None if tree is None else {"commit": "c", "tree": tree, "gated_tree": tree, "method": "merge"}
    title = f"Change {number}"
    return {"number": number, "title": title, "head": "h", "outcome": outcome, "landed": landed, "reasons": reasons}


def gate_run(tree: str, *numbers: int) -> dict[str, Any]:
    return {"pull_requests": list(numbers), "tree": tree, "gate": "tests", "verdict": "passed"}


def repository(*pulls: dict[str, Any], runs: tuple[Any, ...] = (), error: Any = None) -> dict[str, Any]:
    return {"repository": "acme/web", "error": error, "gate_runs": list(runs), "pull_requests": list(pulls)}


def document(*repositories: dict[str, Any]) -> dict[str, Any]:
    return {"teams": [{"team": "web", "repositories": list(repositories)}]}


def whys(told: dict[str, Any]) -> list[Any]:
    return [row["why"] for row in repository_rows(told)]


def test_a_row_says_whose_pull_request_it_is_and_why_it_did_not_land() -> None:
    (row,) = outcome_rows(document(repository(pull(2, "held", "draft", "target-other"))))

    assert row == {
        "team": "web",
        "repository": "acme/web",
        "pull request": 2,
        "title": "Change 2",
        "outcome": "held",
        "why": "because of draft; because of target-other",
    }


def test_what_landed_says_with_whom_it_was_tested() -> None:
    merged = [pull(number, "merged", tree="t3") for number in (1, 2, 3)]

    told = repository(
        *merged, pull(4, "refused", "gate-failed"), runs=(gate_run("t4", 1, 2, 3, 4), gate_run("t3", 1, 2, 3))
    )

    assert whys(told) == ["with #2 #3", "with #1 #3", "with #1 #2", "because of gate-failed"]


def test_what_landed_by_itself_says_so() -> None:
    assert whys(repository(pull(1, "merged", tree="t1"), runs=(gate_run("t1", 1),))) == ["alone"]


def test_a_base_of_the_same_tree_is_no_company() -> None:
    assert whys(repository(pull(1, "merged", tree="t1"), runs=(gate_run("t1"), gate_run("t1", 1)))) == ["alone"]


@pytest.mark.parametrize("runs", [(), ({"pull_requests": None, "tree": "t1"},)])
def test_of_what_landed_earlier_nothing_is_said(runs: tuple[Any, ...]) -> None:
    assert whys(repository(pull(1, "merged", tree="t1"), runs=runs)) == [""]


def test_what_the_world_failed_at_says_what_to_do() -> None:
    assert whys(repository(pull(1, "failed", "gate-errored"))) == [
        "because of gate-errored; read its log and mend where gates run; the next run tries again"
    ]


def test_a_repository_that_failed_has_a_row_with_its_remedy_before_its_pull_requests() -> None:
    first, second = repository_rows(repository(pull(1, "merged", tree="t1"), error=ERROR))

    assert first == {
        "pull request": "",
        "title": "the repository",
        "outcome": "failed",
        "why": "no answer (ConnectionError). Check the network.",
    }
    assert second["pull request"] == 1


def test_the_totals_are_by_outcome() -> None:
    pulls = [pull(1, "merged", tree="t"), pull(2, "refused"), pull(3, "held"), pull(4, "merged", tree="t")]

    assert (
        totals(document(repository(*pulls), repository(pull(1, "failed")))) == "2 merged, 1 held, 1 refused, 1 failed"
    )


def test_repositories_that_failed_are_counted_beside() -> None:
    assert totals(document(repository(pull(1, "held"), error=ERROR))) == "1 held, 1 repository failed"
    assert totals(document(repository(error=ERROR), repository(error=ERROR))) == "2 repositories failed"


def test_the_totals_of_nothing_say_so() -> None:
    assert totals(document(repository())) == "no open pull requests"


@pytest.mark.parametrize("nothing", [{"teams": None}, {"teams": [None]}, {"teams": []}])
def test_a_document_without_results_is_an_empty_table(nothing: dict[str, Any]) -> None:
    assert outcome_rows(nothing) == []
