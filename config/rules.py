"""Whether rules are unique, and whether those that teams have in the place of the organization's are as strict."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from config.errors import Problem
from config.schema import BASELINE_POLICIES, AnyRule, PolicyFile, TeamFile
from config.schema.team_rules import names_teams, policies_of
from config.schema.tightening import looser_than
from config.validation import Draft, Source
from config.yaml12 import KeyPath

_BUILT_IN = "the built-in rules"


class Files(Protocol):
    """Those that are valid by themselves: only they are compared."""

    @property
    def teams(self) -> Sequence[Source[TeamFile]]: ...
    @property
    def policies(self) -> Sequence[Source[PolicyFile]]: ...


def rules_twice(policies: Sequence[Draft], teams: Sequence[Draft]) -> Iterator[Problem]:
    """A rule may be there once for all, and once more for each team: in a rule that names it, or in its own file."""
    places = [(policy, ("rules", position)) for policy in policies for position in _positions(policy, "rules")]
    for_all = {draft.at(*path, "id") for draft, path in places if not draft.at(*path, "when", "teams")}
    first: dict[tuple[str, str], str] = {}
    for draft, path in places:
        rule = draft.at(*path, "id")
        named = [name for _, name in draft.texts(*path, "when", "teams")] if rule in for_all else []
        yield from _again(first, draft, (*path, "id"), named or [""])
    if all(policy.is_whole() for policy in policies):
        shared = {draft.at(*path, "id") for draft, path in places}
        for team in teams:
            for position in _positions(team, "policies", "rules"):
                place = ("policies", "rules", position, "id")
                if team.at(*place) not in shared:
                    yield from _again(first, team, place, [""])


def _positions(draft: Draft, *path: str) -> range:
    return range(len(draft.at(*path) or ()))


def _again(first: dict[tuple[str, str], str], draft: Draft, path: KeyPath, teams: Sequence[str]) -> Iterator[Problem]:
    rule = draft.at(*path)
    if not isinstance(rule, str):
        return
    before = next((first[rule, team] for team in teams if (rule, team) in first), None)
    if before is not None:
        yield draft.problem(path, f"is the rule `{rule}` of {before} again", "give each its own name")
    for team in teams:
        first.setdefault((rule, team), draft.file)


def loosened(files: Files) -> Iterator[Problem]:
    """Teams may tighten a rule of the organization, never loosen it."""
    of_all = {
        rule.id: (rule, source.file)
        for source in files.policies
        for rule in source.model.rules
        if not names_teams(rule)
    }
    required = {team.model.name: team.model.scope.filters.required_approvals for team in files.teams}
    for source in files.policies:
        for position, rule in enumerate(source.model.rules):
            if names_teams(rule) and rule.id in of_all:
                most = max(required.get(team, 0) for team in (rule.when.teams if rule.when else ()))
                yield from _compared(source, ("rules", position), of_all[rule.id], rule, most)
    for team in files.teams:
        held = _held(files.policies, team.model.name)
        for position, rule in enumerate(team.model.policies.rules):
            if rule.id in held:
                path = ("policies", "rules", position)
                yield from _compared(team, path, held[rule.id], rule, required[team.model.name])


def _held(policies: Sequence[Source[PolicyFile]], team: str) -> dict[str, tuple[AnyRule, str]]:
    """What holds for a team without its own file, with the file that it stands in."""
    files = {id(rule): source.file for source in policies for rule in source.model.rules}
    held = policies_of([source.model for source in policies] or BASELINE_POLICIES, team)
    return {rule.id: (rule, files.get(id(rule), _BUILT_IN)) for policy in held for rule in policy.rules}


def _compared(
    source: Draft, path: KeyPath, base: tuple[AnyRule, str], own: AnyRule, required_approvals: int
) -> Iterator[Problem]:
    rule, file = base
    for looser in looser_than(rule, own, required_approvals):
        demanded = f"{rule.id} of {file} demands {looser.demanded}"
        message = f"{looser.written}, and {demanded}: a team may tighten a rule, never loosen it"
        yield source.problem((*path, *looser.at), message, looser.remedy)
