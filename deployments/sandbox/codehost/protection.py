"""
What protects a branch: classic protection and rulesets, read as one set of demands.

Protection is kept in the form of GitHub's request to set it; a ruleset in the form GitHub answers with.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from .body import Body
from .errors import Invalid
from .host import APP_LOGIN, Host
from .hosted import HostedRepository
from .model import Account, Issue, Json, Review

BYPASS = "bypass_pull_request_allowances"


@dataclass(slots=True)
class Demands:
    """`pushers` None: everybody with write access may push."""

    reviews: int = 0
    last_push_approval: bool = False
    contexts: set[str] = field(default_factory=set)
    pull_request: bool = False
    linear: bool = False
    forbid_force: bool = False
    forbid_deletion: bool = False
    pushers: set[str] | None = None


def checked_protection(document: Json) -> Json:
    """The request as it came, once every part that is read later has the type GitHub asks for."""
    body = Body(document)
    reviews, checks = (Body(body.mapping(name)) for name in ("required_pull_request_reviews", "required_status_checks"))
    for actors in (body.mapping("restrictions"), reviews.mapping(BYPASS)):
        for kind in ("users", "teams", "apps"):
            Body(actors).texts(kind)
    checks.texts("contexts")
    listed = checks.raw("checks") or []
    if not isinstance(listed, list) or not all(isinstance(one, dict) and one.get("context") for one in listed):
        raise Invalid(message="Invalid request.\n\n'checks' is not an array of objects with a context.")
    if not isinstance(reviews.raw("required_approving_review_count", 1), int):
        raise Invalid(message="Invalid request.\n\n'required_approving_review_count' is not an integer.")
    return document


def demands_on(host: Host, repository: HostedRepository, branch: str, account: Account) -> Demands:
    """What this account must satisfy; those whom a rule lets pass are not asked by it."""
    demands = Demands()
    classic = repository.protection(branch)
    if classic is not None:
        # Administrators too must be allowed to push by force and to delete.
        demands.forbid_force |= not classic.get("allow_force_pushes")
        demands.forbid_deletion |= not classic.get("allow_deletions")
    if classic is not None and not _exempt_admin(host, repository, classic, account):
        _add_classic(host, demands, classic)
        if _allowed(host, account, (classic.get("required_pull_request_reviews") or {}).get(BYPASS)):
            demands.pull_request = False
    for ruleset in rulesets_on(repository, branch):
        if not _bypasses(ruleset, account):
            for rule in ruleset.get("rules", []):
                _add_rule(demands, rule)
    return demands


def rulesets_on(repository: HostedRepository, branch: str) -> Iterator[Json]:
    for ruleset in repository.record.rulesets:
        if ruleset.get("enforcement") == "active" and ruleset.get("target", "branch") == "branch":
            names = (ruleset.get("conditions") or {}).get("ref_name") or {"include": ["~ALL"], "exclude": []}
            included = any(_names(repository, pattern, branch) for pattern in names.get("include", []))
            excluded = any(_names(repository, pattern, branch) for pattern in names.get("exclude", []))
            if included and not excluded:
                yield ruleset


def rules_for(repository: HostedRepository, branch: str) -> Iterator[Json]:
    """Active ruleset rules on a branch, each with where it comes from."""
    for ruleset in rulesets_on(repository, branch):
        origin = {"ruleset_source_type": "Repository", "ruleset_source": repository.full_name}
        for rule in ruleset.get("rules", []):
            yield rule | origin | {"ruleset_id": ruleset["id"]}


def unmet(host: Host, repository: HostedRepository, issue: Issue, account: Account) -> str | None:
    """The first reason why the rules do not let this account merge, in GitHub's words."""
    if issue.pull is None:
        return None
    demands = demands_on(host, repository, issue.pull.base_ref, account)
    if demands.pushers is not None and account.login.lower() not in demands.pushers:
        return "You're not authorized to push to this branch. Visit the repository settings for more information."
    return unmet_by_all(host, repository, issue, demands)


