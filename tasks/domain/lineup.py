"""Who waits to land, and what the search for culprits is to think of them: a journey as the search sees it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from tasks.domain.gates import ANSWERS, Candidate, Evaluation, GateResult, Phase, Verdict
from tasks.domain.journey import Batch, Journey
from tasks.domain.lanes import lane_of
from tasks.domain.model import Digest, PullRequest
from tasks.domain.odds import Odds, Sign, odds_of, sign_of
from tasks.domain.search import Line


def line_up(journey: Journey, batch: Batch, *, base_green: bool) -> Line:
    """
    `batch` has a candidate, and the line is its lane: nothing is gated with it that is of another.

    Whoever conflicts with it is not in the line, since nobody knows when that ends.
    """
    first = batch.candidates[-1].members
    waiting = [
        pull for pull in lane_of(first[0], journey) if pull.number in first or pull.number not in batch.conflicts
    ]
    odds = odds_against(journey, waiting)
    return Line(
        order=tuple(pull.number for pull in waiting),
        batch=first,
        bad={number: each.bad for number, each in odds.items()},
        cap=journey.rules.batch_cap,
        base_green=base_green,
        needs={number: journey.dependencies.get(number, frozenset()) - journey.landed.keys() for number in odds},
        doubted=_doubted(journey, batch),
        suspected=frozenset(_suspected(journey, [pull for pull in waiting if pull.number in first])),
        retries={gate.name: gate.retries for gate in journey.rules.gates},
    )


def odds_against(journey: Journey, pull_requests: Iterable[PullRequest]) -> Mapping[int, Odds]:
    odds = {sign: odds_of(sign, journey.judged) for sign in Sign}
    return {number: odds[sign] for number, sign in signs_of(journey, pull_requests).items()}


def signs_of(journey: Journey, pull_requests: Iterable[PullRequest]) -> Mapping[int, Sign]:
    heads = journey.heads
    again = {record.number for record in journey.memory.refusals if record.head != heads.get(record.number)}
    return {pull.number: sign_of(pull, again) for pull in pull_requests}


def _suspected(journey: Journey, pull_requests: Iterable[PullRequest]) -> Iterable[int]:
    """
    Those whose failure in company may well be nobody's own.

    Others say that their head is good, or this repository has had failures before that were nobody's own.
    """
    usual = journey.memory.interactions > 0 or journey.memory.gates.flakes > 0
    signs = signs_of(journey, pull_requests)
    return (number for number, sign in signs.items() if usual or sign is Sign.REPORTED_GOOD)


def _doubted(journey: Journey, batch: Batch) -> frozenset[frozenset[int]]:
    """What was red in this run on another base, without those who have landed since."""
    asked = [run for run in journey.runs if run.phase is Phase.GATE and run.result.required]
    red = [run for run in asked if run.result.verdict in ANSWERS]
    still = [run for run in red if not journey.evaluations[run.candidate.tree].green]
    landed = frozenset(journey.landed)
    sets = (frozenset(run.group) - landed for run in still if run.candidate.base != batch.base.commit)
    return frozenset(each for each in sets if each)


def remembered_failure(journey: Journey, candidate: Candidate, environment: Digest, at: datetime) -> Evaluation | None:
    """
    What the log has against this very tree; None where no required gate is on record as having failed on it.

    Where somebody was refused on it, it was asked again as often as it may be.
    """
    gates = journey.rules.gates
    found = {
        gate.name: failure
        for gate in gates
        if gate.required and (failure := journey.memory.gates.failure(gate, candidate.tree, environment, at))
    }
    if not found:
        return None
    rest = (GateResult(gate.name, gate.required, Verdict.SKIPPED, None, 0.0, None, cached=True) for gate in gates)
    settled = candidate.tree in {record.tree for record in journey.memory.refusals}
    refusals = {gate.name: gate.retries for gate in gates if settled}
    return Evaluation(candidate, tuple(found.get(result.gate, result) for result in rest), refusals)
