"""What is well and what is not about the code host, the token and the repositories."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from config.schema import Enforcement, Landing, RulesetRule, Stage
from tasks.domain.checks.judgement import InError, Violated
from tasks.domain.checks.protection import check_protection
from tasks.domain.credentials import ConcernKind, CredentialState, concerns, excess_scopes
from tasks.domain.doctor import CODE_HOST, REPOSITORY, Check, Landings, Status, ok
from tasks.domain.examined import CodeHostFound, RepositoryFound
from tasks.domain.protection import Protection

SOON = timedelta(days=14)
LONGEST_LIFE = timedelta(days=90)
LEAST_REMAINING_SHARE = 0.1
MOST_CLOCK_SECONDS = 60
NEEDED_SCOPE = "repo"
_PREVENTING = frozenset({ConcernKind.EXPIRED, ConcernKind.LACKING_PERMISSIONS})
_NEW_TOKEN = "Make a new token and set GITHUB_TOKEN to it."  # noqa: S105  # the name of a variable


def judge_code_host(host: CodeHostFound, now: datetime) -> tuple[Check, ...]:
    return (
        ok(CODE_HOST, f"{host.address} answers, to {host.login}"),
        _scopes(host),
        _expiry(host, now),
        _rate_limit(host),
        _clock(host),
    )


def judge_credential(state: CredentialState, now: datetime) -> Check:
    name, found = "credential", concerns(state, now)
    if not found:
        return ok(name, f"{state.kind.value} from {state.source}, {state.age_days} days old")
    severe = Status.DEFECT if found[0].kind in _PREVENTING else Status.WARNING
    told = "; ".join(each.found for each in found)
    return Check(
        name, severe, f"{state.kind.value} from {state.source}: {told}", " ".join(each.remedy for each in found)
    )


def _scopes(host: CodeHostFound) -> Check:
    name = "token's scopes"
    if host.scopes is None:
        return Check(name, Status.SKIPPED, "this kind of token has none; see each repository")
    told = ", ".join(host.scopes) or "none"
    if NEEDED_SCOPE not in host.scopes:
        remedy = f"Give the token the scope {NEEDED_SCOPE}; `public_repo` is enough where every repository is public."
        return Check(name, Status.DEFECT if not host.scopes else Status.WARNING, told, remedy)
    unneeded = excess_scopes(host.scopes)
    if unneeded:
        remedy = f"Take from the token what it does not need: {', '.join(unneeded)}."
        return Check(name, Status.WARNING, told, remedy)
    return ok(name, told)


def _expiry(host: CodeHostFound, now: datetime) -> Check:
    name = "token's age"
    if host.expires_at is None:
        if host.scopes is None:
            return Check(name, Status.SKIPPED, "the code host does not say when it expires")
        found = "it never expires"
        return Check(name, Status.WARNING, found, f"Use a token of at most {LONGEST_LIFE.days} days, or a GitHub App.")
    left, until = host.expires_at - now, f"{host.expires_at:%Y-%m-%d}"
    if left <= timedelta():
        return Check(name, Status.DEFECT, f"it expired on {until}", _NEW_TOKEN)
    found = f"it expires on {until}, in {left.days} days"
    if left < SOON:
        return Check(name, Status.WARNING, found, _NEW_TOKEN)
    if left > LONGEST_LIFE:
        return Check(name, Status.WARNING, found, f"Rotate it at least every {LONGEST_LIFE.days} days.")
    return ok(name, found)


def _rate_limit(host: CodeHostFound) -> Check:
    name = "rate limit"
    if not host.limit:
        return ok(name, "none")
    found = f"{host.remaining} of {host.limit} requests left"
    if host.remaining > LEAST_REMAINING_SHARE * host.limit:
        return ok(name, found)
    until = "" if host.resets_at is None else f" until {host.resets_at:%H:%M:%S} UTC"
    remedy = f"Wait{until}; a GitHub App's token has a higher limit."
    return Check(name, Status.DEFECT if not host.remaining else Status.WARNING, found, remedy)


def _clock(host: CodeHostFound) -> Check:
    seconds = host.clock_seconds
    if abs(seconds) <= MOST_CLOCK_SECONDS:
        return ok("clock", "it agrees with the code host's")
    found = f"it is {abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} the code host's"
    return Check("clock", Status.WARNING, found, "Set this machine's clock right, and let it be kept so (NTP).")


def judge_repository(configured: str, repository: RepositoryFound, landings: Landings) -> Check:
    """One line: the most severe of what is against landing there."""
    name, merges = f"{REPOSITORY}{configured}", landings.stage is Stage.MERGE
    severe = Status.DEFECT if merges else Status.WARNING
    if not repository.has_target:
        remedy = f"Make the branch, or correct `scope.target` of {landings.team}."
        return Check(name, Status.DEFECT, f"it has no branch {landings.target}", remedy)
    if repository.archived:
        return Check(name, severe, "it is archived", f"Unarchive it, or take it out of {landings.team}.")
    if repository.may_push is False:
        remedy = "Give the account of the token the role `write` there."
        return Check(name, severe, "the token may read it and not write to it", remedy)
    if landings.landing is Landing.API and landings.method not in repository.methods:
        remedy = f"Allow `{landings.method.value}` in its settings, or choose another `policies.method`."
        return Check(name, severe, f"it does not allow to {landings.method.value} pull requests", remedy)
    if repository.name.casefold() != configured.casefold():
        remedy = f"Write {repository.name} in the file of {landings.team}."
        return Check(name, Status.WARNING, f"it is called {repository.name} by now", remedy)
    role = "its branch and settings are read" if repository.may_push is None else "the token may write to it"
    return ok(name, role if merges else f"it can be read, and {landings.team} is at stage {landings.stage.value}")


def judge_guards(configured: str, protection: Protection, landings: Landings, rules: Sequence[RulesetRule]) -> Check:
    """Whether the target branch is guarded as these rules demand, as far as the credential lets it be seen."""
    name = f"{REPOSITORY}{configured}: guards"
    judged = [(rule, check_protection(rule.parameters, landings.target, protection)) for rule in rules]
    against = [(rule, found) for rule, found in judged if isinstance(found, Violated | InError)]
    if not against:
        return ok(name, f"{landings.target} is guarded as {', '.join(rule.id for rule in rules)} demands")
    blocks = any(rule.enforcement is Enforcement.BLOCK for rule, _ in against) and landings.stage is Stage.MERGE
    told = "; ".join(f"{rule.id}: {found.because}" for rule, found in against)
    unknown = any(isinstance(found, InError) for _, found in against)
    remedy = "Let an administrator of the repository change its settings, or correct the rules."
    needed = "Give the credential that permission, or say `allowed_bypass: [anybody]` where only that is not told."
    return Check(name, Status.DEFECT if blocks else Status.WARNING, told, needed if unknown else remedy)
