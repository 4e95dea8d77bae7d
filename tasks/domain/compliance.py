"""
Is every control of every policy satisfied, and if not, why?

Each rule is judged even after one has failed: the auditor wants the list, the author wants one round. A rule that is
satisfied says so as well, and one that cannot be evaluated is in error, which blocks. What each check demands is in
`checks`. Rules about gates and the audit trail need `Proof`; without it they are not satisfied.
"""

from dataclasses import dataclass, replace
from typing import assert_never

from config.schema import (
    AnyRule,
    ApprovalsRule,
    AuditTrailRule,
    ChangeSizeRule,
    CodeOwnersRule,
    Enforcement,
    ExpressionRule,
    FreshnessRule,
    GatesRule,
    LabelsRule,
    LinearHistoryRule,
    PathsRule,
    ReviewersRule,
    RulesetRule,
    Severity,
    SignedCommitsRule,
    TestedTreeRule,
    TicketRule,
    TokenAgeRule,
)
from tasks.domain.approvals import count_approvals
from tasks.domain.checks.applicability import why_not_judged
from tasks.domain.checks.changes import check_paths, check_size, check_ticket
from tasks.domain.checks.code_owners import check_code_owners
from tasks.domain.checks.credential import check_token_age
from tasks.domain.checks.expression import check_expression
from tasks.domain.checks.gating import Proof, check_gates, check_tested_tree, check_trail, required_gates
from tasks.domain.checks.history import check_freshness, check_linear_history
from tasks.domain.checks.judgement import InError, Judgement, NotApplicable, Satisfied, Violated, Waived, judged
from tasks.domain.checks.labels import judge_labels
from tasks.domain.checks.people import check_approvals, check_reviewers
from tasks.domain.checks.protection import check_protection
from tasks.domain.checks.signatures import check_signed_commits
from tasks.domain.checks.waiving import let_pass
from tasks.domain.circumstances import contribution_of
from tasks.domain.emergency import BY
from tasks.domain.model import Circumstances, PullRequest
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.rules import Rules

_AFTER_GATES = (GatesRule, AuditTrailRule, TestedTreeRule)


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule on one pull request, and what came of judging it."""

    rule: str
    title: str
    severity: Severity
    enforcement: Enforcement
    controls: tuple[str, ...]
    judgement: Judgement

    @property
    def because(self) -> str:
        """A clause with the expected and the found in it."""
        return self.judgement.because

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What keeps the rule from being satisfied, and who can change it; empty where nothing does."""
        match self.judgement:
            case Violated(reasons=reasons) | InError(reasons=reasons):
                return tuple(self._named(reason) for reason in reasons)
            case Satisfied() | NotApplicable() | Waived():
                return ()
            case _:
                assert_never(self.judgement)

    def _named(self, reason: Reason) -> Reason:
        """With the rule's id, where the reason would not tell what demands it."""
        named = reason.code in {ReasonCode.POLICY_VIOLATED, ReasonCode.POLICY_ERROR}
        return replace(reason, message=f"{self.rule}: {reason.message}") if named else reason

    @property
    def result(self) -> str:
        """As records say it; these words never change."""
        match self.judgement:
            case Satisfied():
                return "pass"
            case NotApplicable():
                return "not_applicable"
            case Waived():
                return "waived"
            case Violated():
                return "fail"
            case InError():
                return "error"
            case _:
                assert_never(self.judgement)

    @property
    def satisfied(self) -> bool:
        """Nothing stands against it; nor does what is not about the pull request, or is let pass."""
        return isinstance(self.judgement, Satisfied | NotApplicable | Waived)

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
    def for_emergency(self) -> bool:
        """Whether an emergency let something pass."""
        judgements = (finding.judgement for finding in self.findings)
        return any(isinstance(each, Waived) and each.by == BY for each in judgements)

    @property
    def blocking_reasons(self) -> tuple[Reason, ...]:
        if not self.findings:
            return (Reason(ReasonCode.POLICY_VIOLATED, "no policy rule was evaluated, and nothing lands by default"),)
        reasons = (reason for finding in self.findings if finding.blocking for reason in finding.reasons)
        return tuple(dict.fromkeys(reasons))


