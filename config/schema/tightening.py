"""
Is a team's rule at least as strict as the organization's rule of the same id?

Teams may tighten, never loosen: what the organization's rule refuses the team's refuses as well. For each parameter of
each check it is said here in which direction it is stricter; what cannot be compared, such as a regular expression,
stays as it is. A `when` may only be wider. That a team's rule is about that team goes without saying.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar, assert_never

from config.schema.checks import (
    ApprovalsParameters,
    ChangeSizeParameters,
    CodeOwnersParameters,
    Exclusion,
    ExpressionParameters,
    FreshnessParameters,
    GatesParameters,
    LabelsParameters,
    PathsParameters,
    TicketParameters,
    TokenAgeParameters,
)
from config.schema.directions import (
    Looser,
    at_least_these,
    is_,
    kept,
    least,
    lists,
    most,
    only_these,
    parameter,
    same,
    some_of_these,
    switched_on,
    these,
)
from config.schema.policy import (
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
from config.schema.protection import ANYBODY, RulesetParameters, SignedCommitsParameters

_SWITCHES = tuple(name for name, field in RulesetParameters.model_fields.items() if field.annotation is bool)
RuleKind = TypeVar("RuleKind", bound=AnyRule)


def looser_than(base: AnyRule, own: AnyRule, required_approvals: int) -> tuple[Looser, ...]:
    """
    Every respect in which a team's `own` rule is looser than the organization's `base`; none: it is a tightening.

    `required_approvals` are the team's, which count where a rule names nobody.
    """
    if own.check is not base.check:
        return (kept("check", base.check.value, own.check.value),)
    return (*_outline(base, own), *_when(base, own), *_parameters(base, own, required_approvals))


def _outline(base: AnyRule, own: AnyRule) -> Iterator[Looser]:
    if base.enforcement is Enforcement.BLOCK and own.enforcement is Enforcement.WARN:
        yield kept("enforcement", "block", "warn")
    grades = list(Severity)
    if grades.index(own.severity) < grades.index(base.severity):
        lowest = base.severity.value
        yield Looser(("severity",), is_(own.severity.value), f"{lowest} or graver", f"write `{lowest}` or graver")
    if own.waivable and not base.waivable:
        yield Looser(("waivable",), "is `true`", "that nobody can waive it", "leave it out")
    yield from at_least_these(("controls",), base.controls, own.controls)


def _when(base: AnyRule, own: AnyRule) -> Iterator[Looser]:
    """A rule that names more of a kind, or none at all, is about more pull requests."""
    if own.when is None:
        return
    for key, fold in (("paths", str), ("targets", str), ("labels", str.casefold)):
        mine: tuple[str, ...] = getattr(own.when, key)
        theirs: tuple[str, ...] = getattr(base.when, key) if base.when is not None else ()
        if mine and not theirs:
            yield Looser(("when", key), lists(mine), f"it whatever the {key}", "leave it out")
        elif mine:
            yield from at_least_these(("when", key), theirs, mine, fold)


def _parameters(  # noqa: C901, PLR0911, PLR0912 -- the closed registry: a line or two for each check
    base: AnyRule, own: AnyRule, required_approvals: int
) -> Iterable[Looser]:
    match base:
        case ApprovalsRule():
            return _approvals(base.parameters, _alike(base, own).parameters, required_approvals)
        case CodeOwnersRule():
            return _code_owners(base.parameters, _alike(base, own).parameters)
        case LabelsRule():
            return _labels(base.parameters, _alike(base, own).parameters)
        case GatesRule():
            return _gates(base.parameters, _alike(base, own).parameters)
        case PathsRule():
            return _paths(base.parameters, _alike(base, own).parameters)
        case ChangeSizeRule():
            return _change_size(base.parameters, _alike(base, own).parameters)
        case TicketRule():
            return _ticket(base.parameters, _alike(base, own).parameters)
        case FreshnessRule():
            return _freshness(base.parameters, _alike(base, own).parameters)
        case TokenAgeRule():
            return _token_age(base.parameters, _alike(base, own).parameters)
        case ExpressionRule():
            return _expression(base.parameters, _alike(base, own).parameters)
        case RulesetRule():
            return _ruleset(base.parameters, _alike(base, own).parameters)
        case SignedCommitsRule():
            return _signed_commits(base.parameters, _alike(base, own).parameters)
        case ReviewersRule() | AuditTrailRule() | TestedTreeRule() | LinearHistoryRule():
            return ()
        case _:
            assert_never(base)


def _alike(base: RuleKind, own: AnyRule) -> RuleKind:
    if not isinstance(own, type(base)):
        raise TypeError(f"{own.id} is a rule of another check")
    return own


def _approvals(base: ApprovalsParameters, own: ApprovalsParameters, required_approvals: int) -> Iterator[Looser]:
    """A rule that names people counts theirs alone, and the team's required_approvals not at all."""
    if base.restricted:
        yield from only_these(parameter("from_people"), base.from_people, own.from_people, str.casefold)
        yield from same(parameter("from_groups"), base.from_groups, own.from_groups)
    if base.from_people and not own.restricted:
        yield from some_of_these(parameter("from_people"), base.from_people, own.from_people)
    fewest = base.min or (1 if base.restricted else 0)
    if own.restricted:
        fewest = fewest if base.restricted else max(fewest, required_approvals)
        yield from least(parameter("min"), fewest, own.min or 1, own.min)
    else:
        yield from least(parameter("min"), base.min or 0, own.min or 0, own.min)
    yield from switched_on(parameter("on_final_commit"), base.on_final_commit, own.on_final_commit)
    if base.exclude is Exclusion.CONTRIBUTORS and own.exclude is Exclusion.AUTHOR:
        yield kept("with.exclude", "contributors", "author")
    yield from switched_on(parameter("everybody_known"), base.everybody_known, own.everybody_known)


