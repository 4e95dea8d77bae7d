"""The one way into HashiCorp Vault or OpenBao, for secrets that are kept there and for keys that sign there."""

from collections.abc import Mapping
from typing import Any, Protocol, assert_never

from config.needs import resolve
from config.schema import VaultAppRole, VaultToken
from tasks.redaction import keep_secret

_SECONDS = 15


class Reached(Protocol):
    """What a configuration says of a server: its address, and how to log in there."""

    @property
    def address(self) -> str: ...

    @property
    def namespace(self) -> str | None: ...

    @property
    def login(self) -> VaultToken | VaultAppRole: ...


def logged_in(place: Reached, environ: Mapping[str, str], key: str) -> Any:
    """A client of hvac; `key` is where the configuration speaks of it. Raises what hvac and requests do."""
    import hvac  # type: ignore[import-untyped]  # noqa: PLC0415 -- who keeps nothing there does without it

    address = resolve(place.address, environ, key=f"{key}.address")
    namespace = None if place.namespace is None else resolve(place.namespace, environ, key=f"{key}.namespace")
    login = _login(place.login, environ, key)
    client = hvac.Client(url=address, namespace=namespace, token=login.get("token", ""), timeout=_SECONDS)
    if "role_id" in login:
        client.auth.approle.login(**login)
        keep_secret("Vault's token", str(client.token))
    return client


def _login(login: VaultToken | VaultAppRole, environ: Mapping[str, str], key: str) -> dict[str, str]:
    match login:
        case VaultToken():
            token = resolve(login.token, environ, key=f"{key}.login.token")
            keep_secret("Vault's token", token)
            return {"token": token}
        case VaultAppRole():
            secret = resolve(login.secret_id, environ, key=f"{key}.login.secret_id")
            keep_secret("Vault's secret id", secret)
            role = resolve(login.role_id, environ, key=f"{key}.login.role_id")
            return {"role_id": role, "secret_id": secret, "mount_point": login.mount}
        case _:
            assert_never(login)
