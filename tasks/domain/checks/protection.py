"""
Is the target branch guarded as demanded, by all that guards it together?

A demand is met where one guard makes it and nobody may get around that guard but who is allowed to. Two guards of
which each can be got around by somebody are not taken for one: who is who (a team, a role, a person) is not known here.
What is unknown can only add to what guards a branch, so that it is asked for only where what is known does not do.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from config.schema import ANYBODY, RulesetParameters
from tasks.domain.checks.judgement import InError, Judgement, Satisfied, Violated, in_error, listed
from tasks.domain.dependencies import printable
from tasks.domain.protection import Bypass, Guard, Protection, Reach
from tasks.domain.reasons import Reason, ReasonCode

_ADMINISTRATOR = "an administrator of the repository"
_KEEPER = "the platform team"
_REACHES = tuple(Reach)


@dataclass(frozen=True, slots=True)
class _Demand:
    """Whoever may get around `reach`, or more, may get around what meets it."""

    told: str
    met_by: Callable[[Guard], bool]
    reach: Reach
    found: Callable[[Guard], str] = lambda _: "does not see to it"


@dataclass(frozen=True, slots=True)
class _Met:
    by: str


@dataclass(frozen=True, slots=True)
class _Missing:
    because: str


@dataclass(frozen=True, slots=True)
class _Unknown:
    because: str


def check_protection(parameters: RulesetParameters, target: str, protection: Protection | None) -> Judgement:
    if protection is None or protection.branch != target:
        return in_error(f"it is to be known what guards {printable(target)}, and is not", _KEEPER)
    outcomes = [_outcome(demand, parameters, protection) for demand in _demands(parameters)]
    reasons = tuple(reason for outcome in outcomes for reason in _reasons(outcome))
    because = "; ".join(dict.fromkeys(reason.message for reason in reasons))
    if any(isinstance(outcome, _Unknown) for outcome in outcomes):
        return InError(because, reasons)
    if reasons:
        return Violated(because, reasons)
    by = list(dict.fromkeys(outcome.by for outcome in outcomes if isinstance(outcome, _Met)))
    return Satisfied(f"{printable(target)} has {len(outcomes)} of {len(outcomes)} guards, by {listed(by)}")


def _reasons(outcome: _Met | _Missing | _Unknown) -> tuple[Reason, ...]:
    match outcome:
        case _Met():
            return ()
        case _Missing(because=because):
            return (Reason(ReasonCode.POLICY_VIOLATED, because, _ADMINISTRATOR),)
        case _Unknown(because=because):
            return (Reason(ReasonCode.POLICY_ERROR, because, _KEEPER),)


def _demands(parameters: RulesetParameters) -> Iterator[_Demand]:
    if (least := parameters.required_reviews) is not None:
        yield _reviews(least)
    if parameters.dismiss_stale:
        yield _Demand("stale reviews dismissed", lambda guard: guard.dismiss_stale, Reach.REVIEWS)
    if parameters.last_push_approval:
        yield _Demand("the latest push approved", lambda guard: guard.last_push_approval, Reach.REVIEWS)
    if parameters.code_owner_review:
        yield _Demand("reviews by code owners", lambda guard: guard.code_owner_review, Reach.REVIEWS)
    for name in parameters.required_checks:
        yield _check(name, strict=parameters.strict_checks)
    if parameters.linear_history:
        yield _Demand("a linear history", lambda guard: guard.linear_history, Reach.MERGING)
    if parameters.signed_commits:
        yield _Demand("signed commits", lambda guard: guard.signed_commits, Reach.MERGING)
    if parameters.block_force_push:
        yield _Demand("force pushes blocked", lambda guard: guard.block_force_push, Reach.EVERYTHING)
    if parameters.block_deletion:
        yield _Demand("deletion blocked", lambda guard: guard.block_deletion, Reach.EVERYTHING)


def _reviews(least: int) -> _Demand:
    def found(guard: Guard) -> str:
        return "requires no pull request" if guard.reviews is None else f"requires {guard.reviews}"

    return _Demand(
        f"at least {least} approvals required", lambda guard: (guard.reviews or 0) >= least, Reach.REVIEWS, found
    )


def _check(name: str, *, strict: bool) -> _Demand:
    def met_by(guard: Guard) -> bool:
        return name in guard.checks and (guard.strict_checks or not strict)

    def found(guard: Guard) -> str:
        if name in guard.checks:
            return "requires it also when outdated"
        return f"requires {listed([printable(each) for each in guard.checks]) or 'no check'}"

    return _Demand(f"the required check {name}{', up to date' if strict else ''}", met_by, Reach.MERGING, found)


def _outcome(demand: _Demand, parameters: RulesetParameters, protection: Protection) -> _Met | _Missing | _Unknown:
    expected = f"{printable(protection.branch)} is to have {demand.told}"
    making = [guard for guard in protection.guards if demand.met_by(guard)]
    around = {guard.name: _around(guard, demand, parameters) for guard in making}
    for guard in making:
        if around[guard.name] == ():
            return _Met(guard.name)
    if unread := protection.unread[:1]:
        return _Unknown(f"{expected}, and {unread[0].name} cannot be read without {unread[0].needs}")
    if silent := [guard for guard in making if around[guard.name] is None]:
        needed = f"who may bypass {silent[0].name} is not told without {silent[0].discloses}"
        return _Unknown(f"{expected}, and {needed}")
    if making:
        who = listed([str(bypass) for bypass in around[making[0].name] or ()])
        return _Missing(f"{expected} that nobody else may bypass, and {who} may bypass {making[0].name}")
    there = listed([f"{guard.name} {demand.found(guard)}" for guard in protection.guards])
    return _Missing(f"{expected}, and {there or 'nothing guards it'}")


def _around(guard: Guard, demand: _Demand, parameters: RulesetParameters) -> tuple[Bypass, ...] | None:
    """Who may get around what meets the demand and is not allowed to; None where that is unknown."""
    allowed = set(parameters.allowed_bypass)
    if ANYBODY in allowed:
        return ()
    if guard.bypass is None:
        return None
    least = _REACHES.index(demand.reach)
    return tuple(
        bypass for bypass in guard.bypass if _REACHES.index(bypass.reach) >= least and bypass.actor not in allowed
    )
