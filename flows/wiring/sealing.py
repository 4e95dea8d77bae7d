"""The keys that seal the log, from what the configuration says of them."""

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, assert_never
from urllib.parse import urlsplit

from config.needs import resolve
from config.schema import Audit, Configuration, KeysInFiles, KeysInKms, KeysInVault
from config.settings import HubSettings
from flows.wiring.opening import open_evidence, open_store, until
from tasks.adapters.signing_keys import FileSigner, KmsSigner, VaultSigner
from tasks.adapters.time_stamps import HttpTimeStamps
from tasks.adapters.vault import logged_in
from tasks.domain.checkpoint import PREFIX as CHECKPOINTS
from tasks.domain.errors import SealingFailed
from tasks.domain.examined import SealFound
from tasks.domain.rotation import Role
from tasks.ports import Anchoring, Seal, Signer

_KEY = "audit.sealing.keys"
_LOG, _ATTEST = "log.pem", "attest.pem"


def open_seal(
    configuration: Configuration, settings: HubSettings, environ: Mapping[str, str], closing: ExitStack
) -> Seal:
    """Raises SealingFailed, AnchoringFailed or UnsetVariable: what cannot be sealed does not land."""
    organization = configuration.organization
    login = "-".join((organization.login or organization.name).split())
    origin = configuration.global_.audit.sealing.origin or f"merge-hub/{login}"
    names = (origin, f"{origin}/attest")
    log, attest = _signers(configuration, settings.home.absolute(), environ, names)
    return Seal(
        log, attest, _web_address(settings.github_api_url), _anchoring(configuration, settings, environ, closing)
    )


def look_at_seal(configuration: Configuration, settings: HubSettings, environ: Mapping[str, str]) -> SealFound:
    """Makes no keys where there are none yet; raises what is wrong with those that there are."""
    audit, held = configuration.global_.audit, configuration.global_.audit.sealing.keys
    outside = audit.copies is not None or audit.sealing.anchor is not None
    on_this_machine = isinstance(held, KeysInFiles)
    if isinstance(held, KeysInFiles):
        place = str(key_folder(held, settings.home.absolute(), environ))
        if not (Path(place) / _LOG).exists():
            return SealFound(place, on_this_machine, None, outside)
    else:
        place = "Vault" if isinstance(held, KeysInVault) else "AWS KMS"
    with ExitStack() as closing:
        seal = open_seal(configuration, settings, environ, closing)
    return SealFound(place, on_this_machine, (str(seal.log.key), str(seal.attest.key)), outside)


def key_folder(held: KeysInFiles, home: Path, environ: Mapping[str, str]) -> Path:
    return home / "keys" if held.path is None else Path(resolve(held.path, environ, key=f"{_KEY}.path")).absolute()


def _anchoring(
    configuration: Configuration, settings: HubSettings, environ: Mapping[str, str], closing: ExitStack
) -> Anchoring:
    audit, home = configuration.global_.audit, settings.home.absolute()
    copies = None
    if audit.copies is not None:
        copies = until(closing, open_store(audit.copies, audit.locked_days, home, environ, "audit.copies"))
    anchor = audit.sealing.anchor
    if anchor is None:
        return Anchoring(copies=copies)
    address = resolve(anchor.authority, environ, key="audit.sealing.anchor.authority")
    certificates = Path(resolve(anchor.certificates, environ, key="audit.sealing.anchor.certificates"))
    return Anchoring(HttpTimeStamps(address, settings.config_directory / certificates), anchor.interval, copies)


def _signers(
    configuration: Configuration, home: Path, environ: Mapping[str, str], names: tuple[str, str]
) -> tuple[Signer, Signer]:
    held = configuration.global_.audit.sealing.keys
    match held:
        case KeysInFiles():
            folder = key_folder(held, home, environ)
            may_make = partial(_demand_nothing_sealed, configuration.global_.audit, home, environ)
            in_file = partial(FileSigner, may_make=may_make)
            return in_file(folder / _LOG, names[0]), in_file(folder / _ATTEST, names[1])
        case KeysInVault() | KeysInKms():
            log, attest = (open_signer(held, role, environ, name) for role, name in zip(Role, names, strict=True))
            return log, attest
        case _:
            assert_never(held)


def open_signer(held: KeysInVault | KeysInKms, role: Role, environ: Mapping[str, str], name: str) -> Signer:
    """Raises SealingFailed or UnsetVariable."""
    match held:
        case KeysInVault():
            key, version = held.log, held.log_version
            if role is Role.ATTEST:
                key, version = held.attest, held.attest_version
            return VaultSigner(_client(held, environ), held.mount, key, name, version=version)
        case KeysInKms():
            region = None if held.region is None else resolve(held.region, environ, key=f"{_KEY}.region")
            key = held.log if role is Role.LOG else held.attest
            return KmsSigner(resolve(key, environ, key=f"{_KEY}.{role}"), name, region)
        case _:
            assert_never(held)


def _demand_nothing_sealed(audit: Audit, home: Path, environ: Mapping[str, str], path: Path) -> None:
    """Raises SealingFailed where there was a key: another one in its place could not go on with what it signed."""
    with ExitStack() as opened:
        store = until(opened, open_evidence(audit, home, environ))
        if store.keys(CHECKPOINTS):
            raise SealingFailed(
                f"the key {path} is gone, and {store.location} holds a log that it has sealed",
                remedy="Bring it back from a copy. Is it lost for good, then name another store (`audit.storage`), "
                "where a new log begins; the old one stays what it is, by the keys that were handed out.",
            )


def _client(held: KeysInVault, environ: Mapping[str, str]) -> Any:
    from hvac.exceptions import VaultError  # type: ignore[import-untyped]  # noqa: PLC0415 -- only who keeps them there
    from requests import RequestException  # noqa: PLC0415

    try:
        return logged_in(held, environ, _KEY)
    except (VaultError, RequestException, ValueError) as error:
        raise SealingFailed(
            f"Vault, which holds the keys that seal the audit log, let nobody in: {type(error).__name__}",
            remedy="Check the address, and the token or the role.",
        ) from error


def _web_address(api: str) -> str:
    """Where people see the repositories whose API this is: GitHub's own stands under another name."""
    parts = urlsplit(api)
    host = "github.com" if parts.netloc == "api.github.com" else parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}"
