"""A key in Vault's engine Transit, of the type ed25519: it never leaves it."""

import base64
from typing import Any

from tasks.domain.errors import SealingFailed
from tasks.domain.signed_note import VerifierKey

_KEY_BYTES = 32
_SIGNATURE = "vault:v"


class VaultSigner:
    def __init__(self, client: Any, mount: str, key: str, name: str, *, version: int | None = None) -> None:
        """`client` is one of hvac, logged in; without `version` it is the key's latest. Raises SealingFailed."""
        self._transit, self._mount, self._id = client.secrets.transit, mount, key
        found = self._asked(lambda: self._transit.read_key(name=key, mount_point=mount))
        chosen = str(version or found.get("latest_version"))
        try:
            public = base64.b64decode(found["keys"][chosen]["public_key"], validate=True)
        except (KeyError, TypeError, ValueError):
            public = b""
        if found.get("type") != "ed25519" or len(public) != _KEY_BYTES:
            raise SealingFailed(
                f"the key {mount}/{key} in Vault is no key of ed25519, or has no version {chosen}",
                remedy="Make one there: `vault write -f transit/keys/NAME type=ed25519`; see its versions with `read`.",
            )
        self._version = int(chosen)
        self._key = VerifierKey(name, public)

    @property
    def key(self) -> VerifierKey:
        return self._key

    def sign(self, message: bytes) -> bytes:
        told = base64.b64encode(message).decode()
        found = self._asked(
            lambda: self._transit.sign_data(
                name=self._id, hash_input=told, key_version=self._version, mount_point=self._mount
            )
        )
        kind, _, signature = str(found.get("signature")).rpartition(":")
        try:
            signed = base64.b64decode(signature, validate=True)
        except ValueError:
            signed = b""
        if kind != f"{_SIGNATURE}{self._version}" or not self._key.verifies(message, signed):
            raise SealingFailed(
                f"what Vault answered for the key {self._mount}/{self._id} is no signature by it",
                remedy="Was the key replaced meanwhile? Run again.",
            )
        return signed

    def _asked(self, ask: Any) -> Any:
        from hvac.exceptions import VaultError  # type: ignore[import-untyped]  # noqa: PLC0415
        from requests import RequestException  # noqa: PLC0415

        try:
            return ask()["data"]
        except (VaultError, RequestException, ValueError, KeyError, TypeError) as error:
            raise SealingFailed(
                f"Vault did not answer for the key {self._mount}/{self._id}: {type(error).__name__}",
                remedy="Check the address, and that the policy allows to read that key and to sign with it.",
            ) from error
