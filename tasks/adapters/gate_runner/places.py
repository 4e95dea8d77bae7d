"""The directories that a gate has for itself, and that go with it."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tasks.adapters.gate_runner.output import unwritable
from tasks.domain.errors import GateOutputUnwritable
from tasks.domain.model import RepositoryName
from tasks.ports import Surroundings

_COPY_LIMIT = 600.0
_OWNER_AND_NAME = 2
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


@dataclass(frozen=True, slots=True)
class Place:
    """`change_set` is where the copies of all repositories are, None for a gate that sees its own only."""

    copy: Path
    home: Path
    temporary: Path
    change_set: Path | None = None

    @property
    def root(self) -> Path:
        """All of it is in here."""
        return self.home.parent


@contextmanager
def private_place(checkout: Path, surroundings: Surroundings | None = None) -> Iterator[Place]:
    """Copies, beside `checkout` so that a file system that can share blocks does; removed at the end."""
    try:
        root = Path(tempfile.mkdtemp(prefix="gate-", dir=checkout.absolute().parent))
    except OSError as error:
        raise unwritable("A gate's checkout cannot be made", error) from error
    try:
        place = _place(root, surroundings)
        copies = {place.copy: checkout} | _copies(place, surroundings)
        try:
            for directory in (*copies, place.home, place.temporary):
                directory.mkdir(mode=0o700, parents=True)
        except OSError as error:
            raise unwritable("A gate's checkout cannot be made", error) from error
        for copy, source in copies.items():
            _copy(source.absolute(), copy)
        yield place
    finally:
        _remove(root)


def _place(root: Path, surroundings: Surroundings | None) -> Place:
    if surroundings is None:
        return Place(root / "checkout", root / "home", root / "tmp")
    change_set = root / "change-set"
    return Place(_within(change_set, surroundings.own), root / "home", root / "tmp", change_set)


def _copies(place: Place, surroundings: Surroundings | None) -> dict[Path, Path]:
    if surroundings is None or place.change_set is None:
        return {}
    return {_within(place.change_set, name): source for name, source in surroundings.beside.items()}


def _within(change_set: Path, name: RepositoryName) -> Path:
    """Whatever a code host calls a repository leads nowhere else."""
    parts = name.split("/")
    if len(parts) != _OWNER_AND_NAME or any(part in {"", ".", ".."} or "\0" in part for part in parts):
        message = f"{name!r} is not the name of a repository"
        raise ValueError(message)
    return change_set.joinpath(*parts)


def _copy(source: Path, destination: Path) -> None:
    try:
        copied = _run("cp", "-a", "--", f"{source}/.", str(destination))
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GateOutputUnwritable(
            f"A gate's checkout cannot be copied: {error}.", remedy="Check the load and the disk of this machine."
        ) from error
    if copied.returncode:
        reason = (copied.stderr.decode(errors="replace").splitlines() or ["cp gave no reason"])[-1]
        raise GateOutputUnwritable(
            f"A gate's checkout cannot be copied: {reason[:300]}.",
            remedy="Make room on the disk of MERGE_HUB_HOME, or mend it, and run again.",
        )


def _remove(root: Path) -> None:
    """By rm rather than shutil: it reaches as deep as a gate can dig. What a gate locked is unlocked first."""
    if _run("rm", "-rf", "--", str(root)).returncode:
        _run("chmod", "-R", "u+rwx", "--", str(root))
        _run("rm", "-rf", "--", str(root))


def _run(*command: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603  # an argument list, and paths of our own
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=_ENVIRONMENT,
        timeout=_COPY_LIMIT,
        check=False,
    )
