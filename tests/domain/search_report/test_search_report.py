from dataclasses import replace
from typing import Any

from tasks.domain.gates import Phase, Verdict
from tasks.domain.journey import GateRun
from tasks.domain.odds import Judged, Sign
from tasks.domain.search import Purpose
from tasks.domain.search_report import in_words, searches_of
from tests.domain.builders import candidate, gate_result, pull_request
from tests.domain.lineup.test_lineup import journey

STARTED = journey(pull_request(1), pull_request(2), pull_request(3))


def run(*members: int, purpose: Purpose = Purpose.SEARCH, verdict: Verdict = Verdict.PASSED, **about: Any) -> GateRun:
    return GateRun(candidate(*members), gate_result(verdict=verdict, **about), purpose)


RUNS = (
    run(1, 2, 3, verdict=Verdict.FAILED),
    run(purpose=Purpose.BASE),
    run(1),
    run(1, 2, verdict=Verdict.FAILED),
    run(1, 2, verdict=Verdict.FAILED, purpose=Purpose.CONFIRMATION),
    run(1, 2, purpose=Purpose.CONFIRMATION),
    run(3, purpose=Purpose.SPECULATION),
    run(1, 2, 3, cached=True),
)


def test_what_was_assumed_is_told_beside_what_was_found_and_what_it_cost() -> None:
    judged = (Judged(Sign.NONE, bad=False), Judged(Sign.NONE, bad=True))

    (found,) = searches_of(replace(STARTED, runs=RUNS, judged=judged))

    assert found == {
        "slots": 1,
        "pull_requests": 3,
        "assumed_bad": 0.05,
        "judged": 2,
        "bad": 1,
        "expected_bad": 0.1,
        "evaluations": 4,
        "expected_evaluations": 1.34,
        "apart": {"base": 1, "confirmation": 2, "diagnosis": 0},
        "flakes": 1,
        "flake_rate": 0.0,
    }


def test_where_nothing_was_gated_there_is_nothing_to_tell() -> None:
    landed = replace(run(1), phase=Phase.POST_LANDING)

    assert searches_of(replace(STARTED, runs=(run(1, cached=True), landed))) == []
    assert in_words({"teams": [{"repositories": [{"searches": []}]}]}) == ""


def test_all_searches_of_a_run_are_told_in_one_clause() -> None:
    searches: Any = searches_of(replace(STARTED, runs=RUNS, judged=(Judged(Sign.NONE, bad=True),)))

    assert in_words({"teams": [{"repositories": [{"searches": searches}, {"searches": searches}]}]}) == (
        "gated 8 candidates (2.7 expected) to find 2 bad of 2 (0.1 expected); apart from that 2 target branches, "
        "4 asked again (2 flakes), 0 by themselves"
    )
