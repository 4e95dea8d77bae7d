"""Private keys of the hub itself, that seal the log: in files beside it, in Vault, or in AWS KMS."""

from tasks.adapters.signing_keys.files import FileSigner
from tasks.adapters.signing_keys.kms import KmsSigner
from tasks.adapters.signing_keys.vault import VaultSigner

__all__ = ["FileSigner", "KmsSigner", "VaultSigner"]
