"""What merge-hub acts with at the code host, looked up once a run."""

from collections.abc import Mapping
from contextlib import suppress

from config.schema import AppCredential, Configuration, TokenCredential
from config.settings import HubSettings
from tasks.adapters.clock import SystemClock
from tasks.adapters.credentials import Access, AppTokens, Kept, look_up, state_of
from tasks.adapters.github.client import Client
from tasks.adapters.github.tokens import OneToken
from tasks.domain.credentials import CredentialState
from tasks.domain.errors import MergeHubError
from tasks.ports import AuditLog


def open_access(configuration: Configuration, settings: HubSettings, environ: Mapping[str, str]) -> Access:
    """Raises CredentialUnavailable, or UnsetVariable where the environment lacks what is needed for it."""
    held = configuration.global_.credentials.code_host
    if isinstance(held, TokenCredential):
        kept = look_up(held.place, environ)
        return Access(held, kept, OneToken(kept.value.get_secret_value()))
    kept = look_up(held.key, environ)
    return Access(held, kept, _tokens_of(held, configuration, settings, kept))


def examined(
    access: Access, configuration: Configuration, settings: HubSettings, log: AuditLog
) -> CredentialState | None:
    """None where the code host does not tell: what is wrong with it is for the repositories to meet."""
    client = Client(settings.github_api_url, access.tokens, timeout_seconds=15)
    with suppress(MergeHubError):
        return state_of(access, configuration.organization.name, client, log, SystemClock())
    return None


def _tokens_of(held: AppCredential, configuration: Configuration, settings: HubSettings, kept: Kept) -> AppTokens:
    organization = configuration.organization.login or configuration.organization.name
    return AppTokens(settings.github_api_url, held.app_id, kept.value, organization, SystemClock())
