"""A key in a file, for development: whoever holds the machine can sign with it."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from tasks.domain.errors import EvidenceUnreachable, SealingFailed
from tasks.domain.signed_note import VerifierKey

_OWNER_ONLY = 0o600
_FOLDER = 0o700


class FileSigner:
    def __init__(self, path: Path, name: str, *, may_make: Callable[[Path], None] | None = None) -> None:
        """
        The key in the file, as PEM (PKCS #8), made there where there is none yet; raises SealingFailed.

        `may_make` is asked before one is made, and raises where there should be one; where it cannot tell now, it is
        asked again once the key is needed.
        """
        self._path, self._name, self._may_make = path, name, may_make
        self._loaded: Ed25519PrivateKey | None = None
        with suppress(EvidenceUnreachable):
            self._private()

    @property
    def key(self) -> VerifierKey:
        return VerifierKey(self._name, self._private().public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self._private().sign(message)

    def _private(self) -> Ed25519PrivateKey:
        if self._loaded is None:
            if self._may_make is not None and not self._path.exists():
                self._may_make(self._path)
            self._loaded = _loaded(self._path)
        return self._loaded


def _loaded(path: Path) -> Ed25519PrivateKey:
    try:
        if not path.exists():
            _make(path)
        loaded = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise SealingFailed(
            f"the key {path} that seals the audit log cannot be used: {type(error).__name__}",
            remedy="Let the account of merge-hub read it. Was it lost? Then bring it back from a copy.",
        ) from error
    if not isinstance(loaded, Ed25519PrivateKey):
        raise SealingFailed(f"the key {path} is no key of Ed25519", remedy="Put one there as PEM (PKCS #8).")
    return loaded


def _make(path: Path) -> None:
    """Whole under its name or not at all; of two that make it at once, the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=_FOLDER)
    made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        unfinished.unlink()
    handle = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWNER_ONLY)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(made)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(unfinished, path)
    finally:
        unfinished.unlink()
