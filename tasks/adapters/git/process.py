"""
git itself: an argument list, a bounded time, and nothing of the machine's or a user's configuration.

Commands inherit the lock of their mirror, so that one which outlives a killed hub still keeps others out.
"""

import functools
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from tasks.adapters.git.credentials import Credentials
from tasks.adapters.git.failures import failure
from tasks.domain.errors import GitError, GitUnreachable, MergeHubError
from tasks.redaction import redacted

LOCAL_LIMIT = 60.0
NETWORK_LIMIT = 300.0

# The network's and the certificates' settings are the machine's to decide; everything else is ours.
_KEPT = frozenset(
    {
        *("PATH", "TMPDIR"),
        *("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"),
    }
)
_SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.attributesFile": os.devnull,
    "core.logAllRefUpdates": "false",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "credential.helper": "",
    "diff.renameLimit": "1000",
    "fetch.unpackLimit": "1",  # a pack appears whole or not at all; loose objects of a killed fetch would not
    "gc.auto": "0",
    "gc.autoDetach": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "60",
    "init.defaultBranch": "none",
    "maintenance.auto": "false",
    "merge.directoryRenames": "conflict",
    "merge.renameLimit": "7000",
    "merge.renames": "true",
    "protocol.version": "2",
    "uploadpack.allowAnySHA1InWant": "true",
}


@dataclass(frozen=True, slots=True)
class Output:
    code: int
    stdout: bytes
    stderr: str


@dataclass(frozen=True, slots=True)
class Git:
    """git in the repository `directory`, whose lock is `lock`."""

    home: Path
    credentials: Credentials
    directory: Path
    lock: int | None = None

    def at(self, directory: Path) -> "Git":
        return replace(self, directory=directory)

    def run(
        self, *arguments: str, stdin: bytes = b"", accepted: Sequence[int] = (0,), limit: float = LOCAL_LIMIT
    ) -> Output:
        output = self._run(arguments, stdin, limit, {})
        if output.code not in accepted:
            raise self.failed(arguments, output)
        return output

    def reach(self, url: str, *arguments: str, stdin: bytes = b"", accepted: Sequence[int] = (0,)) -> Output:
        """A command that talks to `url`, with the credential and the time that takes; `url` is not added to it."""
        extra = self.credentials.environment(url, pushing=arguments[0] == "push")
        output = self._run(arguments, stdin, NETWORK_LIMIT, extra)
        if output.code not in accepted:
            raise self.failed(arguments, output)
        return output

    def failed(self, arguments: Sequence[str], output: Output) -> MergeHubError:
        return failure(f"git {arguments[0]} in {self.directory.name}", output.stderr)

    def _run(self, arguments: Sequence[str], stdin: bytes, limit: float, extra: Mapping[str, str]) -> Output:
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [_program(os.environ.get("PATH")), f"--git-dir={self.directory}", *settings, *arguments]
        try:
            code, stdout, stderr = _communicate(command, self._environment() | dict(extra), stdin, limit, self.lock)
        except subprocess.TimeoutExpired as error:
            raise _too_slow(arguments[0], limit, network=limit == NETWORK_LIMIT) from error
        except OSError as error:
            raise GitError(
                f"git could not be started: {error.strerror}.", remedy="Install git, at least version 2.39."
            ) from error
        return Output(code, stdout, redacted(stderr.decode(errors="replace")))

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in _KEPT}
        return kept | {
            "GIT_ALLOW_PROTOCOL": "file:http:https",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "HOME": str(self.home),
            "LC_ALL": "C",
        }


@functools.lru_cache(maxsize=8)
def _program(path: str | None) -> str:
    return shutil.which("git", path=path) or "git"


def _communicate(
    command: Sequence[str], environment: Mapping[str, str], stdin: bytes, limit: float, lock: int | None
) -> tuple[int, bytes, bytes]:
    # An argument list, never a shell; what comes from outside is checked by `spelling` or goes in by standard input.
    with subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd="/",
        start_new_session=True,
        pass_fds=() if lock is None else (lock,),
    ) as process:
        expired = threading.Event()
        # Not communicate's own timeout: with one, it polls for the end, which costs a millisecond a command.
        watch = threading.Timer(limit, _stop, (process, expired))
        watch.start()
        try:
            stdout, stderr = process.communicate(stdin)
        except BaseException:
            _stop(process, expired)
            raise
        finally:
            watch.cancel()
        if expired.is_set():
            raise subprocess.TimeoutExpired(command[0], limit)
        return process.returncode, stdout, stderr


def _stop(process: subprocess.Popen[bytes], expired: threading.Event) -> None:
    """The whole group: git's own helpers would otherwise go on, and keep the pipes open."""
    expired.set()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _too_slow(command: str, limit: float, *, network: bool) -> GitError:
    message = f"git {command} took longer than {limit:.0f} seconds and was stopped."
    if network:
        return GitUnreachable(message, remedy="Wait and run again; if it lasts, check the network.")
    return GitError(message, remedy="Check the load and the disk of this machine, and run again.")
