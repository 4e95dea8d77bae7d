"""
The decisions on 1,000 pull requests of one repository, and nothing but those.

Less than a second is aimed at for the plan; the rounds that land them are decided one after another behind it.
"""

from collections.abc import Callable, Sequence

import pytest

from tasks.domain.discovery import find_candidates
from tasks.domain.gates import Evaluation
from tasks.domain.journey import Batch, Cleared, Gated, GateRun, Journey
from tasks.domain.land import Landed
from tasks.domain.lex_pr import lex_pr_plan
from tasks.domain.lineup import line_up
from tasks.domain.memory import Memory
from tasks.domain.model import PullRequest
from tasks.domain.ordering import order_candidates, references_to_resolve
from tasks.domain.outset import Known, begin
from tasks.domain.plan import make_plan, plan_document
from tasks.domain.search import next_step
from tests.benchmarks.stopwatch import Stopwatch, say
from tests.domain import builders

COUNT = 1000


def alone(number: int) -> PullRequest:
    return builders.pull_request(number)


def stacked(number: int) -> PullRequest:
    """Ten on one another, each with the commits of those below it and its need of the one below spelled out."""
    lowest = number - (number - 1) % 10
    commits = tuple(builders.commit("alice", sha=builders.sha(each)) for each in range(lowest, number + 1))
    body = "" if number == lowest else f"Depends-on: #{number - 1}"
    return builders.pull_request(number, body=body, commits=commits)


@pytest.mark.long
@pytest.mark.parametrize("cap", [10, 100])
@pytest.mark.parametrize("written", [alone, stacked])
def test_a_thousand_pull_requests_are_planned(
    written: Callable[[int], PullRequest], cap: int, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = builders.snapshot(*(written(number) for number in range(1, COUNT + 1)))
    rules, watch, memory = builders.rules(batch_cap=cap), Stopwatch(), Memory()
    with watch.lap("references"):
        references_to_resolve(snapshot)
    with watch.lap("discovery"):
        discovered = find_candidates(snapshot, rules)
    with watch.lap("order"):
        ordered = order_candidates(snapshot, discovered.candidates)
    with watch.lap("plan"):
        plan = make_plan(rules, snapshot, ordered, {})
    with watch.lap("documents"):
        plan_document(plan, rules, snapshot)
        lex_pr_plan(plan, rules)
    with watch.lap("journey"):
        journey = begin(snapshot, rules, ordered, plan, Known(memory, {}, {}, {}))
    with watch.lap("what is open"):
        still_open = journey.open
    with watch.lap("batch"):
        next_step(line_up(journey, first_batch(still_open, cap), base_green=True), {})

    say(capsys, f"{COUNT} pull requests, {written.__name__}, batches of {cap}: {watch.total:.3f} s ({watch})")
    assert len(plan.members) == COUNT


@pytest.mark.long
@pytest.mark.parametrize("cap", [10, 100])
def test_a_thousand_pull_requests_land_in_rounds(cap: int, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = builders.snapshot(*(alone(number) for number in range(1, COUNT + 1)))
    rules, watch = builders.rules(batch_cap=cap), Stopwatch()
    ordered = order_candidates(snapshot, range(1, COUNT + 1))
    journey = begin(snapshot, rules, ordered, make_plan(rules, snapshot, ordered, {}), Known(Memory(), {}, {}, {}))
    while journey.open:
        with watch.lap("what to gate"):
            batch = first_batch(journey.open, cap)
            next_step(line_up(journey, batch, base_green=True), {})
        evaluation = builders.evaluation(*batch.candidates[-1].members)
        with watch.lap("what came of it"):
            journey = after_landing(journey, evaluation)
    with watch.lap("conclusion"):
        journey.concluded(Batch(builders.candidate(), (), {}))

    say(capsys, f"{COUNT} pull requests landed in batches of {cap}: {watch.total:.3f} s ({watch})")
    assert len(journey.landed) == COUNT


def first_batch(waiting: Sequence[PullRequest], cap: int) -> Batch:
    members = tuple(pull.number for pull in waiting[:cap])
    return Batch(builders.candidate(), tuple(builders.candidate(*members[: at + 1]) for at in range(len(members))), {})


def after_landing(journey: Journey, evaluation: Evaluation) -> Journey:
    candidate = evaluation.candidate
    batch = Batch(builders.candidate(), (candidate,), {})
    gated = Gated(evaluation, {}, tuple(GateRun(candidate, result) for result in evaluation.results))
    landing = tuple(
        Landed(number, candidate.commit, candidate.tree, candidate.tree, journey.rules.method)
        for number in candidate.members
    )
    return journey.after(batch, gated, Cleared(candidate, (), {}), landing)
