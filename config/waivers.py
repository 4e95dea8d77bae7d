"""Whether waivers fit the rules, the repositories and those who may allow them; and which of them are over."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Protocol

from config.errors import Problem
from config.schema import (
    BASELINE_POLICIES,
    AccessFile,
    AnyRule,
    GlobalFile,
    Organization,
    PolicyFile,
    TeamFile,
    Waiver,
    WaiversFile,
    qualified,
)
from config.schema.team_rules import policies_of, rules_of_file
from config.validation import Source
from config.wording import likely
from config.yaml12 import KeyPath


class Files(Protocol):
    """All that were read, each valid by itself: nothing is called missing that may stand in one that is not."""

    @property
    def global_(self) -> Source[GlobalFile] | None: ...
    @property
    def teams(self) -> Sequence[Source[TeamFile]]: ...
    @property
    def policies(self) -> Sequence[Source[PolicyFile]]: ...
    @property
    def access(self) -> Source[AccessFile] | None: ...
    @property
    def waivers(self) -> Source[WaiversFile] | None: ...


def disagreements_about_waivers(files: Files) -> Iterator[Problem]:
    waivers, global_ = files.waivers, files.global_
    if waivers is None or global_ is None:
        return
    organization = global_.model.organization
    owned = sorted(qualified(name, organization) for team in files.teams for name in team.model.team.repos)
    first: dict[tuple[object, ...], str] = {}
    for position, waiver in enumerate(waivers.model.waivers):
        path = ("waivers", position)
        scope = waiver.scope
        repository = qualified(scope.repo, organization).casefold()
        yield from _unfit(waivers, path, waiver, _rules_of(repository, files, organization))
        yield from _allowed_by_nobody(waivers, path, waiver, files.access)
        if repository not in {name.casefold() for name in owned}:
            message = f"is `{scope.repo}`, a repository that no team has"
            yield waivers.problem((*path, "scope", "repo"), message, likely(scope.repo, owned))
        same = first.setdefault((waiver.rule, repository, scope.pr, scope.target), waiver.id)
        if same != waiver.id:
            message = f"waives {waiver.rule} where {same} does already"
            yield waivers.problem((*path, "rule"), message, "keep one of them")


def _rules_of(repository: str, files: Files, organization: Organization) -> dict[str, AnyRule]:
    """As they hold for the team that has it; those of the organization where nobody has."""
    policies = [policy.model for policy in files.policies] or BASELINE_POLICIES
    owned = ((team.model, qualified(name, organization)) for team in files.teams for name in team.model.team.repos)
    holder = next((team for team, name in owned if name.casefold() == repository), None)
    held = policies if holder is None else policies_of([*policies, *rules_of_file(holder)], holder.name)
    return {rule.id: rule for policy in held for rule in policy.rules}


def _unfit(waivers: Source[WaiversFile], path: KeyPath, waiver: Waiver, rules: dict[str, AnyRule]) -> Iterator[Problem]:
    rule = rules.get(waiver.rule)
    if rule is None:
        message = f"is `{waiver.rule}`, a rule that there is not"
        yield waivers.problem((*path, "rule"), message, likely(waiver.rule, sorted(rules)))
    elif not rule.waivable:
        message = f"is `{waiver.rule}`, which is not marked `waivable`"
        yield waivers.problem((*path, "rule"), message, "satisfy the rule, or have its owner mark it")


def _allowed_by_nobody(
    waivers: Source[WaiversFile], path: KeyPath, waiver: Waiver, access: Source[AccessFile] | None
) -> Iterator[Problem]:
    allowed = access.model.waiver_approvers if access is not None else ()
    if waiver.approved_by.casefold() not in {name.casefold() for name in allowed}:
        message = f"is `{waiver.approved_by}`, who is none of `waiver_approvers` in access.yml"
        remedy = likely(waiver.approved_by, sorted(allowed)) if allowed else "name there who may allow waivers"
        yield waivers.problem((*path, "approved_by"), message, remedy)


def idle_waivers(waivers: Source[WaiversFile] | None, at: datetime) -> Iterator[Problem]:
    for position, waiver in enumerate(waivers.model.waivers if waivers else ()):
        if waivers and waiver.expired(at):
            message = f"is over: {waiver.id} waives nothing any more"
            yield waivers.problem(("waivers", position, "expires"), message, "remove the waiver")
        if waivers and waiver.first_day > at.astimezone(UTC).date():
            message = f"is still to come: {waiver.id} waives nothing until then"
            yield waivers.problem(("waivers", position, "approved_on"), message, "write the day when it was allowed")
