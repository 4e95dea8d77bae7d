"""
Does somebody let pass what a rule has against a pull request?

Only what is violated can be let pass: a rule that cannot be evaluated says nothing that anybody could answer for. A
waiver holds between its days, in its scope, for a rule that is marked so, and not on a pull request that whoever
allowed it wrote a part of.
"""

from config.schema import AnyRule, Waiver
from tasks.domain.checks.judgement import Judgement, Violated, Waived
from tasks.domain.emergency import BY, Emerged, emergency_of
from tasks.domain.model import Circumstances, PullRequest
from tasks.domain.rules import Rules


def let_pass(
    judgement: Judgement, rule: AnyRule, pull: PullRequest, rules: Rules, circumstances: Circumstances
) -> Judgement:
    """Where it is not known when it is judged, no waiver is known to hold."""
    at = circumstances.at
    if not isinstance(judgement, Violated) or not rule.waivable:
        return judgement
    holding = (waiver for waiver in rules.waivers if waiver.rule == rule.id and at is not None and waiver.holds(at))
    waiver = next((each for each in holding if _is_about(each, pull) and _is_independent(each, pull)), None)
    if waiver is None:
        emerged = emergency_here(pull, rules, circumstances)
        return judgement if emerged is None else Waived(f"{judgement.because}; {emerged.told}", BY)
    until = f"{waiver.id} of {waiver.approved_by} until {waiver.expires}: {waiver.reason}"
    return Waived(f"{judgement.because}; {waiver.category.value} {until}", waiver.id)


def emergency_here(pull: PullRequest, rules: Rules, circumstances: Circumstances) -> Emerged | None:
    declared = circumstances.emergencies.get(pull.number)
    return emergency_of(pull, rules.emergency, declared, rules.approvers)


def _is_about(waiver: Waiver, pull: PullRequest) -> bool:
    scope = waiver.scope
    return scope.pr in {None, pull.number} and scope.target in {None, pull.target}


def _is_independent(waiver: Waiver, pull: PullRequest) -> bool:
    """Of a pull request without a known author nobody is known to be independent."""
    wrote = {login.casefold() for login in pull.contributors}
    return pull.author is not None and waiver.approved_by.casefold() not in wrote
