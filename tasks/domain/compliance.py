"""
Is every control of every policy satisfied, and if not, why?

Each rule is judged even after one has failed: the auditor wants the list, the author wants one round. A rule that is
satisfied says so as well. Rules about gates and the audit trail need `Proof`; without it they are not satisfied.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from config.schema import (
    AnyRule,
    ApprovalsRule,
    AuditTrailRule,
    Enforcement,
    GatesRule,
    LabelsRule,
    ReviewersRule,
    Severity,
)
from tasks.domain.approvals import Approvals, count_approvals, short
from tasks.domain.gates import Evaluation, Verdict
from tasks.domain.model import Login, PullRequest
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.rules import Rules

Groups = Mapping[str, frozenset[Login]]


@dataclass(frozen=True, slots=True)
class Proof:
    """What gating left: the evaluation of the candidate that lands, and the gates whose pass the audit log shows."""

    evaluation: Evaluation
    recorded: frozenset[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One rule on one pull request. `because` is a clause with the expected and the found in it.

    `reasons` is empty where the rule is satisfied, and has at least one entry where it is not.
    """

    rule: str
    title: str
    severity: Severity
    enforcement: Enforcement
    controls: tuple[str, ...]
    because: str
    reasons: tuple[Reason, ...]

    @property
    def satisfied(self) -> bool:
        return not self.reasons

    @property
    def blocking(self) -> bool:
        return not self.satisfied and self.enforcement is Enforcement.BLOCK


@dataclass(frozen=True, slots=True)
class ComplianceReport:
    pull_request: PullRequest
    findings: tuple[Finding, ...]

    @property
    def compliant(self) -> bool:
        """Whether no rule blocks; a report without findings proves nothing."""
        return bool(self.findings) and not any(finding.blocking for finding in self.findings)

    @property
    def blocking_reasons(self) -> tuple[Reason, ...]:
        if not self.findings:
            return (Reason(ReasonCode.POLICY_VIOLATED, "no policy rule was evaluated, and nothing lands by default"),)
        reasons = (reason for finding in self.findings if finding.blocking for reason in finding.reasons)
        return tuple(dict.fromkeys(reasons))


def evaluate(pull_request: PullRequest, rules: Rules, groups: Groups, proof: Proof | None) -> ComplianceReport:
    """Judges every rule of every policy, in the order of their ids."""
    return ComplianceReport(
        pull_request, tuple(_judge(rule, pull_request, rules, groups, proof) for rule in _ordered(rules))
    )


def reasons_before_gates(pull_request: PullRequest, rules: Rules, groups: Groups) -> tuple[Reason, ...]:
    """What blocks already before anything is gated, so that no gate runs for what cannot land."""
    early = [rule for rule in _ordered(rules) if not isinstance(rule, GatesRule | AuditTrailRule)]
    findings = (_judge(rule, pull_request, rules, groups, None) for rule in early)
    return tuple(reason for finding in findings if finding.blocking for reason in finding.reasons)


def _ordered(rules: Rules) -> list[AnyRule]:
    return sorted((rule for policy in rules.policies for rule in policy.rules), key=lambda rule: rule.id)


def _judge(rule: AnyRule, pull_request: PullRequest, rules: Rules, groups: Groups, proof: Proof | None) -> Finding:
    match rule:
        case ApprovalsRule():
            approvals = count_approvals(
                pull_request,
                approvers=rules.approvers,
                exclude=rule.parameters.exclude,
                only_of_head=rule.parameters.on_final_commit is True,
            )
            required = max(rule.parameters.min or 0, rules.filters.required_approvals)
            because, reasons = judge_approvals(pull_request, approvals, required)
        case ReviewersRule():
            approvals = count_approvals(pull_request, approvers=rules.approvers)
            because, reasons = judge_reviewers(approvals, rules.filters.required_reviewers, groups)
        case LabelsRule():
            wanted = (*rules.filters.labels, *rule.parameters.all_of)
            excluded = (*rules.filters.exclude_labels, *rule.parameters.none_of)
            because, reasons = judge_labels(pull_request, wanted, excluded)
        case GatesRule():
            because, reasons = _judge_gates(_named(rule.parameters.passed, rules), proof)
        case AuditTrailRule():
            because, reasons = _judge_trail(_named("required", rules), proof)
        case _:
            assert_never(rule)
    return Finding(rule.id, rule.title, rule.severity, rule.enforcement, rule.controls, because, reasons)


Judgement = tuple[str, tuple[Reason, ...]]


