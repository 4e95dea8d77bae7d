"""
Which rules hold for a team: of several with one id, the one that is most about it.

Rules of `policies/` may name teams in their `when`, and a team's own file may have rules as well. That these are at
least as strict as what they take the place of is checked when a configuration is read.
"""

from collections.abc import Iterable

from config.schema.policy import AnyRule, PolicyFile, PolicyMetadata, When
from config.schema.team import TeamFile


def rules_of_file(team: TeamFile) -> tuple[PolicyFile, ...]:
    """The rules of a team's own file, each said to be about that team; no policy where it has none."""
    if not team.policies.rules:
        return ()
    metadata = PolicyMetadata(name="rules-of-a-team", owner=team.name)
    rules = tuple(_about(rule, team.name) for rule in team.policies.rules)
    return (PolicyFile(apiVersion="merge-hub/v1", kind="Policy", metadata=metadata, rules=rules),)


def policies_of(policies: Iterable[PolicyFile], team: str) -> tuple[PolicyFile, ...]:
    """
    Each id once. A rule that names the team goes before one that names none, of these the later before the earlier.

    One that names other teams only stays where no other has its id, so that the record shows that it is not about this
    team.
    """
    given = tuple(policies)
    chosen: dict[str, AnyRule] = {}
    for rule in (rule for policy in given for rule in policy.rules):
        if rule.id not in chosen or _nearness(rule, team) >= _nearness(chosen[rule.id], team):
            chosen[rule.id] = rule
    kept = ((policy, tuple(rule for rule in policy.rules if chosen[rule.id] is rule)) for policy in given)
    return tuple(policy.model_copy(update={"rules": rules}) for policy, rules in kept if rules)


def names_teams(rule: AnyRule) -> bool:
    return rule.when is not None and bool(rule.when.teams)


def _nearness(rule: AnyRule, team: str) -> int:
    if rule.when is None or not rule.when.teams:
        return 1
    return 2 if team in rule.when.teams else 0


def _about(rule: AnyRule, team: str) -> AnyRule:
    when = When(teams=(team,)) if rule.when is None else rule.when.model_copy(update={"teams": (team,)})
    return rule.model_copy(update={"when": when})
