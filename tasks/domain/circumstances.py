"""
What of the world the configured rules need to know beyond the pull request itself, and what is known of it.

Only what a rule needs is asked for. What is absent is unknown, and a rule that needs it cannot be evaluated: it blocks.
"""

from collections.abc import Iterator
from enum import StrEnum

from pydantic import JsonValue

from config.schema import (
    AnyRule,
    ApprovalsRule,
    ChangeSizeRule,
    CodeOwnersRule,
    ExpressionRule,
    FreshnessRule,
    LinearHistoryRule,
    PathsRule,
    RulesetRule,
    SignedCommitsRule,
    TestedTreeRule,
    TokenAgeRule,
)
from tasks.domain.canonical import digest_of
from tasks.domain.model import Circumstances, Contribution, PullRequest
from tasks.domain.protection import SWITCHES, Guard, Protection
from tasks.domain.reasons import told_moment
from tasks.domain.rules import Rules


class Need(StrEnum):
    """What is read only where a rule asks for it."""

    CONTRIBUTIONS = "contributions"
    CODE_OWNERS = "code owners"
    LANDING_TREE = "landing tree"
    CREDENTIAL = "credential"
    PROTECTION = "protection"
    SIGNATURES = "signatures"


OF_THE_MIRROR = frozenset({Need.CONTRIBUTIONS, Need.CODE_OWNERS, Need.LANDING_TREE})


def rules_about(rules: Rules) -> Iterator[AnyRule]:
    """Those that are about pull requests of this team at all."""
    for policy in rules.policies:
        for rule in policy.rules:
            if rule.concerns(rules.team):
                yield rule


def needed(rules: Rules) -> frozenset[Need]:
    found = set[Need]()
    if any(demand.when is not None and demand.when.paths for demand in rules.sign_offs):
        found.add(Need.CONTRIBUTIONS)
    for rule in rules_about(rules):
        if rule.when is not None and rule.when.paths:
            found.add(Need.CONTRIBUTIONS)
        match rule:
            case CodeOwnersRule():
                found |= {Need.CONTRIBUTIONS, Need.CODE_OWNERS}
            case PathsRule() | ChangeSizeRule() | FreshnessRule() | LinearHistoryRule() | ExpressionRule():
                found.add(Need.CONTRIBUTIONS)
            case TokenAgeRule():
                found.add(Need.CREDENTIAL)
            case TestedTreeRule():
                found.add(Need.LANDING_TREE)
            case RulesetRule():
                found.add(Need.PROTECTION)
            case SignedCommitsRule():
                found |= {Need.CONTRIBUTIONS, Need.SIGNATURES}
            case _:
                pass
    return frozenset(found)


def named_groups(rules: Rules) -> tuple[str, ...]:
    """The teams of the code host that rules name, and the reviewers who may be such teams."""
    names = list(rules.filters.required_reviewers)
    for rule in rules_about(rules):
        if isinstance(rule, ApprovalsRule):
            names += rule.parameters.from_groups
        if isinstance(rule, ExpressionRule):
            names += rule.parameters.teams
    return tuple(dict.fromkeys(names))


def contribution_of(pull_request: PullRequest, circumstances: Circumstances) -> Contribution | None:
    """None where it is unknown, or known of another head only."""
    found = circumstances.contributions.get(pull_request.number)
    return found if found is not None and found.head == pull_request.head else None


def circumstances_document(circumstances: Circumstances, pull_request: PullRequest) -> dict[str, JsonValue]:
    """What was judged beyond the pull request itself, for the evidence of the decision."""
    groups: dict[str, JsonValue] = {
        name: list[JsonValue](sorted(members)) for name, members in sorted(circumstances.groups.items())
    }
    document: dict[str, JsonValue] = {"groups": groups}
    if (contribution := contribution_of(pull_request, circumstances)) is not None:
        document["contribution"] = {
            "base": contribution.base,
            "files": [{"path": file.path, "lines": file.lines} for file in contribution.files],
            "complete": contribution.complete,
            "commits": list[JsonValue](contribution.commits),
            "merges": list[JsonValue](contribution.merges),
            "behind": contribution.behind,
            "behind_since": None if contribution.behind_since is None else told_moment(contribution.behind_since),
        }
    if (owners := circumstances.owners) is not None:
        document["code_owners"] = {"path": owners.path, "digest": digest_of(owners.text.encode())}
    if (credential := circumstances.credential) is not None:
        document["credential"] = {"fingerprint": credential.fingerprint, "days": credential.days}
    if circumstances.trees:
        document["trees"] = {str(commit): str(tree) for commit, tree in sorted(circumstances.trees.items())}
    if circumstances.protection is not None:
        document["protection"] = _protection_document(circumstances.protection)
    if circumstances.signatures and contribution is not None:
        document["signatures"] = _signatures_document(contribution, circumstances)
    return document


def _signatures_document(contribution: Contribution, circumstances: Circumstances) -> dict[str, JsonValue]:
    told = {commit: circumstances.signatures.get(commit) for commit in contribution.commits}
    return {
        str(commit): None if found is None else {"state": found.state, "signer": found.signer, "by_host": found.by_host}
        for commit, found in told.items()
    }


def _protection_document(protection: Protection) -> dict[str, JsonValue]:
    return {
        "branch": protection.branch,
        "guards": [_guard_document(guard) for guard in protection.guards],
        "unread": [{"name": unread.name, "needs": unread.needs} for unread in protection.unread],
    }


def _guard_document(guard: Guard) -> dict[str, JsonValue]:
    """Without what it does not demand."""
    bypass: JsonValue = None
    if guard.bypass is not None:
        bypass = [{"actor": each.actor, "reach": each.reach.value, "name": each.name} for each in guard.bypass]
    demands: dict[str, JsonValue] = {
        "reviews": guard.reviews,
        "checks": list[JsonValue](guard.checks) or None,
        **dict.fromkeys((name for name in SWITCHES if getattr(guard, name)), True),
    }
    return {"name": guard.name, "bypass": bypass, **{name: each for name, each in demands.items() if each is not None}}
