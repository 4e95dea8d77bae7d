"""Classic protection of a branch, from the form in which it was asked for to the form in which GitHub shows it."""

from typing import Any

from deployments.sandbox.codehost.host import Host
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.model import Json
from deployments.sandbox.codehost.protection import BYPASS

from .accounts import integration, known_user, team
from .repositories import repository_url

SWITCHES = (
    "required_linear_history",
    "allow_force_pushes",
    "allow_deletions",
    "block_creations",
    "required_conversation_resolution",
    "lock_branch",
    "allow_fork_syncing",
)


def protection_document(host: Host, repository: HostedRepository, branch: str, classic: Json) -> Json:
    url = f"{repository_url(host, repository)}/branches/{branch}/protection"
    document: Json = {
        "url": url,
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": bool(classic.get("enforce_admins"))},
        "required_signatures": {
            "url": f"{url}/required_signatures",
            "enabled": bool(classic.get("required_signatures")),
        },
        **{name: {"enabled": bool(classic.get(name))} for name in SWITCHES},
    }
    reviews, checks = classic.get("required_pull_request_reviews"), classic.get("required_status_checks")
    if reviews is not None:
        document["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": bool(reviews.get("dismiss_stale_reviews")),
            "require_code_owner_reviews": bool(reviews.get("require_code_owner_reviews")),
            "require_last_push_approval": bool(reviews.get("require_last_push_approval")),
            "required_approving_review_count": int(reviews.get("required_approving_review_count", 1)),
        }
        if reviews.get(BYPASS) is not None:
            allowances = _actors(host, repository, reviews[BYPASS])
            document["required_pull_request_reviews"][BYPASS] = allowances
    if checks is not None:
        document["required_status_checks"] = _checks(url, checks)
    if classic.get("restrictions") is not None:
        document["restrictions"] = _restrictions(host, repository, url, classic["restrictions"])
    return document


def _checks(url: str, checks: Json) -> Json:
    listed: list[Json] = checks.get("checks") or []
    contexts = list(dict.fromkeys([*(checks.get("contexts") or []), *(check["context"] for check in listed)]))
    return {
        "url": f"{url}/required_status_checks",
        "strict": bool(checks.get("strict")),
        "contexts": contexts,
        "contexts_url": f"{url}/required_status_checks/contexts",
        "checks": [{"context": context, "app_id": None} for context in contexts],
    }


def _restrictions(host: Host, repository: HostedRepository, url: str, restrictions: Json) -> Json:
    here, documents = f"{url}/restrictions", _actors(host, repository, restrictions)
    return {"url": here, **{f"{name}_url": f"{here}/{name}" for name in documents}, **documents}


def _actors(host: Host, repository: HostedRepository, actors: Json) -> dict[str, list[Any]]:
    teams = (host.team(repository.record.owner, slug) for slug in actors.get("teams") or [])
    return {
        "users": [known_user(host, login) for login in actors.get("users") or []],
        "teams": [team(host, record) for record in teams if record is not None],
        "apps": [integration(host)] if actors.get("apps") else [],
    }
