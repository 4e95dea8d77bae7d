"""What gating left: which gates passed, what the audit log shows of that, and whether what lands is what they saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.domain.checks.judgement import Judgement, Satisfied, Violated, in_error, violated
from tasks.domain.gates import Evaluation, Verdict
from tasks.domain.model import CommitSha, TreeSha
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.rules import Rules


@dataclass(frozen=True, slots=True)
class Proof:
    """What gating left: the evaluation of the candidate that lands, and the gates whose pass the audit log shows."""

    evaluation: Evaluation
    recorded: frozenset[str]


def required_gates(rules: Rules) -> tuple[str, ...]:
    """What is required is the configuration's word, not that of the results."""
    return tuple(gate.name for gate in rules.gates if gate.required)


def check_gates(names: Sequence[str], proof: Proof | None) -> Judgement:
    if proof is None:
        return violated("nothing was gated", None)
    open_ = _not_passed(names, proof.evaluation)
    tree = proof.evaluation.candidate.tree[:7]
    if names and not open_:
        return Satisfied(f"{len(names)} of {len(names)} gates passed on tree {tree}")
    return violated(f"on tree {tree}: {', '.join(open_) or 'no gate is required'}", None)


def check_trail(names: Sequence[str], proof: Proof | None) -> Judgement:
    if proof is None or not names:
        return _without_record("there is no audit record of a gate")
    missing = [name for name in names if name not in proof.recorded]
    if not missing:
        return Satisfied("the audit log shows that every required gate passed")
    return _without_record(f"the audit log does not show that {', '.join(missing)} passed")


def check_tested_tree(names: Sequence[str], proof: Proof | None, trees: Mapping[CommitSha, TreeSha]) -> Judgement:
    """`trees` is what git says anew of the commit that is about to land."""
    if proof is None:
        return violated("nothing was gated", None)
    candidate = proof.evaluation.candidate
    carried = trees.get(candidate.commit)
    if not carried or not candidate.tree:
        return in_error(f"what tree {candidate.commit[:7]} carries is unknown, {candidate.tree[:7]} is expected")
    if carried != candidate.tree:
        return violated(f"tree {candidate.tree[:7]} was tested, and {carried[:7]} would land", None)
    if not names or (open_ := _not_passed(names, proof.evaluation)):
        return violated(f"on tree {carried[:7]}: {', '.join(open_) if names else 'no gate is required'}", None)
    return Satisfied(f"tree {carried[:7]} was tested and is what lands")


def _not_passed(names: Sequence[str], evaluation: Evaluation) -> list[str]:
    verdicts = {name: _verdict(name, evaluation) for name in names}
    open_ = {name: found for name, found in verdicts.items() if found is not Verdict.PASSED}
    return [f"{name} {'did not run' if found is None else found.value}" for name, found in open_.items()]


def _verdict(name: str, evaluation: Evaluation) -> Verdict | None:
    """None: it did not run."""
    verdicts = [result.verdict for result in evaluation.results if result.gate == name]
    return next((verdict for verdict in verdicts if verdict is not Verdict.PASSED), verdicts[0] if verdicts else None)


def _without_record(message: str) -> Violated:
    return Violated(message, (Reason(ReasonCode.AUDIT_TRAIL_MISSING, message),))
