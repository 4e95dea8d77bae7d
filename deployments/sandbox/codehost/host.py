"""The code host's state: accounts, teams and repositories, all of it loaded at the start and written as it changes."""

import re
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from .clock import now
from .git.commits import Signature
from .git.repository import GitRepository
from .hosted import CONTENTS, HostedRepository
from .limits import RateLimits
from .model import (
    PERMISSIONS,
    Account,
    Delivery,
    Hook,
    InstallationToken,
    Json,
    Permission,
    RepositoryRecord,
    Team,
)
from .settings import CodeHostSettings
from .store import Store

APP_LOGIN = "merge-hub[bot]"
WEB_FLOW = "web-flow"
WEB_FLOW_EMAIL = "noreply@github.com"
MAIL_DOMAIN = "example.org"
NAME = re.compile(r"^[A-Za-z0-9._-]{1,100}$")


@dataclass(frozen=True, slots=True)
class Happening:
    """Something webhooks tell about; `detail` goes into the payload as it stands."""

    repository: HostedRepository
    event: str
    action: str | None
    actor: str | None
    number: int | None = None
    detail: Json = field(default_factory=dict)


class Host:
    def __init__(self, settings: CodeHostSettings) -> None:
        self.settings = settings
        settings.git_root.mkdir(parents=True, exist_ok=True)
        self.store = Store(settings.data / "codehost.sqlite3")
        self.lock = threading.RLock()
        self.listeners: list[Callable[[Happening], None]] = []
        self._accounts: dict[str, Account] = {}
        self._emails: dict[str, str] = {WEB_FLOW_EMAIL: WEB_FLOW}
        self.accounts_by_id: dict[int, Account] = {}
        self.teams: dict[str, Team] = {}
        self.teams_by_id: dict[int, Team] = {}
        self.repositories: dict[int, HostedRepository] = {}
        self.tokens: dict[str, InstallationToken] = {}
        self.app_key: str | None = None
        self.app_permissions: dict[str, str] | None = None
        self.app_repositories: list[str] | None = None
        self.limits = RateLimits()
        self.redeliver: Callable[[HostedRepository, Hook, Delivery], None] | None = None
        self._names: dict[str, int] = {}
        self._former_names: dict[str, int] = {}
        self._load()

    def _load(self) -> None:
        for account in self.store.load(Account):
            self._index_account(account)
        for team in self.store.load(Team):
            self._index_team(team)
        for token in self.store.load(InstallationToken):
            self.tokens[token.token] = token
        for record in self.store.load(RepositoryRecord):
            self._index_repository(record)
        for kind in CONTENTS:
            for content in self.store.load(kind):
                owner = self.repositories.get(content.repository)
                if owner is not None:
                    owner.index(content)
        if self.account(APP_LOGIN) is None:
            self.add_account(APP_LOGIN, "Bot")
        if self.account(WEB_FLOW) is None:
            self.add_account(WEB_FLOW, "User", name="GitHub Web Flow")

    @property
    def accounts(self) -> list[Account]:
        return list(self._accounts.values())

    @property
    def app(self) -> Account:
        return self._accounts[APP_LOGIN]

    def account(self, login: str) -> Account | None:
        return self._accounts.get(login.lower())

    def account_of_email(self, email: str) -> Account | None:
        login = self._emails.get(email.lower())
        return self.account(login) if login else None

    def signature(self, login: str, seconds: int) -> Signature:
        account = self.account(login)
        name = (account.name if account else None) or login
        return Signature(name, f"{login}@{MAIL_DOMAIN}", seconds)

    def add_account(self, login: str, kind: str, name: str | None = None) -> Account:
        account = Account.model_validate(
            {"id": self.store.new_id(), "login": login, "type": kind, "name": name, "created_at": now()}
        )
        self.store.save(account)
        self._index_account(account)
        return account

    def add_team(self, organization: str, slug: str, name: str) -> Team:
        team = Team(id=self.store.new_id(), organization=organization, slug=slug, name=name, created_at=now())
        self.store.save(team)
        self._index_team(team)
        return team

    def team(self, organization: str, slug: str) -> Team | None:
        return self.teams.get(f"{organization}/{slug}".lower())

    def teams_of(self, organization: str) -> list[Team]:
        return [team for team in list(self.teams.values()) if team.organization.lower() == organization.lower()]

    def repository(self, owner: str, name: str) -> HostedRepository | None:
        identity = self._names.get(f"{owner}/{name}".lower())
        return self.repositories.get(identity) if identity is not None else None

    def renamed(self, owner: str, name: str) -> HostedRepository | None:
        """The repository that once had this name, unless another has it now."""
        identity = self._former_names.get(f"{owner}/{name}".lower())
        return self.repositories.get(identity) if identity is not None else None

    def repositories_of(self, owner: str) -> list[HostedRepository]:
        return [one for one in list(self.repositories.values()) if one.record.owner.lower() == owner.lower()]

    def permission(self, account: Account, repository: HostedRepository) -> Permission:
        if account.login.lower() == repository.record.owner.lower():
            return "admin"
        for name, permission in account.permissions.items():
            if name.lower() == repository.full_name.lower():
                return permission
        return account.permission

    def may(self, account: Account, repository: HostedRepository, needed: Permission) -> bool:
        has = self.permission(account, repository)
        if needed == "read" and not repository.record.private:
            return True
        return PERMISSIONS.index(has) >= PERMISSIONS.index(needed)

    def create_repository(self, record: RepositoryRecord) -> HostedRepository:
        directory = self.settings.git_root / record.owner / f"{record.name}.git"
        with self.lock:
            if directory.is_symlink():
                directory.unlink()
            if directory.exists():
                shutil.rmtree(directory)  # left by a creation that was killed before it was recorded
            GitRepository.create(directory, record.default_branch)
            self.store.save(record)
            return self._index_repository(record)

    def rename_repository(self, repository: HostedRepository, name: str) -> None:
        """Git finds it under the old name too, through a link, as GitHub redirects."""
        with self.lock:
            old = repository.git.directory
            new = old.with_name(f"{name}.git")
            if new.is_symlink():
                new.unlink()
            repository.git.move(new)
            old.symlink_to(new.name)
            record = repository.record
            self._names.pop(record.full_name.lower())
            record.previous_names = [*record.previous_names, record.full_name]
            record.name = name
            self.store.save(record)
            self._index_names(record)

    def delete_repository(self, repository: HostedRepository) -> None:
        with self.lock:
            self._names.pop(repository.full_name.lower(), None)
            self.repositories.pop(repository.id)
            self.store.delete(repository.record)
            shutil.rmtree(repository.git.directory, ignore_errors=True)

    def announce(self, happening: Happening) -> None:
        for listener in self.listeners:
            listener(happening)

    def _index_account(self, account: Account) -> None:
        self._accounts[account.login.lower()] = account
        self.accounts_by_id[account.id] = account
        if account.type != "Organization":
            self._emails[f"{account.login}@{MAIL_DOMAIN}".lower()] = account.login

    def _index_team(self, team: Team) -> None:
        self.teams[f"{team.organization}/{team.slug}".lower()] = team
        self.teams_by_id[team.id] = team

    def _index_repository(self, record: RepositoryRecord) -> HostedRepository:
        directory = self.settings.git_root / record.owner / f"{record.name}.git"
        hosted = HostedRepository(record, directory, self.store)
        self.repositories[record.id] = hosted
        self._index_names(record)
        return hosted

    def _index_names(self, record: RepositoryRecord) -> None:
        self._names[record.full_name.lower()] = record.id
        self._former_names.pop(record.full_name.lower(), None)
        for name in record.previous_names:
            if name.lower() not in self._names:
                self._former_names[name.lower()] = record.id