def unmet_by_all(host: Host, repository: HostedRepository, issue: Issue, demands: Demands) -> str | None:
    """The first reason that holds whoever merges."""
    if issue.pull is None:
        return None
    approvals = standing_reviews(host, repository, issue)
    if any(review.state == "CHANGES_REQUESTED" for review in approvals) and demands.reviews:
        return "Changes have been requested"
    approved = sum(review.state == "APPROVED" for review in approvals)
    if approved < demands.reviews:
        plural = "" if demands.reviews == 1 else "s"
        return f"At least {demands.reviews} approving review{plural} is required by reviewers with write access."
    missing = sorted(
        context for context in demands.contexts if context_state(repository, issue.pull.head_sha, context) != "success"
    )
    if missing:
        listed = ", ".join(f'"{context}"' for context in missing)
        return f"Required status check {listed} is expected."
    return None


def standing_reviews(host: Host, repository: HostedRepository, issue: Issue) -> list[Review]:
    """The last opinion of everybody who may push; comments do not change an opinion."""
    latest: dict[str, Review] = {}
    for review in list(repository.reviews[issue.number]):
        account = host.account(review.user)
        if account is None or not host.may(account, repository, "write"):
            continue
        if review.state in {"APPROVED", "CHANGES_REQUESTED", "DISMISSED"}:
            latest[review.user.lower()] = review
    return [review for review in latest.values() if review.state != "DISMISSED"]


def context_state(repository: HostedRepository, sha: str, context: str) -> str | None:
    """`success` also for neutral and skipped check runs, as GitHub counts them."""
    runs = [run for run in list(repository.runs.values()) if run.head_sha == sha and run.name == context]
    if runs:
        passed = runs[-1].conclusion in {"success", "neutral", "skipped"}
        return "success" if passed else (runs[-1].conclusion or "pending")
    statuses = [status for status in repository.statuses.get(sha, []) if status.context == context]
    return statuses[-1].state if statuses else None


def protected(repository: HostedRepository, branch: str) -> bool:
    return repository.protection(branch) is not None or any(True for _ in rules_for(repository, branch))


def _names(repository: HostedRepository, pattern: str, branch: str) -> bool:
    match pattern:
        case "~ALL":
            return True
        case "~DEFAULT_BRANCH":
            return branch == repository.record.default_branch
        case _:
            return fnmatchcase(f"refs/heads/{branch}", pattern) or fnmatchcase(branch, pattern)


def _exempt_admin(host: Host, repository: HostedRepository, classic: Json, account: Account) -> bool:
    return host.permission(account, repository) == "admin" and not classic.get("enforce_admins")


def _add_classic(host: Host, demands: Demands, classic: Json) -> None:
    reviews = classic.get("required_pull_request_reviews")
    if reviews is not None:
        demands.pull_request = True
        demands.reviews = max(demands.reviews, int(reviews.get("required_approving_review_count", 1)))
    checks = classic.get("required_status_checks") or {}
    demands.contexts |= set(checks.get("contexts") or [])
    demands.contexts |= {check["context"] for check in checks.get("checks") or []}
    demands.linear |= bool(classic.get("required_linear_history"))
    restrictions = classic.get("restrictions")
    if restrictions is not None:
        demands.pushers = _logins(host, restrictions)


def _logins(host: Host, actors: Json) -> set[str]:
    """The people, teams and apps that GitHub lists for an exception, as logins."""
    found = {login.lower() for login in actors.get("users") or []}
    if actors.get("apps"):
        found.add(APP_LOGIN)
    for slug in actors.get("teams") or []:
        found |= {login.lower() for team in host.teams.values() if team.slug == slug for login in team.members}
    return found


def _allowed(host: Host, account: Account, actors: Json | None) -> bool:
    return actors is not None and account.login.lower() in _logins(host, actors)


def _add_rule(demands: Demands, rule: Json) -> None:
    parameters = rule.get("parameters") or {}
    match rule.get("type"):
        case "pull_request":
            demands.pull_request = True
            demands.reviews = max(demands.reviews, int(parameters.get("required_approving_review_count", 0)))
        case "required_status_checks":
            demands.contexts |= {check["context"] for check in parameters.get("required_status_checks", [])}
        case "non_fast_forward":
            demands.forbid_force = True
        case "deletion":
            demands.forbid_deletion = True
        case "update":
            demands.pushers = demands.pushers or set()
        case "required_linear_history":
            demands.linear = True
        case _:
            pass


def _bypasses(ruleset: Json, account: Account) -> bool:
    return any(
        actor.get("actor_id") == account.id and actor.get("bypass_mode", "always") in {"always", "exempt"}
        for actor in ruleset.get("bypass_actors", [])
    )
