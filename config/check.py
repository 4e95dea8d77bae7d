"""
Everything that can be said about a configuration before it is used.

Problems make it unusable. Warnings are what a person should know: it can be used, and would not do what somebody may
expect of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from config.errors import ConfigurationError, Problem, in_reading_order
from config.guards import refused_by_guards
from config.idle import idle_freezes, idle_pauses
from config.inert import without_effect_for_all, without_effect_for_team
from config.loader import Sources, survey
from config.needs import references, short_secrets, unset_secrets, unset_variables
from config.schema import AccessFile, AnyRule, ApprovalsRule, GatesRule, GlobalFile, Organization, PolicyFile, TeamFile
from config.schema.team_rules import policies_of, rules_of_file
from config.schema.values import refers
from config.settings import read_settings
from config.signing import idle_demands
from config.validation import Draft, Source
from config.waivers import idle_waivers
from config.yaml12 import KeyPath

_NOBODY = Organization(name="?")
"""Whose file is not to be read: the defaults hold for what it would have said."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    @property
    def usable(self) -> bool:
        return not self.problems


def check(directory: Path, environ: Mapping[str, str], at: datetime | None = None) -> CheckReport:
    """As things are at `at`, which is now where it is not told."""
    problems: list[Problem] = []
    warnings: list[Problem] = []
    try:
        read_settings(environ)
    except ConfigurationError as error:
        problems += error.problems
    found = survey(directory)
    problems += found.problems
    global_ = found.sources.global_
    told = global_.model if global_ else GlobalFile(organization=_NOBODY)
    warnings += unset_secrets(told, environ)
    warnings += short_secrets(told, environ)
    warnings += unwise(found.sources, environ)
    warnings += idle_freezes(found.sources, at or datetime.now(UTC))
    warnings += idle_pauses(found.sources, at or datetime.now(UTC))
    warnings += idle_waivers(found.sources.waivers, at or datetime.now(UTC))
    parts = found.sources
    warnings += idle_demands(parts.global_, parts.teams, parts.signers, parts.keys, at or datetime.now(UTC))
    return CheckReport(in_reading_order(problems), in_reading_order(warnings))


def unwise(sources: Sources, environ: Mapping[str, str]) -> Iterator[Problem]:
    """Of every file that is valid by itself, whatever is wrong with others."""
    if sources.global_:
        yield from unset_variables(references(sources.global_), environ)
        yield from _exposed(sources.global_)
        yield from without_effect_for_all(sources.global_)
    for team in sources.teams:
        if sources.global_:
            yield from _ungated(sources.global_, sources.policies, team)
        if sources.access:
            yield from _unapproved(sources.access, sources.policies, team)
        yield from refused_by_guards(sources.policies, team)
        yield from without_effect_for_team(team)


def _exposed(global_: Source[GlobalFile]) -> Iterator[Problem]:
    notifications = global_.model.notifications
    slack, email = notifications.slack, notifications.email
    if slack and isinstance(slack.webhook, str) and not refers(slack.webhook):
        message, remedy = "is a secret that everybody who reads this file knows", "write `${VARIABLE}`"
        yield global_.problem(("notifications", "slack", "webhook"), message, remedy)
    if email and isinstance(email.password, str) and not refers(email.password):
        message, remedy = "is a secret that everybody who reads this file knows", "write `${VARIABLE}`"
        yield global_.problem(("notifications", "email", "password"), message, remedy)
    if not global_.model.audit.enabled:
        yield global_.problem(("audit", "enabled"), "is false: without a record nothing lands", "enable it")


def _ungated(
    global_: Source[GlobalFile], policies: tuple[Source[PolicyFile], ...], team: Source[TeamFile]
) -> Iterator[Problem]:
    gates = (*global_.model.global_gates, *team.model.gates)
    if not any(gate.required for gate in gates):
        message = f"{team.model.name} has no required gate and lands nothing"
        yield team.problem(("gates",), message, "add one here, or to global_gates in global.yml")
    names = {gate.name for gate in gates}
    held = policies_of([*(policy.model for policy in policies), *rules_of_file(team.model)], team.model.name)
    for rule in (rule for policy in held for rule in policy.rules):
        for missing in (name for name in _named_gates(rule) if name not in names):
            message = f"{team.model.name} has no gate `{missing}`, which {rule.id} demands"
            yield team.problem(("gates",), message, "add the gate, or nothing that the rule blocks lands")


def _named_gates(rule: AnyRule) -> tuple[str, ...]:
    return rule.parameters.passed if isinstance(rule, GatesRule) and rule.parameters.passed != "required" else ()


def _unapproved(
    access: Source[AccessFile], policies: tuple[Source[PolicyFile], ...], team: Source[TeamFile]
) -> Iterator[Problem]:
    approvers = access.model.approvers_of(team.model.name)
    if approvers is None:
        message = f"{team.model.name} has no approvers in access.yml: anybody's approval counts"
        yield team.problem(("team", "name"), message, f"add teams.{team.model.name}.approvers to access.yml")
        return
    known = {login.casefold() for login in approvers}
    filters = team.model.scope.filters
    for position, reviewer in enumerate(filters.required_reviewers):
        if "/" not in reviewer and reviewer.casefold() not in known:
            message = f"`{reviewer}` must approve and is no approver of {team.model.name}"
            remedy = f"add it to teams.{team.model.name}.approvers in access.yml"
            yield team.problem(("scope", "filters", "required_reviewers", position), message, remedy)
    remedy = f"add to teams.{team.model.name}.approvers in access.yml"
    if len(known) < filters.required_approvals:
        message = f"demands {filters.required_approvals} approvals, and {len(known)} may approve"
        yield team.problem(("scope", "filters", "required_approvals"), message, remedy)
    own: tuple[Draft, KeyPath, tuple[AnyRule, ...]] = (team, ("policies", "rules"), team.model.policies.rules)
    for draft, path, rules in (*((policy, ("rules",), policy.model.rules) for policy in policies), own):
        for position, rule in enumerate(rules):
            if isinstance(rule, ApprovalsRule) and len(known) < (rule.parameters.min or 0):
                message = f"demands {rule.parameters.min} approvals, and {len(known)} may approve for {team.model.name}"
                yield draft.problem((*path, position, "with", "min"), message, remedy)
