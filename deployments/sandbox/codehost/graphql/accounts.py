"""Users, bots, organizations, teams."""

from typing import TYPE_CHECKING

from deployments.sandbox.codehost.model import Account, Team
from deployments.sandbox.codehost.render.nodes import node_id

from .connections import Connection, Window

if TYPE_CHECKING:
    from .context import Context
    from .repositories import RepositoryObject


class AccountObject:
    kind = "U"

    def __init__(self, context: "Context", account: Account) -> None:
        self.context = context
        self.account = account
        self.login = account.login
        self.name = account.name
        self.database_id = account.id
        self.created_at = account.created_at
        self.id = node_id(self.kind, account.id)
        self.url = f"{context.public_url}/{account.login}"
        self.resource_path = f"/{account.login}"

    def avatar_url(self, size: int | None = None) -> str:
        del size
        return f"{self.context.public_url}/avatars/{self.account.id}"


class BotObject(AccountObject):
    typename = "Bot"
    kind = "BOT"


class OwnerObject(AccountObject):
    def repository(self, name: str, *, follow_renames: bool = True) -> "RepositoryObject":
        return self.context.find_repository(self.login, name, follow_renames=follow_renames)

    def repositories(self, **window: int | str | None) -> Connection:
        host, viewer = self.context.host, self.context.viewer
        found = [one for one in host.repositories_of(self.login) if host.may(viewer, one, "read")]
        return Connection(found, self.context.repository, Window(**window))  # type: ignore[arg-type]


class UserObject(OwnerObject):
    typename = "User"

    @property
    def email(self) -> str:
        return f"{self.login}@example.org"

    @property
    def is_viewer(self) -> bool:
        return self.account.id == self.context.viewer.id


class OrganizationObject(OwnerObject):
    typename = "Organization"
    kind = "O"

    def team(self, slug: str) -> "TeamObject | None":
        found = self.context.host.team(self.login, slug)
        return TeamObject(self.context, found) if found else None

    def teams(
        self, query: str | None = None, user_logins: list[str] | None = None, **window: int | str | None
    ) -> Connection:
        wanted = {login.lower() for login in user_logins or []}
        found = [
            team
            for team in self.context.host.teams_of(self.login)
            if (not query or query.lower() in team.name.lower())
            and (not wanted or wanted & {login.lower() for login in team.members})
        ]
        return Connection(found, lambda team: TeamObject(self.context, team), Window(**window))  # type: ignore[arg-type]

    def members_with_role(self, **window: int | str | None) -> Connection:
        found = [account for account in self.context.host.accounts if self.login in account.organizations]
        return Connection(found, self.context.account, Window(**window))  # type: ignore[arg-type]


class TeamObject:
    typename = "Team"

    def __init__(self, context: "Context", team: Team) -> None:
        self.context = context
        self.team = team
        self.slug = team.slug
        self.name = team.name
        self.database_id = team.id
        self.id = node_id("T", team.id)
        self.combined_slug = f"{team.organization}/{team.slug}"
        self.url = f"{context.public_url}/orgs/{team.organization}/teams/{team.slug}"

    @property
    def organization(self) -> AccountObject | None:
        return self.context.actor(self.team.organization)

    def members(self, **window: int | str | None) -> Connection:
        return Connection(list(self.team.members), self.context.actor, Window(**window))  # type: ignore[arg-type]