def judge_approvals(pull_request: PullRequest, approvals: Approvals, required: int) -> Judgement:
    counted = len(approvals.counted)
    because = f"{counted} of {required} independent approvals of {short(pull_request.head)}"
    reasons = [
        Reason(ReasonCode.CHANGES_REQUESTED, f"{veto.reviewer or 'a deleted account'} asked for changes", veto.reviewer)
        for veto in approvals.vetoes
    ]
    if not pull_request.commits_complete:
        listed = f"{pull_request.commits_told} of {pull_request.commit_count} commits are listed"
        reasons.append(Reason(ReasonCode.COMMITS_UNKNOWN, f"{listed}, so contributors cannot be told from approvers"))
    if counted < required:
        reasons.append(Reason(ReasonCode.APPROVALS_MISSING, because))
        reasons.extend(approvals.discounted)
    return because, tuple(reasons)


def judge_reviewers(approvals: Approvals, required: Iterable[str], groups: Groups) -> Judgement:
    """A name is a login, or a team of which any member counts."""
    missing = [name for name in required if not _approved_by(name, approvals.approvers, groups)]
    if not missing:
        return "every required reviewer approved this head", ()
    reasons = tuple(
        Reason(ReasonCode.REVIEWER_MISSING, f"the approval of {name} for this head is missing", name)
        for name in missing
    )
    return f"not approved by {', '.join(missing)}", reasons


def _approved_by(name: str, approvers: frozenset[Login], groups: Groups) -> bool:
    if name in groups:
        return bool(groups[name] & approvers)
    return "/" not in name and Login(name.casefold()) in approvers


def judge_labels(pull_request: PullRequest, wanted: Iterable[str], excluded: Iterable[str]) -> Judgement:
    """
    Labels are compared whole: `no-security-review-pending` is not `security-review-pending`.

    To the code host a label is the same in upper and lower case. What is wanted must be spelt as configured, what is
    excluded is recognized however it is spelt, so that both err on the side of holding.
    """
    author = pull_request.author
    there = {label.casefold() for label in pull_request.labels}
    missing = [label for label in dict.fromkeys(wanted) if label not in pull_request.labels]
    present = [label for label in dict.fromkeys(excluded) if label.casefold() in there]
    reasons = [Reason(ReasonCode.LABEL_MISSING, f"the label {label} is not set", author) for label in missing]
    reasons += [Reason(ReasonCode.LABEL_EXCLUDED, f"the label {label} is set", author) for label in present]
    if not reasons:
        return "every wanted label is set and no excluded one", ()
    return "; ".join(reason.message for reason in reasons), tuple(reasons)


def _named(passed: str | tuple[str, ...], rules: Rules) -> tuple[str, ...]:
    """The gates that must have passed; what is required is the configuration's word, not that of their results."""
    if isinstance(passed, str):
        return tuple(gate.name for gate in rules.gates if gate.required)
    return passed


def _judge_gates(names: Sequence[str], proof: Proof | None) -> Judgement:
    if proof is None:
        return "nothing was gated", (Reason(ReasonCode.POLICY_VIOLATED, "nothing was gated"),)
    verdicts = {name: _verdict(name, proof.evaluation) for name in names}
    open_ = {name: found for name, found in verdicts.items() if found is not Verdict.PASSED}
    tree = proof.evaluation.candidate.tree[:7]
    if names and not open_:
        return f"{len(names)} of {len(names)} gates passed on tree {tree}", ()
    said = [f"{name} {'did not run' if found is None else found.value}" for name, found in open_.items()]
    because = f"on tree {tree}: {', '.join(said) or 'no gate is required'}"
    return because, (Reason(ReasonCode.POLICY_VIOLATED, because),)


def _verdict(name: str, evaluation: Evaluation) -> Verdict | None:
    """None: it did not run."""
    verdicts = [result.verdict for result in evaluation.results if result.gate == name]
    return next((verdict for verdict in verdicts if verdict is not Verdict.PASSED), verdicts[0] if verdicts else None)


def _judge_trail(names: Sequence[str], proof: Proof | None) -> Judgement:
    if proof is None or not names:
        message = "there is no audit record of a gate"
        return message, (Reason(ReasonCode.AUDIT_TRAIL_MISSING, message),)
    missing = [name for name in names if name not in proof.recorded]
    if not missing:
        return "the audit log shows that every required gate passed", ()
    message = f"the audit log does not show that {', '.join(missing)} passed"
    return message, (Reason(ReasonCode.AUDIT_TRAIL_MISSING, message),)