def evaluate(
    pull_request: PullRequest, rules: Rules, circumstances: Circumstances, proof: Proof | None
) -> ComplianceReport:
    """Judges every rule of every policy, in the order of their ids."""
    return ComplianceReport(
        pull_request, tuple(_find(rule, pull_request, rules, circumstances, proof) for rule in _ordered(rules))
    )


def evaluate_before_gates(pull_request: PullRequest, rules: Rules, circumstances: Circumstances) -> ComplianceReport:
    """Judges what can be judged before anything is gated."""
    early = [rule for rule in _ordered(rules) if not isinstance(rule, _AFTER_GATES)]
    return ComplianceReport(
        pull_request, tuple(_find(rule, pull_request, rules, circumstances, None) for rule in early)
    )


def reasons_before_gates(pull_request: PullRequest, rules: Rules, circumstances: Circumstances) -> tuple[Reason, ...]:
    """What blocks already before anything is gated, so that no gate runs for what cannot land."""
    findings = evaluate_before_gates(pull_request, rules, circumstances).findings
    return tuple(reason for finding in findings if finding.blocking for reason in finding.reasons)


def _ordered(rules: Rules) -> list[AnyRule]:
    return sorted((rule for policy in rules.policies for rule in policy.rules), key=lambda rule: rule.id)


def _find(
    rule: AnyRule, pull_request: PullRequest, rules: Rules, circumstances: Circumstances, proof: Proof | None
) -> Finding:
    contribution = contribution_of(pull_request, circumstances)
    judgement: Judgement | None = why_not_judged(rule.when, pull_request, rules, contribution)
    if judgement is None:
        judgement = _judge(rule, pull_request, rules, circumstances, proof)
    judgement = let_pass(judgement, rule, pull_request, rules, circumstances)
    return Finding(rule.id, rule.title, rule.severity, rule.enforcement, rule.controls, judgement)


def _judge(  # noqa: C901, PLR0911, PLR0912 -- the closed registry: a line or two for each check
    rule: AnyRule, pull: PullRequest, rules: Rules, circumstances: Circumstances, proof: Proof | None
) -> Judgement:
    groups, contribution = circumstances.groups, contribution_of(pull, circumstances)
    match rule:
        case ApprovalsRule():
            return check_approvals(rule.parameters, pull, rules, groups)
        case ReviewersRule():
            return check_reviewers(pull, rules, groups)
        case CodeOwnersRule():
            approvals = count_approvals(pull, approvers=rules.approvers)
            return check_code_owners(rule.parameters, pull, approvals, contribution, circumstances.owners, groups)
        case LabelsRule():
            wanted = (*rules.filters.labels, *rule.parameters.all_of)
            excluded = (*rules.filters.exclude_labels, *rule.parameters.none_of)
            return judged(*judge_labels(pull, wanted, excluded))
        case GatesRule():
            passed = rule.parameters.passed
            return check_gates(required_gates(rules) if isinstance(passed, str) else passed, proof)
        case AuditTrailRule():
            return check_trail(required_gates(rules), proof)
        case PathsRule():
            return check_paths(rule.parameters, pull, contribution)
        case ChangeSizeRule():
            return check_size(rule.parameters, pull, contribution)
        case TicketRule():
            return check_ticket(rule.parameters, pull)
        case FreshnessRule():
            return check_freshness(rule.parameters, pull, contribution, circumstances.at)
        case TestedTreeRule():
            return check_tested_tree(required_gates(rules), proof, circumstances.trees)
        case LinearHistoryRule():
            return check_linear_history(pull, contribution)
        case TokenAgeRule():
            return check_token_age(rule.parameters, circumstances.credential)
        case RulesetRule():
            return check_protection(rule.parameters, pull.target, circumstances.protection)
        case SignedCommitsRule():
            return check_signed_commits(rule.parameters, pull, contribution, circumstances.signatures)
        case ExpressionRule():
            approvals = count_approvals(pull, approvers=rules.approvers)
            return check_expression(rule.parameters, pull, approvals, contribution, groups, rules)
        case _:
            assert_never(rule)
