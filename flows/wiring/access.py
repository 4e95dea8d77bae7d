"""What merge-hub acts with at the code host, and what it tells people with, looked up once a run."""

from collections.abc import Mapping
from contextlib import suppress

from pydantic import SecretStr

from config.schema import AppCredential, Configuration, TokenCredential
from config.settings import SHORTEST_SECRET, HubSettings, secrets_in
from tasks.adapters.clock import SystemClock
from tasks.adapters.credentials import Access, AppTokens, Kept, look_up, state_of
from tasks.adapters.github.client import Client
from tasks.adapters.github.tokens import OneToken
from tasks.domain.credentials import CredentialState, SecretFound
from tasks.domain.errors import MergeHubError
from tasks.ports import AuditLog, Clock

_WEBHOOK, _PASSWORD = "notifications.slack.webhook", "notifications.email.password"


def open_access(configuration: Configuration, settings: HubSettings, environ: Mapping[str, str]) -> Access:
    """Raises CredentialUnavailable, or UnsetVariable where the environment lacks what is needed for it."""
    held = configuration.global_.credentials.code_host
    if isinstance(held, TokenCredential):
        kept = look_up(held.place, environ, key="credentials.code_host")
        return Access(held, kept, OneToken(kept.value.get_secret_value()))
    kept = look_up(held.key, environ, key="credentials.code_host")
    return Access(held, kept, _tokens_of(held, configuration, settings, kept))


def examined(
    access: Access, configuration: Configuration, settings: HubSettings, log: AuditLog
) -> CredentialState | None:
    """None where the code host does not tell: what is wrong with it is for the repositories to meet."""
    client = Client(settings.github_api_url, access.tokens, timeout_seconds=15)
    with suppress(MergeHubError):
        return state_of(access, configuration.organization.name, client, log, SystemClock())
    return None


def webhook_of(configuration: Configuration, environ: Mapping[str, str]) -> Kept | None:
    """None where nobody is told in a chat. Raises as `open_access` does."""
    slack = configuration.global_.notifications.slack
    return None if slack is None else look_up(slack.webhook, environ, key=_WEBHOOK)


def password_of(configuration: Configuration, environ: Mapping[str, str]) -> Kept | None:
    """None where no mail is sent, or by a server that asks for none. Raises as `open_access` does."""
    email = configuration.global_.notifications.email
    return None if email is None or email.password is None else look_up(email.password, environ, key=_PASSWORD)


def found_of(
    webhook: Kept | None, password: Kept | None, environ: Mapping[str, str], clock: Clock
) -> tuple[SecretFound, ...]:
    """What people may know of the secrets that others are told with, and of any that no log can be kept free of."""
    named = (("the Slack webhook", webhook), ("the mail server's password", password))
    found = [_found(name, kept, clock) for name, kept in named if kept is not None]
    held = {
        variable: Kept(SecretStr(value.strip()), f"the variable {variable}") for variable, value in secrets_in(environ)
    }
    others = [
        _found("a secret", kept, clock) for kept in held.values() if kept.where not in {one.source for one in found}
    ]
    return (*found, *(one for one in others if not one.hidden))


def _found(name: str, kept: Kept, clock: Clock) -> SecretFound:
    days = None if kept.since is None else max(0, (clock.now() - kept.since).days)
    return SecretFound(name, kept.where, days, hidden=len(kept.value.get_secret_value()) >= SHORTEST_SECRET)


def _tokens_of(held: AppCredential, configuration: Configuration, settings: HubSettings, kept: Kept) -> AppTokens:
    organization = configuration.organization.login or configuration.organization.name
    return AppTokens(settings.github_api_url, held.app_id, kept.value, organization, SystemClock())
