"""
Signatures by people's own SSH keys, made and checked by OpenSSH itself (`ssh-keygen -Y`).

Whatever comes from outside reaches it as a file or on standard input, or is a principal, which is spelt so that it can
be no option. The allowed signers are those of the configuration as the run read it.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from config.schema import NAMESPACE
from tasks.domain.dependencies import printable
from tasks.domain.errors import SignaturesUncheckable, SigningFailed
from tasks.ports import SigningKey

_LIMIT_SECONDS = 20
_LARGEST_SIGNATURE = 16_384
_NO_KEY = "allowed_signers has no key of that principal that made it and holds for it at that time"
_INSTALL = "Install OpenSSH's client (Debian: openssh-client), which brings ssh-keygen."


@dataclass(frozen=True, slots=True)
class SshSignatures:
    """`allowed_signers` is the text of the file of that name."""

    allowed_signers: str

    def refusal(self, document: bytes, signature: str, principal: str, at: datetime) -> str | None:
        if len(signature) > _LARGEST_SIGNATURE or not signature.startswith("-----BEGIN SSH SIGNATURE-----"):
            return "it is no signature of OpenSSH"
        with tempfile.TemporaryDirectory(prefix="merge-hub-signature-") as folder:
            signers, signed = Path(folder, "allowed_signers"), Path(folder, "signature")
            signers.write_text(self.allowed_signers, encoding="ascii")
            signed.write_text(signature, encoding="utf-8")
            command = [
                *(_ssh_keygen(), "-Y", "verify", "-n", NAMESPACE, "-f", str(signers), "-I", principal),
                *("-s", str(signed), "-O", f"verify-time={at.astimezone(UTC):%Y%m%d%H%M%S}Z"),
            ]
            found = _run(command, document)
        if found.returncode == 0:
            return None
        return f"OpenSSH refuses it: {_told(found)}"


@dataclass(frozen=True, slots=True)
class SshKeyring:
    """OpenSSH asks for a passphrase on the terminal; no key and no passphrase passes through here."""

    def keys(self, named: Path | None) -> tuple[SigningKey, ...]:
        if named is not None:
            return (_key_in(named),)
        of_git = _key_of_git()
        return (*([of_git] if of_git else ()), *_keys_of_agent())

    def sign(self, document: bytes, key: SigningKey) -> str:
        with tempfile.TemporaryDirectory(prefix="merge-hub-signature-") as folder:
            message, public = Path(folder, "document.json"), Path(folder, "key.pub")
            message.write_bytes(document)
            public.write_text(f"{key.public}\n", encoding="ascii")
            used = public if key.path is None else key.path.absolute()
            command = [_ssh_keygen(), "-Y", "sign", "-n", NAMESPACE, "-f", str(used), str(message)]
            found = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 -- no shell
            signature = message.with_name("document.json.sig")
            if found.returncode != 0 or not signature.is_file():
                remedy = "Check the key and its passphrase; one that ssh-agent holds is named by its .pub file."
                raise SigningFailed(f"the key did not sign: {_told(found)}", remedy=remedy)
            return signature.read_text("ascii")


def _key_in(path: Path) -> SigningKey:
    beside = path if path.suffix == ".pub" else path.with_name(f"{path.name}.pub")
    if not path.is_file():
        raise SigningFailed(f"there is no key at {path}", remedy="Name your key with --key FILE.")
    if beside.is_file():
        text = beside.read_text("utf-8", errors="replace")
    else:
        text = _run([_ssh_keygen(), "-y", "-f", str(path.absolute())], b"").stdout.decode("utf-8", "replace")
    public = _public(text)
    if public is None:
        raise SigningFailed(f"{path} is no key of OpenSSH", remedy="Name your private key, or its .pub file.")
    return SigningKey(public, path)


def _key_of_git() -> SigningKey | None:
    """`user.signingkey`: a path, or the key itself behind `key::`, where git signs with OpenSSH."""
    named = _of_git("user.signingkey")
    literal = _public(named.removeprefix("key::"))
    if literal is not None:
        return SigningKey(literal, None)
    path = Path(named).expanduser()
    try:
        return _key_in(path) if named and path.is_file() else None
    except SigningFailed:
        return None


def git_identity() -> str:
    """The address that the person commits with; empty where git knows none."""
    return printable(_of_git("user.email"), 100)


def _of_git(name: str) -> str:
    git = shutil.which("git")
    return "" if git is None else _run([git, "config", "--get", name], b"").stdout.decode("utf-8", "replace").strip()


def _keys_of_agent() -> Iterator[SigningKey]:
    program = shutil.which("ssh-add")
    listed = _run([program, "-L"], b"").stdout.decode("utf-8", "replace") if program else ""
    return (SigningKey(public, None) for line in listed.splitlines() if (public := _public(line)) is not None)


def _public(line: str) -> str | None:
    kind, _, rest = line.strip().partition(" ")
    encoded = rest.strip().partition(" ")[0]
    return f"{kind} {encoded}" if kind.startswith(("ssh-", "ecdsa-", "sk-")) and encoded else None


def version() -> str | None:
    """Of OpenSSH, as it calls itself; None where there is no ssh-keygen."""
    if shutil.which("ssh-keygen") is None:
        return None
    ssh = shutil.which("ssh")
    found = _run([ssh, "-V"], b"") if ssh else None
    return printable((found.stderr if found else b"").decode("utf-8", "replace").strip(), 60) or "ssh-keygen"


def _ssh_keygen() -> str:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise SignaturesUncheckable("there is no ssh-keygen on this machine", remedy=_INSTALL)
    return program


def _run(command: list[str], document: bytes) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(  # noqa: S603 -- no shell
            command, input=document, capture_output=True, check=False, timeout=_LIMIT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SignaturesUncheckable(f"ssh-keygen did not answer: {error}", remedy=_INSTALL) from error


def _told(found: "subprocess.CompletedProcess[bytes]") -> str:
    """Its last line, which names no file of ours that could be another one the next time."""
    lines = (found.stderr + b"\n" + found.stdout).decode("utf-8", "replace").strip().splitlines()
    kept = [line for line in lines if line.strip() and "merge-hub-signature-" not in line]
    told = printable(kept[0].strip(), 200) if kept else f"exit status {found.returncode}"
    return _NO_KEY if told == "Could not verify signature." else told