def _code_owners(base: CodeOwnersParameters, own: CodeOwnersParameters) -> Iterator[Looser]:
    yield from switched_on(parameter("every_path_owned"), base.every_path_owned, own.every_path_owned)


def _labels(base: LabelsParameters, own: LabelsParameters) -> Iterator[Looser]:
    yield from at_least_these(parameter("none_of"), base.none_of, own.none_of, str.casefold)
    yield from at_least_these(parameter("all_of"), base.all_of, own.all_of)


def _gates(base: GatesParameters, own: GatesParameters) -> Iterator[Looser]:
    """Which gates are required is not for a rule to know, so that neither can take the place of the other."""
    if isinstance(base.passed, str):
        yield from same(parameter("passed"), base.passed, own.passed)
    elif isinstance(own.passed, str):
        yield Looser(parameter("passed"), is_(own.passed), these(base.passed), f"name {these(base.passed)}")
    else:
        yield from at_least_these(parameter("passed"), base.passed, own.passed)


def _paths(base: PathsParameters, own: PathsParameters) -> Iterator[Looser]:
    yield from at_least_these(parameter("none_of"), base.none_of, own.none_of)
    if base.only:
        yield from only_these(parameter("only"), base.only, own.only)
        yield from some_of_these(parameter("only"), base.only, own.only)


def _change_size(base: ChangeSizeParameters, own: ChangeSizeParameters) -> Iterator[Looser]:
    yield from most(parameter("max_lines"), base.max_lines, own.max_lines)
    yield from most(parameter("max_files"), base.max_files, own.max_files)
    yield from only_these(parameter("ignore"), base.ignore, own.ignore)


def _ticket(base: TicketParameters, own: TicketParameters) -> Iterator[Looser]:
    yield from same(parameter("pattern"), base.pattern, own.pattern)
    yield from only_these(parameter("in"), base.within, own.within)


def _freshness(base: FreshnessParameters, own: FreshnessParameters) -> Iterator[Looser]:
    yield from most(parameter("max_commits_behind"), base.max_commits_behind, own.max_commits_behind)
    yield from most(parameter("max_days_behind"), base.max_days_behind, own.max_days_behind)


def _token_age(base: TokenAgeParameters, own: TokenAgeParameters) -> Iterator[Looser]:
    yield from most(parameter("max_days"), base.max_days, own.max_days)


def _expression(base: ExpressionParameters, own: ExpressionParameters) -> Iterator[Looser]:
    yield from same(parameter("expression"), base.expression, own.expression)
    yield from same(parameter("teams"), base.teams, own.teams)


def _ruleset(base: RulesetParameters, own: RulesetParameters) -> Iterator[Looser]:
    yield from least(
        parameter("required_reviews"), base.required_reviews or 0, own.required_reviews or 0, own.required_reviews
    )
    yield from at_least_these(parameter("required_checks"), base.required_checks, own.required_checks)
    for key in _SWITCHES:
        yield from switched_on(parameter(key), getattr(base, key), getattr(own, key))
    if ANYBODY not in base.allowed_bypass:
        yield from only_these(parameter("allowed_bypass"), base.allowed_bypass, own.allowed_bypass)


def _signed_commits(base: SignedCommitsParameters, own: SignedCommitsParameters) -> Iterator[Looser]:
    if base.signers:
        yield from only_these(parameter("signers"), base.signers, own.signers, str.casefold)
        yield from some_of_these(parameter("signers"), base.signers, own.signers)
    if own.by_host and not base.by_host:
        yield kept("with.by_host", "false", "true")
