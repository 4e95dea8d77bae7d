"""People with SSH keys of their own, who sign plans."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flows import signing
from tasks.domain.signing_desk import Wish
from tests.flows.hub import Hub

NEEDS_OPENSSH = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="people sign with OpenSSH's ssh-keygen")


@dataclass(frozen=True, slots=True)
class Person:
    """A signer in the configuration of `hub`; signs with the key in the file `key`."""

    hub: Hub
    login: str
    key: Path

    @property
    def public(self) -> str:
        return " ".join(self.key.with_suffix(".pub").read_text().split()[:2])

    def signs(self, plan: str, role: str) -> Mapping[str, Any]:
        with self.hub.entered():
            return signing.sign(Wish(plan, role, str(self.key)))

    def signature(self, plan: str, role: str) -> str:
        """For a form."""
        with self.hub.entered():
            return json.dumps(signing.signature_for_form(Wish(plan, role, str(self.key))))


def signer(hub: Hub, folder: Path, login: str, *roles: str, options: str = "") -> Person:
    key = folder / f"key-of-{login}"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", login, "-f", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    person = Person(hub, login, key)
    principal = f"{login}@example.org"
    hub.config.signers.setdefault("people", []).append({"login": login, "principal": principal, "roles": list(roles)})
    hub.config.keys.append(" ".join(part for part in (principal, options, person.public) if part))
    return person


def awaited(hub: Hub) -> list[Mapping[str, Any]]:
    with hub.entered():
        return list(signing.awaited()["waiting"])
