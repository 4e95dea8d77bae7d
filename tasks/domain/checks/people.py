"""Who approved: enough people, people of certain teams, each reviewer whom a team requires."""

from collections.abc import Iterable, Mapping

from config.schema import ApprovalsParameters
from tasks.domain.approvals import Approvals, count_approvals, reasons_of_unknown_people, short
from tasks.domain.checks.judgement import InError, Judgement, in_error, judged
from tasks.domain.model import Login, PullRequest
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.rules import Rules

Groups = Mapping[str, frozenset[Login]]


def check_approvals(
    parameters: ApprovalsParameters, pull_request: PullRequest, rules: Rules, groups: Groups
) -> Judgement:
    """Where the rule says whose approvals count, others neither count nor are told of."""
    approvals = count_approvals(
        pull_request,
        approvers=rules.approvers,
        exclude=parameters.exclude,
        only_of_head=parameters.on_final_commit is True,
    )
    unknown_people = reasons_of_unknown_people(pull_request) if parameters.everybody_known else ()
    if not parameters.restricted:
        required = max(parameters.min or 0, rules.filters.required_approvals)
        because, reasons = judge_approvals(pull_request, approvals, required)
        return judged(because, (*reasons, *unknown_people))
    named = (*parameters.from_people, *parameters.from_groups)
    if unknown := [group for group in parameters.from_groups if not groups.get(group)]:
        found = f"approvals of {', '.join(named)} are demanded, and nobody is known to be in {', '.join(unknown)}"
        return in_error(found, "the owner of the rule")
    eligible = frozenset(Login(name.casefold()) for name in parameters.from_people).union(
        *(groups[group] for group in parameters.from_groups)
    )
    told = tuple(reason for reason in approvals.discounted if reason.actor in eligible)
    among = Approvals(tuple(vote for vote in approvals.counted if vote.reviewer in eligible), told, approvals.vetoes)
    whose = f" by {' or '.join(named)}"
    because, reasons = judge_approvals(pull_request, among, parameters.min or 1, whose)
    return judged(because, (*reasons, *unknown_people))


def judge_approvals(
    pull_request: PullRequest, approvals: Approvals, required: int, whose: str = ""
) -> tuple[str, tuple[Reason, ...]]:
    counted = len(approvals.counted)
    because = f"{counted} of {required} independent approvals of {short(pull_request.head)}{whose}"
    reasons = [
        Reason(ReasonCode.CHANGES_REQUESTED, f"{veto.reviewer or 'a deleted account'} asked for changes", veto.reviewer)
        for veto in approvals.vetoes
    ]
    reasons += unlisted_commits(pull_request)
    if counted < required:
        reasons.append(Reason(ReasonCode.APPROVALS_MISSING, because))
        reasons.extend(approvals.discounted)
    return because, tuple(reasons)


def unlisted_commits(pull_request: PullRequest) -> tuple[Reason, ...]:
    """Whoever wrote what is not listed may be among those who approved."""
    if pull_request.commits_complete:
        return ()
    listed = f"{pull_request.commits_told} of {pull_request.commit_count} commits are listed"
    return (Reason(ReasonCode.COMMITS_UNKNOWN, f"{listed}, so contributors cannot be told from approvers"),)


def check_reviewers(pull_request: PullRequest, rules: Rules, groups: Groups) -> Judgement:
    required = rules.filters.required_reviewers
    because, reasons = judge_reviewers(count_approvals(pull_request, approvers=rules.approvers), required, groups)
    if required and not reasons and (unknown := unlisted_commits(pull_request)):
        return InError(unknown[0].message, unknown)
    return judged(because, reasons)


def judge_reviewers(approvals: Approvals, required: Iterable[str], groups: Groups) -> tuple[str, tuple[Reason, ...]]:
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
