"""What the code host tells of a credential: what it may do, and until when. GitHub tells nobody how old one is."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from config.schema import AppCredential, TokenCredential
from tasks.adapters.credentials.app import AppTokens
from tasks.adapters.credentials.places import Kept
from tasks.adapters.github.client import Client
from tasks.adapters.github.failures import Subject
from tasks.adapters.github.grants import expiry_in, scopes_in
from tasks.adapters.github.tokens import Tokens
from tasks.domain.audit import EventType
from tasks.domain.credentials import (
    CredentialKind,
    CredentialState,
    Dates,
    age_of,
    excess_permissions,
    excess_scopes,
    first_seen,
    lacking_permissions,
)
from tasks.domain.errors import RepositoryMissing
from tasks.ports import AuditLog, Clock

_FINGERPRINT_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Access:
    """What merge-hub acts with, as it is configured and as it was found."""

    held: TokenCredential | AppCredential
    kept: Kept
    tokens: Tokens

    def fingerprint(self, organization: str) -> str:
        """Tells one credential from another, and nothing of it."""
        value = self.kept.value.get_secret_value().encode()
        return hmac.digest(f"merge-hub {organization}".encode(), value, hashlib.sha256).hex()[:_FINGERPRINT_DIGITS]


def state_of(access: Access, organization: str, client: Client, log: AuditLog, clock: Clock) -> CredentialState:
    """Raises what the code host and the log raise."""
    now, mark = clock.now(), access.fingerprint(organization)
    seen = first_seen(log.events(types={EventType.TOKEN_CHECKED}), mark)
    if isinstance(access.tokens, AppTokens):
        granted = access.tokens.installation.permissions
        return CredentialState(
            kind=CredentialKind.APP,
            source=access.kept.where,
            fingerprint=mark,
            age_days=0,
            seen_days=age_of(Dates(None, seen), now)[1],
            expires_at=access.tokens.expires_at(),
            permissions=tuple(sorted(f"{name}:{level}" for name, level in granted.items())),
            excess=excess_permissions(granted.items()),
            lacking=lacking_permissions(granted),
        )
    headers = _headers(client)
    scopes = scopes_in(headers.get("x-oauth-scopes"))
    age, known = age_of(Dates(_made_at(access), seen), now)
    return CredentialState(
        kind=CredentialKind.OTHER if scopes is None else CredentialKind.CLASSIC,
        source=access.kept.where,
        fingerprint=mark,
        age_days=age,
        seen_days=known,
        expires_at=expiry_in(headers.get("github-authentication-token-expiration")),
        permissions=scopes,
        excess=() if scopes is None else excess_scopes(scopes),
    )


def _made_at(access: Access) -> datetime | None:
    """What its place tells: a secret is as old as it has been there; what people say is older counts."""
    stated = access.held.made_on if isinstance(access.held, TokenCredential) else None
    said = None if stated is None else datetime.combine(date.fromisoformat(stated), time(), UTC)
    since = access.kept.since
    return min(said, since) if said is not None and since is not None else said or since


def _headers(client: Client) -> Mapping[str, str]:
    try:
        return client.ask("/rate_limit", Subject("the token"))[0]
    except RepositoryMissing:
        # An Enterprise Server without rate limits has no such page.
        return client.ask("/meta", Subject("the token"))[0]
