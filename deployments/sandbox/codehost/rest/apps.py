"""The GitHub App that the hub is: itself, its installations, its tokens."""

import secrets
import time

from deployments.sandbox.codehost.call import Call, Listing, Reply
from deployments.sandbox.codehost.clock import timestamp
from deployments.sandbox.codehost.errors import Invalid, NotFound, forbidden
from deployments.sandbox.codehost.grants import LEVELS, Grant
from deployments.sandbox.codehost.model import Account, InstallationToken
from deployments.sandbox.codehost.render.accounts import app_installations, granted, installation, integration
from deployments.sandbox.codehost.render.repositories import repository_document
from deployments.sandbox.codehost.router import Routes

routes = Routes()
HOUR = 3600


@routes.get("/app")
def show_app(call: Call) -> Reply:
    _require_app(call)
    return Reply(integration(call.host))


@routes.get("/app/installations")
def list_installations(call: Call) -> Listing:
    _require_app(call)
    return Listing(app_installations(call.host), lambda account: installation(call.host, account))


@routes.get("/app/installations/{installation_id}")
def show_installation(call: Call) -> Reply:
    _require_app(call)
    return Reply(installation(call.host, _installed(call)))


@routes.get("/orgs/{org}/installation")
def show_organization_installation(call: Call) -> Reply:
    _require_app(call)
    account = call.host.account(call.parameters["org"])
    if account is None or account.type != "Organization":
        raise NotFound
    return Reply(installation(call.host, account))


@routes.get("/users/{username}/installation")
def show_user_installation(call: Call) -> Reply:
    """The App is installed on organizations alone."""
    _require_app(call)
    raise NotFound


@routes.get("/repos/{owner}/{repo}/installation")
def show_repository_installation(call: Call) -> Reply:
    owner = call.host.account(call.find_repository().record.owner)
    if owner is None or owner.type != "Organization":
        raise NotFound
    return Reply(installation(call.host, owner))


@routes.post("/app/installations/{installation_id}/access_tokens")
def create_token(call: Call) -> Reply:
    _require_app(call)
    account = _installed(call)
    wanted = call.body.mapping("permissions") or granted(call.host)
    _require_granted(call, wanted)
    chosen = _chosen(call, account)
    token = InstallationToken(
        id=call.host.store.new_id(),
        token=f"ghs_{secrets.token_hex(18)}",
        installation=account.id,
        expires_at=int(time.time()) + HOUR,
        permissions=wanted,
        repositories=chosen,
    )
    call.host.store.save(token)
    call.host.tokens[token.token] = token
    return Reply(
        {
            "token": token.token,
            "expires_at": timestamp(token.expires_at),
            "permissions": wanted,
            "repository_selection": "all" if chosen is None else "selected",
        },
        201,
    )


@routes.get("/installation/repositories")
def list_repositories(call: Call) -> Listing:
    """For an installation's token, its organization's; for the sandbox's own App token, all."""
    token = call.host.tokens.get(call.headers.get("authorization", "").partition(" ")[2])
    owner = call.host.accounts_by_id.get(token.installation) if token else None
    found = call.host.repositories_of(owner.login) if owner else list(call.host.repositories.values())
    if token is not None and token.repositories is not None:
        found = [one for one in found if one.id in token.repositories]
    return Listing(
        found,
        lambda one: repository_document(call.host, one, call.viewer),
        envelope="repositories",
        more={"repository_selection": "all"},
    )


@routes.delete("/installation/token")
def revoke_token(call: Call) -> Reply:
    token = call.host.tokens.pop(call.headers.get("authorization", "").partition(" ")[2], None)
    if token is not None:
        call.host.store.delete(token)
    return Reply(status=204)


def _require_app(call: Call) -> None:
    if call.viewer.type != "Bot":
        raise forbidden("Resource not accessible by personal access token")


def _require_granted(call: Call, wanted: dict[str, str]) -> None:
    every = Grant("", granted(call.host), None)
    if not all(level in LEVELS and every.allows(name, level) for name, level in wanted.items()):
        raise Invalid(message="The permissions requested are not granted to this installation.")


def _chosen(call: Call, account: Account) -> list[int] | None:
    """The repositories that the token is for; None: all that the installation has."""
    has = call.host.app_repositories
    names = None if has is None else {name.lower() for name in has}
    owned = [one for one in call.host.repositories_of(account.login) if names is None or one.full_name.lower() in names]
    asked = call.body.raw("repository_ids")
    if asked is None:
        return None if names is None else [one.id for one in owned]
    if not set(asked) <= {one.id for one in owned}:
        unseen = "There is at least one repository that does not exist or is not accessible"
        raise Invalid(message=f"{unseen} to the parent installation.")
    return list(asked)


def _installed(call: Call) -> Account:
    for account in app_installations(call.host):
        if account.id == call.number("installation_id"):
            return account
    raise NotFound
