"""
Everything that can be said about a configuration before it is used.

Problems make it unusable. Warnings are what a person should know: it can be used, and would not do what somebody may
expect of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.crosscheck import named_gates
from config.errors import ConfigurationError, Problem, in_reading_order
from config.inert import without_effect_for_all, without_effect_for_team
from config.loader import Loaded, read
from config.schema import Configuration, GlobalFile, TeamFile
from config.schema.values import refers
from config.settings import read_settings, references, unset_token
from config.validation import Source


@dataclass(frozen=True, slots=True)
class CheckReport:
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    @property
    def usable(self) -> bool:
        return not self.problems


def check(directory: Path, environ: Mapping[str, str]) -> CheckReport:
    problems: list[Problem] = []
    warnings = [*unset_token(environ)]
    try:
        read_settings(environ)
    except ConfigurationError as error:
        problems += error.problems
    try:
        warnings += unwise(read(directory), environ)
    except ConfigurationError as error:
        problems += error.problems
    return CheckReport(in_reading_order(problems), in_reading_order(warnings))


def unwise(loaded: Loaded, environ: Mapping[str, str]) -> Iterator[Problem]:
    configuration, sources = loaded.configuration, loaded.sources
    if sources.global_:
        yield from _unset(configuration, sources.global_, environ)
        yield from _exposed(sources.global_)
        yield from without_effect_for_all(sources.global_)
    for source in sources.teams:
        yield from _ungated(configuration, source)
        yield from _unapproved(configuration, source)
        yield from without_effect_for_team(source)


def _unset(configuration: Configuration, global_: Source[GlobalFile], environ: Mapping[str, str]) -> Iterator[Problem]:
    for reference in references(configuration):
        if not environ.get(reference.variable):
            message = f"needs the environment variable {reference.variable}, which is not set"
            yield global_.problem(reference.path, message, "set it where merge-hub runs")


def _exposed(global_: Source[GlobalFile]) -> Iterator[Problem]:
    notifications = global_.model.notifications
    slack, email = notifications.slack, notifications.email
    if slack and not refers(slack.webhook):
        message, remedy = "is a secret that everybody who reads this file knows", "write `${VARIABLE}`"
        yield global_.problem(("notifications", "slack", "webhook"), message, remedy)
    if email and email.password and not refers(email.password):
        message, remedy = "is a secret that everybody who reads this file knows", "write `${VARIABLE}`"
        yield global_.problem(("notifications", "email", "password"), message, remedy)
    if not global_.model.audit.enabled:
        yield global_.problem(("audit", "enabled"), "is false: without a record nothing lands", "enable it")


def _ungated(configuration: Configuration, team: Source[TeamFile]) -> Iterator[Problem]:
    gates = configuration.gates_for(team.model)
    if not any(gate.required for gate in gates):
        message = f"{team.model.name} has no required gate and lands nothing"
        yield team.problem(("gates",), message, "add one here, or to global_gates in global.yml")
    names = {gate.name for gate in gates}
    for rule in (rule for policy in configuration.policies for rule in policy.rules):
        for missing in (name for name in named_gates(rule) if name not in names):
            message = f"{team.model.name} has no gate `{missing}`, which {rule.id} demands"
            yield team.problem(("gates",), message, "add the gate, or nothing that the rule blocks lands")


def _unapproved(configuration: Configuration, team: Source[TeamFile]) -> Iterator[Problem]:
    if configuration.access is None:
        return
    approvers = configuration.approvers_for(team.model)
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
    if len(known) < filters.required_approvals:
        message = f"demands {filters.required_approvals} approvals, and {len(known)} may approve"
        remedy = f"add to teams.{team.model.name}.approvers in access.yml"
        yield team.problem(("scope", "filters", "required_approvals"), message, remedy)
