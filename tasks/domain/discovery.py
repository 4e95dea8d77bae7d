"""Which open pull requests are candidates, and every reason why the others are not."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tasks.domain.approvals import count_approvals
from tasks.domain.checks.labels import judge_labels
from tasks.domain.checks.people import Groups, judge_approvals, judge_reviewers
from tasks.domain.compliance import reasons_before_gates
from tasks.domain.membership import membership
from tasks.domain.model import Circumstances, Mergeability, PullRequest, Snapshot
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.rules import Rules


@dataclass(frozen=True, slots=True)
class Discovered:
    """Every open pull request is either among `candidates` or has at least one entry in `reasons`."""

    candidates: tuple[int, ...]
    reasons: Mapping[int, tuple[Reason, ...]]


def find_candidates(snapshot: Snapshot, rules: Rules) -> Discovered:
    judged = {pull.number: reasons_against(pull, rules, snapshot.circumstances) for pull in snapshot.pull_requests}
    return Discovered(
        candidates=tuple(number for number, reasons in judged.items() if not reasons),
        reasons={number: reasons for number, reasons in judged.items() if reasons},
    )


def in_short(snapshot: Snapshot) -> str:
    """For the log of a run only: the code host finds mergeability out late, so that no two runs need to agree on it."""
    counts = Counter(pull.mergeability for pull in snapshot.pull_requests)
    told = ", ".join(f"{counts[each]} {each.value}" for each in Mergeability)
    return f"{len(snapshot.pull_requests)} open; the code host says of merging them: {told}"


def reasons_against(pull_request: PullRequest, rules: Rules, circumstances: Circumstances) -> tuple[Reason, ...]:
    """
    What the team's scope and the policies hold against it now, before any gate has run.

    Of what targets another branch nothing is read that rules may ask for beyond the pull request.
    """
    reasons = [
        *_against_its_state(pull_request, rules),
        *_against_its_scope(pull_request, rules, circumstances.groups),
        *(reasons_before_gates(pull_request, rules, circumstances) if pull_request.target == rules.target else ()),
    ]
    return tuple(dict.fromkeys(reasons))


def _against_its_state(pull_request: PullRequest, rules: Rules) -> list[Reason]:
    reasons = []
    author = pull_request.author
    if not pull_request.open:
        reasons.append(Reason(ReasonCode.CHANGED_MEANWHILE, "it is no longer open", author))
    if pull_request.draft:
        reasons.append(Reason(ReasonCode.DRAFT, "it is a draft", author))
    if pull_request.target != rules.target:
        message = f"it targets {pull_request.target}, {rules.team} lands on {rules.target}"
        reasons.append(Reason(ReasonCode.TARGET_OTHER, message, author))
    if (problem := membership(pull_request.body).problem) is not None:
        reasons.append(Reason(ReasonCode.CHANGE_SET_UNREADABLE, problem, author))
    return reasons


def _against_its_scope(pull_request: PullRequest, rules: Rules, groups: Groups) -> list[Reason]:
    filters = rules.filters
    approvals = count_approvals(pull_request, approvers=rules.approvers)
    return [
        *judge_labels(pull_request, filters.labels, filters.exclude_labels)[1],
        *judge_approvals(pull_request, approvals, filters.required_approvals)[1],
        *judge_reviewers(approvals, filters.required_reviewers, groups)[1],
    ]
