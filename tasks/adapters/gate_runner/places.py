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

_COPY_LIMIT = 600.0
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


@dataclass(frozen=True, slots=True)
class Place:
    copy: Path
    home: Path
    temporary: Path


@contextmanager
def private_place(checkout: Path) -> Iterator[Place]:
    """A copy of `checkout`, beside it so that a file system that can share blocks does; removed at the end."""
    try:
        root = Path(tempfile.mkdtemp(prefix="gate-", dir=checkout.absolute().parent))
    except OSError as error:
        raise unwritable("A gate's checkout cannot be made", error) from error
    try:
        place = Place(root / "checkout", root / "home", root / "tmp")
        try:
            for directory in (place.copy, place.home, place.temporary):
                directory.mkdir(mode=0o700)
        except OSError as error:
            raise unwritable("A gate's checkout cannot be made", error) from error
        _copy(checkout.absolute(), place.copy)
        yield place
    finally:
        _remove(root)


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
