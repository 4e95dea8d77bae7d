"""A key in AWS KMS, of the kind ECC_NIST_EDWARDS25519: it never leaves it."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tasks.domain.errors import SealingFailed
from tasks.domain.signed_note import VerifierKey

_SECONDS = 15


def _read(der: bytes) -> object:
    try:
        return load_der_public_key(der)
    except ValueError:
        return None


class KmsSigner:
    def __init__(self, key: str, name: str, region: str | None) -> None:
        """Raises SealingFailed."""
        import boto3  # type: ignore[import-untyped]  # noqa: PLC0415 -- takes a second to import
        from botocore.config import Config  # type: ignore[import-untyped]  # noqa: PLC0415

        limits = Config(connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"total_max_attempts": 3})
        self._id = key
        self._client = boto3.client("kms", region_name=region, config=limits)
        public = _read(self._asked("get_public_key")["PublicKey"])
        if not isinstance(public, Ed25519PublicKey):
            raise SealingFailed(
                f"the key {key} in AWS KMS is no key of Ed25519",
                remedy="Make one with KeySpec ECC_NIST_EDWARDS25519 and KeyUsage SIGN_VERIFY.",
            )
        self._key = VerifierKey(name, public.public_bytes_raw())

    @property
    def key(self) -> VerifierKey:
        return self._key

    def sign(self, message: bytes) -> bytes:
        answer = self._asked("sign", Message=message, MessageType="RAW", SigningAlgorithm="ED25519_SHA_512")
        return bytes(answer["Signature"])

    def _asked(self, action: str, **arguments: object) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]  # noqa: PLC0415

        try:
            return getattr(self._client, action)(KeyId=self._id, **arguments)
        except (BotoCoreError, ClientError) as error:
            raise SealingFailed(
                f"AWS KMS did not {action.replace('_', ' ')} with the key {self._id}: {type(error).__name__}",
                remedy="Check the key, the region, and that merge-hub's role may do kms:GetPublicKey and kms:Sign.",
            ) from error
