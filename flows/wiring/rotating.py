"""Two keys at a time: the one in use, as the configuration names it, and the one that is to take its place."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from config.schema import KeysInFiles, KeysInKms, KeysInVault, Stage
from flows.usage import UnusableRequest
from flows.wiring import Run, begin_run
from flows.wiring.sealing import key_folder, open_signer
from tasks.adapters.signing_keys import FileSigner
from tasks.domain.rotation import Role
from tasks.ports import Seal, Signer


@dataclass(frozen=True, slots=True)
class Rotating:
    """`finish` puts the new key in the place of the old one, where that is ours to do; what is left for people."""

    run: Run
    seal: Seal
    new: Signer
    finish: Callable[[], str]


@contextmanager
def open_rotation(role: Role, to: str | None) -> Iterator[Rotating]:
    """`to` is a version of Vault or an id of KMS; files have none. Raises what is wrong with the request or a key."""
    with begin_run(Stage.MERGE) as run:
        seal = run.services.seal
        if seal is None:
            raise AssertionError
        name = (seal.log if role is Role.LOG else seal.attest).key.name
        new, finish = _new(role, to, name, run)
        yield Rotating(run, seal, new, finish)


def _new(role: Role, to: str | None, name: str, run: Run) -> tuple[Signer, Callable[[], str]]:
    held = run.configuration.global_.audit.sealing.keys
    match held:
        case KeysInFiles():
            if to is not None:
                raise UnusableRequest("keys in files have no versions", "leave `--to` out: the new key is made")
            return _in_file(key_folder(held, run.services.home, os.environ) / f"{role}.pem", name)
        case KeysInVault():
            if to is None or not to.isdigit():
                raise UnusableRequest("`--to` names no version", "give the version that Vault has made: `--to 2`")
            changed: KeysInVault | KeysInKms = held.model_copy(update={f"{role}_version": int(to)})
            told = f"Now write `{role}_version: {to}` in global.yml (`audit.sealing.keys`)."
        case KeysInKms():
            if to is None:
                raise UnusableRequest("`--to` is missing", "give the id, ARN or alias of the new key: `--to ARN`")
            changed = held.model_copy(update={role.value: to})
            told = f"Now write `{role}: {to}` in global.yml (`audit.sealing.keys`)."
        case _:
            assert_never(held)
    return open_signer(changed, role, os.environ, name), lambda: told


def _in_file(path: Path, name: str) -> tuple[Signer, Callable[[], str]]:
    waiting = path.with_name(f"{path.stem}.next.pem")

    def finish() -> str:
        waiting.replace(path)
        return f"{path} is the new key; the old one is gone."

    return FileSigner(waiting, name), finish
