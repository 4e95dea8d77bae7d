"""Runs git in a bare repository, with none of the machine's configuration."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

GIT = shutil.which("git") or "git"
ZERO = "0" * 40
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class GitError(Exception):
    """Git refused; the message is its standard error."""

    def __init__(self, arguments: Sequence[str], code: int, output: str) -> None:
        super().__init__(f"git {' '.join(arguments[:3])} exited with {code}: {output.strip()}")
        self.code = code
        self.output = output


def git_environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ADVICE": "0",
        "LC_ALL": "C",
        "HOME": os.devnull,
    }


def run_git(
    directory: Path,
    *arguments: str,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    accepted: Sequence[int] = (0,),
) -> bytes:
    if any("\0" in argument for argument in arguments):
        raise GitError(arguments, 128, "an argument holds a null byte")
    # An argument list, never a shell; names from requests stand behind `--` or are validated before they come here.
    completed = subprocess.run(  # noqa: S603
        [GIT, *arguments],
        cwd=directory,
        input=stdin,
        capture_output=True,
        env=git_environment() | dict(environment or {}),
        check=False,
    )
    if completed.returncode not in accepted:
        raise GitError(arguments, completed.returncode, completed.stderr.decode(errors="replace"))
    return completed.stdout
