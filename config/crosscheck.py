"""
What no file can know by itself: whether the files of a configuration agree with each other.

A file that is wrong in one place is compared by its others. What a mistake hides is unknown, not absent: nothing is
called missing or unknown unless all that could hold it has been read.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from config.errors import Problem
from config.rules import rules_twice
from config.schema import Organization, Survival, qualified
from config.schema.values import is_login
from config.validation import Draft
from config.wording import likely
from config.yaml12 import KeyPath

# No organization is called so: a repository without an owner then equals another without an owner, and no others.
_UNKNOWN = Organization(name="?")


@dataclass(frozen=True, slots=True)
class Drafts:
    """The files that could be opened; `all_teams` says that no team's file is missing among them."""

    global_: Draft | None
    teams: tuple[Draft, ...]
    policies: tuple[Draft, ...]
    access: Draft | None
    all_teams: bool


def disagreements(drafts: Drafts) -> Iterator[Problem]:
    yield from _twice(_names_of_teams(drafts), "team")
    yield from _twice(_names_of_policies(drafts), "policy")
    yield from rules_twice(drafts.policies, drafts.teams)
    organization = _organization(drafts.global_)
    yield from _repositories(drafts, organization)
    yield from _gates_twice(drafts)
    yield from _gates_of_nobody(drafts)
    yield from _rules_for_nobody(drafts)
    yield from _freezes_of_nothing(drafts, organization)
    yield from _looser_approvals(drafts)
    if drafts.access:
        yield from _access(drafts, drafts.access, organization)


Naming = tuple[Draft, KeyPath, object]


def _names_of_teams(drafts: Drafts) -> Iterator[Naming]:
    return ((team, ("team", "name"), team.at("team", "name")) for team in drafts.teams)


def _names_of_policies(drafts: Drafts) -> Iterator[Naming]:
    return ((policy, ("metadata", "name"), policy.at("metadata", "name")) for policy in drafts.policies)


def _twice(namings: Iterable[Naming], kind: str) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for draft, path, name in namings:
        if not isinstance(name, str):
            continue
        if name in first:
            yield draft.problem(path, f"is the {kind} `{name}` of {first[name]} again", "give each its own name")
        first.setdefault(name, draft.file)


def _organization(global_: Draft | None) -> Organization:
    if global_ is None or not global_.is_whole("organization"):
        return _UNKNOWN
    return Organization(name=global_.at("organization", "name"), login=global_.at("organization", "login"))


def _repositories(drafts: Drafts, organization: Organization) -> Iterator[Problem]:
    holders: dict[str, str] = {}
    nameless = organization is not _UNKNOWN and not is_login(organization.login or organization.name)
    for team in drafts.teams:
        for position, written in team.texts("team", "repos"):
            path = ("team", "repos", position)
            if "/" not in written and nameless:
                message = f"is named without an owner, and `{organization.name}` is no login"
                yield team.problem(path, message, f"write `OWNER/{written}`, or organization.login in global.yml")
            repository = qualified(written, organization)
            if repository.casefold() in holders:
                shown = written if organization is _UNKNOWN else repository
                message = f"is `{shown}`, which {holders[repository.casefold()]} lists already"
                yield team.problem(path, message, "keep it in one place: one team lands on a repository")
            holders.setdefault(repository.casefold(), team.file)


def _gates_twice(drafts: Drafts) -> Iterator[Problem]:
    shared = {name for _, name in _gates(drafts.global_, "global_gates")} if drafts.global_ else set()
    for team in drafts.teams:
        named = [(section, *gate) for section in ("gates", "post_landing") for gate in _gates(team, section)]
        for section, position, name in named:
            if name in shared and drafts.global_:
                message = f"is `{name}`, which {drafts.global_.file} has as a global gate"
                yield team.problem((section, position, "name"), message, "rename one of them")


def _gates_of_nobody(drafts: Drafts) -> Iterator[Problem]:
    if drafts.global_ is None or not drafts.all_teams:
        return
    holders = [(drafts.global_, "global_gates"), *((team, "gates") for team in drafts.teams)]
    if not all(_are_all_known(draft, section) for draft, section in holders):
        return
    known = sorted({name for draft, section in holders for _, name in _gates(draft, section)})
    for policy in drafts.policies:
        for position in range(len(policy.at("rules") or ())):
            path = ("rules", position, "with", "passed")
            named = policy.texts(*path) if policy.at("rules", position, "check") == "gates" else ()
            for index, name in named:
                if name not in known:
                    yield policy.problem((*path, index), f"is `{name}`, a gate that no team has", likely(name, known))


def _rules_for_nobody(drafts: Drafts) -> Iterator[Problem]:
    """A rule for a team that there is not would hold nobody, and nobody would notice."""
    names = [team.at("team", "name") for team in drafts.teams]
    if not drafts.all_teams or None in names:
        return
    for policy in drafts.policies:
        for position in range(len(policy.at("rules") or ())):
            for index, name in policy.texts("rules", position, "when", "teams"):
                if name not in names:
                    path = ("rules", position, "when", "teams", index)
                    yield policy.problem(path, f"is `{name}`, a team that there is not", likely(name, sorted(names)))


