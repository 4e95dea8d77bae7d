"""Rules that want the target branch guarded so that the code host would refuse what the hub itself lands there."""

from collections.abc import Iterator

from config.errors import Problem
from config.schema import Landing, MergeMethod, PolicyFile, RulesetRule, TeamFile
from config.validation import Source


def refused_by_guards(policies: tuple[Source[PolicyFile], ...], team: Source[TeamFile]) -> Iterator[Problem]:
    """Where nobody may get around the guard; whoever may might be the hub."""
    for policy in policies:
        for position, rule in enumerate(policy.model.rules):
            if not isinstance(rule, RulesetRule) or rule.parameters.allowed_bypass:
                continue
            if rule.concerns(team.model.name):
                for key, message, remedy in _refused(rule, team.model):
                    yield policy.problem(("rules", position, "with", key), message, remedy)


def _refused(rule: RulesetRule, team: TeamFile) -> Iterator[tuple[str, str, str]]:
    how, name = team.policies, team.name
    if rule.parameters.linear_history and how.method is MergeMethod.MERGE:
        message = f"lets the code host refuse what {name} lands: merge commits"
        yield "linear_history", message, f"name the hub in `allowed_bypass`, or let {name} squash or rebase"
    signs = how.landing is Landing.API and how.method is not MergeMethod.REBASE
    if rule.parameters.signed_commits and not signs:
        message = f"lets the code host refuse what {name} lands: commits that nobody signs"
        yield "signed_commits", message, f"name the hub in `allowed_bypass`, or let {name} merge by `landing: api`"
