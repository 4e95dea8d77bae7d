"""What no file can know by itself: whether the files of a configuration agree with each other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from config.errors import Problem
from config.schema import (
    AccessFile,
    GatesRule,
    GlobalFile,
    Organization,
    PolicyFile,
    TeamFile,
    qualified,
)
from config.schema.values import is_login
from config.validation import Source
from config.wording import likely
from config.yaml12 import KeyPath


@dataclass(frozen=True, slots=True)
class Sources:
    """The files that are valid by themselves; `all_teams` says that no team's file is missing among them."""

    global_: Source[GlobalFile] | None
    teams: tuple[Source[TeamFile], ...]
    policies: tuple[Source[PolicyFile], ...]
    access: Source[AccessFile] | None
    all_teams: bool


def disagreements(sources: Sources) -> Iterator[Problem]:
    yield from _twice(_names_of_teams(sources), "team")
    yield from _twice(_names_of_policies(sources), "policy")
    yield from _twice(_names_of_rules(sources), "rule")
    if sources.global_ is None:
        return
    organization = sources.global_.model.organization
    yield from _repositories(sources, organization)
    yield from _gates(sources, sources.global_)
    if sources.all_teams and sources.access:
        yield from _access(sources, sources.access, organization)


Naming = tuple[Source[TeamFile] | Source[PolicyFile], KeyPath, str]


def _names_of_teams(sources: Sources) -> Iterator[Naming]:
    return ((source, ("team", "name"), source.model.name) for source in sources.teams)


def _names_of_policies(sources: Sources) -> Iterator[Naming]:
    return ((source, ("metadata", "name"), source.model.name) for source in sources.policies)


def _names_of_rules(sources: Sources) -> Iterator[Naming]:
    for source in sources.policies:
        for position, rule in enumerate(source.model.rules):
            yield source, ("rules", position, "id"), rule.id


def _twice(namings: Iterable[Naming], kind: str) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for source, path, name in namings:
        if name in first:
            yield source.problem(path, f"is the {kind} `{name}` of {first[name]} again", "give each its own name")
        first.setdefault(name, source.file)


def _repositories(sources: Sources, organization: Organization) -> Iterator[Problem]:
    holders: dict[str, str] = {}
    for source in sources.teams:
        for position, written in enumerate(source.model.team.repos):
            path = ("team", "repos", position)
            if "/" not in written and not is_login(organization.login or organization.name):
                message = f"is named without an owner, and `{organization.name}` is no login"
                yield source.problem(path, message, f"write `OWNER/{written}`, or organization.login in global.yml")
            repository = qualified(written, organization)
            if repository.casefold() in holders:
                message = f"is `{repository}`, which {holders[repository.casefold()]} lists already"
                yield source.problem(path, message, "keep it in one place: one team lands on a repository")
            holders.setdefault(repository.casefold(), source.file)


def _gates(sources: Sources, global_: Source[GlobalFile]) -> Iterator[Problem]:
    shared = [gate.name for gate in global_.model.global_gates]
    for source in sources.teams:
        for position, gate in enumerate(source.model.gates):
            if gate.name in shared:
                message = f"is `{gate.name}`, which {global_.file} has as a global gate"
                yield source.problem(("gates", position, "name"), message, "rename one of them")
    known = sorted({*shared, *(gate.name for source in sources.teams for gate in source.model.gates)})
    for policy in sources.policies if sources.all_teams else ():
        for position, rule in enumerate(policy.model.rules):
            for index, name in enumerate(named_gates(rule)):
                if name not in known:
                    path = ("rules", position, "with", "passed", index)
                    yield policy.problem(path, f"is `{name}`, a gate that no team has", likely(name, known))


def named_gates(rule: object) -> tuple[str, ...]:
    return rule.parameters.passed if isinstance(rule, GatesRule) and rule.parameters.passed != "required" else ()


def _access(sources: Sources, access: Source[AccessFile], organization: Organization) -> Iterator[Problem]:
    teams = {source.model.name: source for source in sources.teams}
    for name, entry in access.model.teams.items():
        if name not in teams:
            yield access.problem(("teams", name), "is not a configured team", likely(name, sorted(teams)))
        elif entry.repos is not None:
            yield from _grants(access, entry.repos, teams[name], organization)


def _grants(
    access: Source[AccessFile], granted: tuple[str, ...], team: Source[TeamFile], organization: Organization
) -> Iterator[Problem]:
    name, written = team.model.name, team.model.team.repos
    owned = [qualified(repository, organization).casefold() for repository in written]
    meant = [_meant(repository, owned, organization) for repository in granted]
    for position, repository in enumerate(meant):
        if repository not in owned:
            message, remedy = f"is `{granted[position]}`, which is no repository of {name}", likely(repository, written)
            yield access.problem(("teams", name, "repos", position), message, remedy)
    for position, repository in enumerate(owned):
        if repository not in meant:
            message = f"is `{written[position]}`, which {access.file} does not grant to {name}"
            yield team.problem(("team", "repos", position), message, f"add it to teams.{name}.repos in {access.file}")


def _meant(repository: str, owned: list[str], organization: Organization) -> str:
    """Without an owner: the organization's, or else the team's only repository of that name."""
    whole = qualified(repository, organization).casefold()
    same_name = [own for own in owned if own.endswith(f"/{repository.casefold()}")]
    return same_name[0] if whole not in owned and len(same_name) == 1 else whole
