"""
The world in which repositories stand: organizations, users, teams, and for tests what only an administrator could set.

Telling the world twice changes nothing; telling more adds.
"""

from typing import Any

from .body import Body
from .errors import Invalid, NotFound
from .host import NAME, Host
from .hosted import HostedRepository
from .model import PERMISSIONS, Account, Json, Team
from .protection import checked_protection
from .signatures import checked_signature

MEMBER_TYPES = ("User", "Bot")


def change_world(host: Host, document: Json) -> Json:
    with host.lock:
        for entry in _entries(document, "orgs"):
            ensure_account(host, entry, "Organization")
        for entry in _entries(document, "users"):
            _change_user(host, entry)
        for name, members in Body(document).mapping("teams").items():
            _change_team(host, name, members)
        for name, branches in Body(document).mapping("protection").items():
            _protect(find(host, name), branches)
        for name, rulesets in Body(document).mapping("rulesets").items():
            _rule(host, find(host, name), rulesets)
        for name, told in Body(document).mapping("signatures").items():
            _sign(host, find(host, name), told)
        _change_limits(host, document)
    return describe_world(host)


def _entries(document: Json, key: str) -> list[Json]:
    entries = document.get(key) or []
    if not isinstance(entries, list):
        raise Invalid(message=f"`{key}` is a list.")
    named = [{"login": entry} if isinstance(entry, str) else entry for entry in entries]
    if not all(isinstance(entry, dict) and entry.get("login") for entry in named):
        raise Invalid(message=f"Every entry of `{key}` is a login or an object with `login`.")
    return named


def ensure_account(host: Host, entry: Json, kind: str) -> Account:
    login = str(entry["login"])
    known = host.account(login)
    if known is None:
        if not NAME.match(login.removesuffix("[bot]")):
            raise Invalid(message=f"{login!r} is no login.")
        return host.add_account(login, kind, name=entry.get("name"))
    if (known.type == "Organization") != (kind == "Organization"):
        raise Invalid(message=f"{login} is already a {known.type}.")
    return known


def _change_user(host: Host, entry: Json) -> None:
    login = str(entry["login"])
    kind = entry.get("type") or ("Bot" if login.endswith("[bot]") else "User")
    if kind not in MEMBER_TYPES:
        raise Invalid(message=f"{login} is of type {kind!r}, not User or Bot.")
    account = ensure_account(host, entry, kind)
    if "permission" in entry:
        account.permission = _permission(entry["permission"])
    for name, permission in (entry.get("permissions") or {}).items():
        account.permissions[name] = _permission(permission)
    for organization in entry.get("orgs") or []:
        _join(host, account, organization)
    if "name" in entry:
        account.name = entry["name"]
    host.store.save(account)


def _permission(value: Any) -> Any:
    if value not in PERMISSIONS:
        raise Invalid(message=f"{value!r} is no permission: {', '.join(PERMISSIONS)}.")
    return value


def _join(host: Host, account: Account, organization: str) -> None:
    owner = ensure_account(host, {"login": organization}, "Organization")
    if owner.login not in account.organizations:
        account.organizations.append(owner.login)
        host.store.save(account)


def _change_team(host: Host, name: str, members: Any) -> None:
    organization, slash, slug = name.partition("/")
    if not slash or not NAME.match(slug):
        raise Invalid(message=f"A team is named org/team, not {name!r}.")
    owner = ensure_account(host, {"login": organization}, "Organization")
    team = host.team(owner.login, slug) or host.add_team(owner.login, slug.lower(), slug)
    if not isinstance(members, list) or not all(isinstance(login, str) for login in members):
        raise Invalid(message=f"The members of {name} are a list of logins.")
    for login in members:
        account = ensure_account(host, {"login": login}, "User")
        _join(host, account, owner.login)
        if account.login not in team.members:
            team.members.append(account.login)
    host.store.save(team)


def find(host: Host, name: str) -> HostedRepository:
    owner, _, short = name.partition("/")
    repository = host.repository(owner, short)
    if repository is None:
        raise NotFound(f"There is no repository {name}.")
    return repository


def _protect(repository: HostedRepository, branches: Any) -> None:
    """A branch without a value is no longer protected."""
    if not isinstance(branches, dict) or not all(isinstance(one, dict | None) for one in branches.values()):
        raise Invalid(message="`protection` is, for each repository, an object of branches and their protection.")
    for branch, classic in branches.items():
        if classic is None:
            repository.record.protections.pop(branch, None)
        else:
            repository.record.protections[branch] = checked_protection(classic)
    repository.save(repository.record)


def _rule(host: Host, repository: HostedRepository, rulesets: Any) -> None:
    """A ruleset takes the place of the one of its name."""
    if not isinstance(rulesets, list) or not all(isinstance(one, dict) for one in rulesets):
        raise Invalid(message="`rulesets` is, for each repository, a list of rulesets.")
    for ruleset in rulesets:
        kept = {one["name"]: one["id"] for one in repository.record.rulesets}
        name = ruleset.get("name") or "ruleset"
        complete = {
            "enforcement": "active",
            "target": "branch",
            "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
            "rules": [],
            "bypass_actors": [],
            **ruleset,
            "name": name,
            "id": kept.get(name) or host.store.new_id(),
        }
        complete["bypass_actors"] = [_bypass(host, actor) for actor in complete["bypass_actors"]]
        others = [one for one in repository.record.rulesets if one["name"] != name]
        repository.record.rulesets = [*others, complete]
    repository.save(repository.record)


def _sign(host: Host, repository: HostedRepository, told: Any) -> None:
    """What is told of a commit takes the place of what was told of it before."""
    if not isinstance(told, dict) or not all(isinstance(one, dict) for one in told.values()):
        raise Invalid(message="`signatures` is, for each repository, an object of commits and what is told of them.")
    repository.record.signatures |= {commit: checked_signature(host, one) for commit, one in told.items()}
    repository.save(repository.record)


def _bypass(host: Host, actor: Any) -> Json:
    """An actor as GitHub writes it, or just a login."""
    if isinstance(actor, dict):
        return actor
    account = host.account(str(actor))
    if account is None:
        raise Invalid(message=f"{actor!r} is nobody who could bypass a ruleset.")
    kind = "Integration" if account.type == "Bot" else "User"
    return {"actor_id": account.id, "actor_type": kind, "bypass_mode": "always"}


def _change_limits(host: Host, document: Json) -> None:
    if "rate_limit" in document:
        limit = Body(document).mapping("rate_limit").get("limit")
        if limit is not None and not isinstance(limit, int):
            raise Invalid(message="`rate_limit.limit` is a number, or null for none.")
        host.limits.limit = limit
        host.limits.reset()
    app = Body(document).mapping("app")
    host.app_key = app.get("public_key", host.app_key)
    host.app_permissions = app.get("permissions", host.app_permissions)
    host.app_repositories = app.get("repositories", host.app_repositories)


def describe_world(host: Host) -> Json:
    return {
        "orgs": [account.login for account in host.accounts if account.type == "Organization"],
        "users": [
            {"login": account.login, "type": account.type, "permission": account.permission}
            for account in host.accounts
            if account.type != "Organization"
        ],
        "teams": {_team_name(team): team.members for team in list(host.teams.values())},
    }


def _team_name(team: Team) -> str:
    return f"{team.organization}/{team.slug}"
