"""What a person reads of a run, at the width that a terminal has."""

import io
from typing import Any

import pytest
from rich.console import Console

from flows.run_tables import outcome_table

REMEDY = "Check the network; then run again."
FAILED = {"code": "code-host-unreachable", "message": "it cannot be reached (ConnectionError)", "remedy": REMEDY}


def pull(number: int, title: str, outcome: str, why: str = "") -> dict[str, Any]:
    reasons = [{"code": "draft", "message": why, "actor": None}] if why else []
    landed = {"commit": "c", "tree": "t", "gated_tree": "t", "method": "merge"} if outcome == "merged" else None
    return {"number": number, "title": title, "outcome": outcome, "landed": landed, "reasons": reasons}


def repository(name: str, *pulls: dict[str, Any], error: Any = None) -> dict[str, Any]:
    together = {"pull_requests": [1, 2], "tree": "t", "gate": "tests", "verdict": "passed"}
    return {"repository": name, "error": error, "gate_runs": [together], "pull_requests": list(pulls)}


def shown(*repositories: dict[str, Any], width: int = 100) -> list[str]:
    out = io.StringIO()
    document = {"teams": [{"team": "team-a", "repositories": list(repositories)}]}
    Console(file=out, width=width).print(outcome_table(document))
    return [line.rstrip() for line in out.getvalue().splitlines()][2:]


def test_pull_requests_stand_below_their_team_and_repository() -> None:
    auth = repository("acme/auth", pull(1, "Limit logins", "merged"), pull(2, "Expire links", "merged"))

    assert shown(auth, repository("acme/users", pull(7, "Keep sessions", "held", "it is a draft"))) == [
        "    team-a  acme/auth",
        "1   Limit logins         merged    with #2",
        "2   Expire links         merged    with #1",
        "",
        "    team-a  acme/users",
        "7   Keep sessions        held      it is a draft",
    ]


def test_a_repository_that_failed_and_one_with_nothing_open_say_so() -> None:
    assert shown(repository("acme/auth", error=FAILED), repository("acme/users")) == [
        "    team-a  acme/auth",
        "    the repository       failed    it cannot be reached (ConnectionError). Check the network; then",
        "                                   run again.",
        "",
        "    team-a  acme/users             no open pull requests",
    ]


@pytest.mark.parametrize("width", [100, 120, 160])
def test_what_fits_stands_in_one_line(width: int) -> None:
    held = repository("acme/users", pull(2, "Keep sessions in Redis", "held", "the label ready-to-merge is not set"))

    assert len(shown(held, width=width)) == 2


def test_what_comes_from_outside_is_neither_markup_nor_control() -> None:
    (_, row) = shown(repository("acme/auth", pull(1, "[red]a\x1b[31mb\nc", "held", "it is a draft")))

    assert "[red]a [31mb c" in row