def _freezes_of_nothing(drafts: Drafts, organization: Organization) -> Iterator[Problem]:
    """A freeze of what nobody lands on would freeze nothing, and nobody would notice before it is needed."""
    for team in drafts.teams:
        yield from _freezes(team, (team,), organization)
    if drafts.global_ and drafts.all_teams:
        yield from _freezes(drafts.global_, drafts.teams, organization)


def _looser_approvals(drafts: Drafts) -> Iterator[Problem]:
    """Teams may be stricter than the organization, never looser."""
    if drafts.global_ is None or not drafts.global_.is_whole("approvals_survive"):
        return
    if drafts.global_.at("approvals_survive") == Survival.REBASE:
        return
    for team in drafts.teams:
        if team.at("policies", "approvals_survive") == Survival.REBASE:
            message = f"is `rebase`, and {drafts.global_.file} lets approvals survive nothing"
            remedy = f"leave it out, or write `approvals_survive: rebase` in {drafts.global_.file}"
            yield team.problem(("policies", "approvals_survive"), message, remedy)


def _freezes(draft: Draft, teams: tuple[Draft, ...], organization: Organization) -> Iterator[Problem]:
    """Those of `draft`, which is about `teams`."""
    owned = [written for team in teams for _, written in team.texts("team", "repos")]
    targets = sorted({team.at("scope", "target") or "main" for team in teams})
    repositories_known = organization is not _UNKNOWN and all(team.is_whole("team", "repos") for team in teams)
    targets_known = all(team.is_whole("scope", "target") for team in teams)
    for position in range(len(draft.at("freezes") or ())):
        path = ("freezes", position)
        if repositories_known:
            yield from _unknown_repositories(draft, (*path, "repositories"), owned, organization)
        for index, branch in draft.texts(*path, "targets"):
            if targets_known and branch not in targets:
                message = f"is `{branch}`, a branch that nobody here lands on"
                yield draft.problem((*path, "targets", index), message, likely(branch, targets))


def _unknown_repositories(
    draft: Draft, path: KeyPath, owned: list[str], organization: Organization
) -> Iterator[Problem]:
    known = {qualified(repository, organization).casefold() for repository in owned}
    for index, written in draft.texts(*path):
        if qualified(written, organization).casefold() not in known:
            message = f"is `{written}`, a repository that no team here has"
            yield draft.problem((*path, index), message, likely(written, sorted(owned)))


def _gates(draft: Draft, section: str) -> Iterator[tuple[int, str]]:
    for position in range(len(draft.at(section) or ())):
        name = draft.at(section, position, "name")
        if isinstance(name, str):
            yield position, name


def _are_all_known(draft: Draft, section: str) -> bool:
    """A section that is not there is empty, unless the file is wrong somewhere: it may be there under another name."""
    gates = draft.at(section)
    return draft.is_whole() if gates is None else len(list(_gates(draft, section))) == len(gates)


def _access(drafts: Drafts, access: Draft, organization: Organization) -> Iterator[Problem]:
    named = [(team, team.at("team", "name")) for team in drafts.teams]
    names = [name for _, name in named]
    all_known = drafts.all_teams and None not in names
    for name in access.at("teams") or ():
        teams = [team for team, its_name in named if its_name == name]
        if access.at("teams", name) is None:
            continue
        if not teams and all_known:
            yield access.problem(("teams", name), "is not a configured team", likely(name, sorted(set(names))))
        if len(teams) == 1 and access.at("teams", name, "repos") is not None:
            yield from _grants(access, name, teams[0], organization)


def _grants(access: Draft, name: str, team: Draft, organization: Organization) -> Iterator[Problem]:
    written, granted = list(team.texts("team", "repos")), list(access.texts("teams", name, "repos"))
    if organization is _UNKNOWN and not all("/" in repository for _, repository in (*written, *granted)):
        return
    owned = [qualified(repository, organization).casefold() for _, repository in written]
    meant = [_meant(repository, owned, organization) for _, repository in granted]
    if team.is_whole("team", "repos"):
        for (position, repository), whole in zip(granted, meant, strict=True):
            if whole not in owned:
                message = f"is `{repository}`, which is no repository of {name}"
                remedy = likely(repository, [own for _, own in written])
                yield access.problem(("teams", name, "repos", position), message, remedy)
    if access.is_whole("teams", name, "repos"):
        for (position, repository), whole in zip(written, owned, strict=True):
            if whole not in meant:
                message = f"is `{repository}`, which {access.file} does not grant to {name}"
                remedy = f"add it to teams.{name}.repos in {access.file}"
                yield team.problem(("team", "repos", position), message, remedy)


def _meant(repository: str, owned: list[str], organization: Organization) -> str:
    """Without an owner: the organization's, or else the team's only repository of that name."""
    whole = qualified(repository, organization).casefold()
    same_name = [own for own in owned if own.endswith(f"/{repository.casefold()}")]
    return same_name[0] if whole not in owned and len(same_name) == 1 else whole
