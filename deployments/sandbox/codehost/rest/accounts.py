"""Users, organizations, teams, the rate limit."""

from deployments.sandbox.codehost.call import Call, Listing, Reply
from deployments.sandbox.codehost.errors import NotFound, forbidden
from deployments.sandbox.codehost.model import Account, Team
from deployments.sandbox.codehost.render.accounts import (
    account_document,
    full_team,
    known_user,
    organization,
    private_user,
    public_user,
    team,
)
from deployments.sandbox.codehost.router import Routes

routes = Routes()


@routes.get("/user")
def show_viewer(call: Call) -> Reply:
    return Reply(private_user(call.host, call.viewer))


@routes.get("/users/{username}")
def show_user(call: Call) -> Reply:
    return Reply(public_user(call.host, find_account(call, "username")))


@routes.get("/user/orgs")
def list_own_organizations(call: Call) -> Listing:
    names = {name.lower() for name in call.viewer.organizations}
    return Listing(
        [account for account in organizations(call) if account.login.lower() in names],
        lambda account: organization(call.host, account),
    )


@routes.get("/orgs/{org}")
def show_organization(call: Call) -> Reply:
    return Reply(organization(call.host, find_organization(call)))


@routes.get("/orgs/{org}/members")
def list_members(call: Call) -> Listing:
    return Listing(members(call, find_organization(call)), lambda account: account_document(call.host, account))


@routes.get("/orgs/{org}/members/{username}")
def check_membership(call: Call) -> Reply:
    if find_account(call, "username") not in members(call, find_organization(call)):
        raise NotFound
    return Reply(status=204)


@routes.get("/orgs/{org}/teams")
def list_teams(call: Call) -> Listing:
    return Listing(call.host.teams_of(find_organization(call).login), lambda record: team(call.host, record))


@routes.get("/orgs/{org}/teams/{team_slug}")
def show_team(call: Call) -> Reply:
    return Reply(full_team(call.host, find_team(call)))


@routes.get("/organizations/{org_id}/team/{team_id}")
def show_team_by_id(call: Call) -> Reply:
    return Reply(full_team(call.host, _team_by_id(call)))


@routes.get("/orgs/{org}/teams/{team_slug}/members")
def list_team_members(call: Call) -> Listing:
    return Listing(list(find_team(call).members), lambda login: known_user(call.host, login))


@routes.get("/organizations/{org_id}/team/{team_id}/members")
def list_team_members_by_id(call: Call) -> Listing:
    return Listing(list(_team_by_id(call).members), lambda login: known_user(call.host, login))


@routes.get("/orgs/{org}/teams/{team_slug}/memberships/{username}")
def show_team_membership(call: Call) -> Reply:
    return _membership(call, find_team(call))


@routes.delete("/orgs/{org}/teams/{team_slug}/memberships/{username}")
def remove_team_membership(call: Call) -> Reply:
    record = find_team(call)
    if call.viewer.permission != "admin":
        raise forbidden("Must have admin rights to the team.")
    _membership(call, record)
    wanted = call.parameters["username"].lower()
    record.members = [login for login in record.members if login.lower() != wanted]
    call.host.store.save(record)
    return Reply(status=204)


@routes.get("/organizations/{org_id}/team/{team_id}/members/{username}")
def check_team_member_by_id(call: Call) -> Reply:
    _membership(call, _team_by_id(call))
    return Reply(status=204)


@routes.get("/organizations/{org_id}/team/{team_id}/memberships/{username}")
def show_team_membership_by_id(call: Call) -> Reply:
    return _membership(call, _team_by_id(call))


@routes.get("/rate_limit")
def show_rate_limit(call: Call) -> Reply:
    login = call.viewer.login
    numbers = {name: call.host.limits.numbers(login, name) for name in ("core", "search", "graphql")}
    return Reply({"resources": numbers, "rate": numbers["core"]})


def organizations(call: Call) -> list[Account]:
    return [account for account in call.host.accounts if account.type == "Organization"]


def members(call: Call, owner: Account) -> list[Account]:
    return [account for account in call.host.accounts if owner.login in account.organizations]


def find_account(call: Call, parameter: str) -> Account:
    account = call.host.account(call.parameters[parameter])
    if account is None:
        raise NotFound
    return account


def find_organization(call: Call) -> Account:
    account = find_account(call, "org")
    if account.type != "Organization":
        raise NotFound
    return account


def find_team(call: Call) -> Team:
    found = call.host.team(call.parameters["org"], call.parameters["team_slug"])
    if found is None:
        raise NotFound
    return found


def _team_by_id(call: Call) -> Team:
    found = call.host.teams_by_id.get(call.number("team_id"))
    if found is None:
        raise NotFound
    return found


def _membership(call: Call, record: Team) -> Reply:
    username = call.parameters["username"]
    if username.lower() not in {login.lower() for login in record.members}:
        raise NotFound
    url = f"{call.api_url}/orgs/{record.organization}/teams/{record.slug}/memberships/{username}"
    return Reply({"url": url, "role": "member", "state": "active"})
