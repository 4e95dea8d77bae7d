"""What is said of a pull request that turns a gate red, and of a target branch that is red by itself."""

from collections.abc import Collection

from tasks.domain.approvals import short
from tasks.domain.change_sets import MEMBERS_NAMED
from tasks.domain.gates import ANSWERS, Evaluation, GateResult, Verdict
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.search import BaseRed, Culprit
from tasks.domain.units import Unit

_CODES = {
    Verdict.FAILED: ReasonCode.GATE_FAILED,
    Verdict.TIMED_OUT: ReasonCode.GATE_TIMED_OUT,
    Verdict.ERRORED: ReasonCode.GATE_ERRORED,
    Verdict.SKIPPED: ReasonCode.GATE_ERRORED,
}

GATES_NAMED = 10
"""What is told of a target branch is remembered, so it must fit into a record as it stands."""


def reason_for(culprit: Culprit, result: GateResult, author: str | None) -> Reason:
    """Of a gate that said no the company is part of it; to one that came to no answer it does not matter."""
    code, told = _CODES[result.verdict], f"gate {result.gate} {ending(result)}"
    company = " ".join(f"#{number}" for number in culprit.context)
    if not company or result.verdict not in ANSWERS:
        return Reason(code, told, author)
    if culprit.good_alone:
        return Reason(ReasonCode.INTERACTION, f"{told}, merged after {company}, and passed without", author)
    return Reason(code, f"{told}, merged after {company}", author)


def reasons_for(culprit: Culprit, author: str | None) -> tuple[Reason, ...]:
    results = culprit.evaluation.answers or culprit.evaluation.blame
    return tuple(reason_for(culprit, result, author) for result in results)


def reasons_for_unit(
    evaluation: Evaluation, unit: Unit, joint: Collection[str], author: str | None
) -> tuple[tuple[GateResult, Reason], ...]:
    """
    Of each gate that what was gated as one did not pass; whoever is in it is told the same.

    `joint` are the gates that saw the rest of the change set as well: nobody can tell whose fault their no is.
    """
    members = evaluation.candidate.members
    named = " ".join(f"#{number}" for number in members)
    alone = f" on {named}, which are one change set" if len(members) > 1 else ""
    rest = [str(reference) for reference in sorted(unit.elsewhere)]
    more = [f"{len(rest) - MEMBERS_NAMED} more"] if len(rest) > MEMBERS_NAMED else []
    whole = f" on change set {unit.name} as a whole, {named} with {', '.join((*rest[:MEMBERS_NAMED], *more))}"
    return tuple(
        (result, Reason(_CODES[result.verdict], f"gate {result.gate} {ending(result)}{company}", author))
        for result in evaluation.answers or evaluation.blame
        for company in [whole if result.gate in joint else alone]
    )


def base_red_reason(red: BaseRed, target: str) -> Reason:
    """A branch on which no gate came to an answer is not called red: the world failed, and is asked again."""
    blame = [result for result in red.evaluation.blame if result.verdict is not Verdict.SKIPPED] or red.evaluation.blame
    named = [f"{result.gate} {ending(result)}" for result in blame[:GATES_NAMED]]
    failing = ", ".join(named) + (f" and {more} more" if (more := len(blame) - len(named)) else "")
    commit = short(red.evaluation.candidate.commit)
    if not red.evaluation.answers:
        return Reason(ReasonCode.GATE_ERRORED, f"{target} itself could not be gated at {commit}: {failing}")
    return Reason(ReasonCode.BASE_RED, f"{target} itself is red at {commit}: {failing}")


def ending(result: GateResult) -> str:
    if result.verdict is Verdict.TIMED_OUT:
        return "exceeded its time limit"
    if result.verdict is Verdict.FAILED:
        return "failed" + _status(result)
    return "could not be run to an answer" + _status(result)


def _status(result: GateResult) -> str:
    return "" if result.exit_code is None else f" with exit status {result.exit_code}"
