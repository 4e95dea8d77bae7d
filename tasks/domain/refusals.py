"""What is said of a pull request that turns a gate red, and of a target branch that is red by itself."""

from tasks.domain.approvals import short
from tasks.domain.gates import BaseRed, Culprit, Evaluation, GateResult, Verdict
from tasks.domain.reasons import Reason, ReasonCode

_CODES = {
    Verdict.FAILED: ReasonCode.GATE_FAILED,
    Verdict.TIMED_OUT: ReasonCode.GATE_TIMED_OUT,
    Verdict.ERRORED: ReasonCode.GATE_ERRORED,
    Verdict.SKIPPED: ReasonCode.GATE_ERRORED,
}

_ANSWERS = frozenset({Verdict.FAILED, Verdict.TIMED_OUT})

GATES_NAMED = 10
"""What is told of a target branch is remembered, so it must fit into a record as it stands."""


def blamed_gates(evaluation: Evaluation) -> tuple[GateResult, ...]:
    """The gates that came to an answer, and it was no. None where all that did not pass could not be run to one."""
    return tuple(result for result in evaluation.blame if result.verdict in _ANSWERS)


def reason_for(culprit: Culprit, result: GateResult, author: str | None) -> Reason:
    """Of a gate that said no the company is part of it; to one that came to no answer it does not matter."""
    context = culprit.context if result.verdict in _ANSWERS else ()
    company = " ".join(f"#{number}" for number in context)
    together = f", merged after {company}" if company else ""
    return Reason(_CODES[result.verdict], f"gate {result.gate} {_ending(result)}{together}", author)


def reasons_for(culprit: Culprit, author: str | None) -> tuple[Reason, ...]:
    results = blamed_gates(culprit.evaluation) or culprit.evaluation.blame
    return tuple(reason_for(culprit, result, author) for result in results)


def reasons_for_unit(evaluation: Evaluation, author: str | None) -> tuple[tuple[GateResult, Reason], ...]:
    """Of each gate that what was gated as one did not pass; whoever is in it is told the same."""
    members = evaluation.candidate.members
    named = " ".join(f"#{number}" for number in members)
    company = f" on {named}, which are one change set" if len(members) > 1 else ""
    return tuple(
        (result, Reason(_CODES[result.verdict], f"gate {result.gate} {_ending(result)}{company}", author))
        for result in blamed_gates(evaluation) or evaluation.blame
    )


def base_red_reason(red: BaseRed, target: str) -> Reason:
    """A branch on which no gate came to an answer is not called red: the world failed, and is asked again."""
    blame = red.evaluation.blame
    named = [f"{result.gate} {_ending(result)}" for result in blame[:GATES_NAMED]]
    failing = ", ".join(named) + (f" and {more} more" if (more := len(blame) - len(named)) else "")
    commit = short(red.evaluation.candidate.commit)
    if not blamed_gates(red.evaluation):
        return Reason(ReasonCode.GATE_ERRORED, f"{target} itself could not be gated at {commit}: {failing}")
    return Reason(ReasonCode.BASE_RED, f"{target} itself is red at {commit}: {failing}")


def _ending(result: GateResult) -> str:
    if result.verdict is Verdict.TIMED_OUT:
        return "exceeded its time limit"
    if result.verdict is Verdict.FAILED:
        return "failed" + _status(result)
    return "could not be run to an answer" + _status(result)


def _status(result: GateResult) -> str:
    return "" if result.exit_code is None else f" with exit status {result.exit_code}"
