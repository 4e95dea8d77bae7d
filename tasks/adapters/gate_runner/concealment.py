"""
What a gate must not find: where programs of the same user keep credentials, and what merge-hub keeps itself.

A list of usual places, not of all: a machine for the hub alone has nothing else to find. What leads to the tools that
gates use is not hidden, whatever else it holds.

What the hub and its user run or read later a gate may read, and not change: else what it leaves there runs with the
hub's credentials.
"""

import ctypes
import os
import pwd
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_IN_A_HOME = (
    ".aws",
    ".azure",
    ".bash_history",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".config/gcloud",
    ".config/gh",
    ".config/git",
    ".config/hub",
    ".docker",
    ".git-credentials",
    ".gitconfig",
    ".gnupg",
    ".gradle/gradle.properties",
    ".kube",
    ".m2/settings.xml",
    ".netrc",
    ".npmrc",
    ".prefect",
    ".pypirc",
    ".ssh",
    ".terraform.d/credentials.tfrc.json",
    ".vault-token",
    ".zsh_history",
)
_NAMED_BY_VARIABLES = (
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "DOCKER_CONFIG",
    "GH_CONFIG_DIR",
    "GNUPGHOME",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "KUBECONFIG",
    "NETRC",
    "PREFECT_HOME",
    "PREFECT_PROFILES_PATH",
    "SSH_AUTH_SOCK",
)
_OF_THE_MACHINE = ("/run/secrets", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock")
_IN_OUR_HOME = ("audit.db", "evidence", "git", "keys", "metrics", "mirrors", "prefect", "results", "runs")
_OF_THE_SYSTEM = ("/bin", "/boot", "/etc", "/lib", "/lib32", "/lib64", "/opt", "/sbin", "/usr", "/var/spool/cron")
_CODE = Path(__file__).parents[3]
_DUMPABLE = 4


def concealed(home: Path, environ: Mapping[str, str], *, besides: Iterable[Path] = ()) -> tuple[Path, ...]:
    """`home` is ours; `besides` are files and directories that hold secrets by the configuration."""
    tools = (sys.executable, sys.prefix, *environ.get("PATH", os.defpath).split(os.pathsep))
    ours = [home] if _is_apart(home, tools) else [home / name for name in _IN_OUR_HOME]
    theirs = (path for path in (*_usual(environ), *besides) if _is_apart(path, tools))
    return tuple(dict.fromkeys((*ours, *theirs)))


def guarded(environ: Mapping[str, str], besides: Iterable[Path]) -> tuple[Path, ...]:
    """Directories in which a gate changes nothing, its own place excepted; `besides` are more of them."""
    ours = (_CODE, *((Path(sys.prefix),) if sys.prefix != sys.base_prefix else ()), *besides)
    found = (path.absolute() for path in (*map(Path, _OF_THE_SYSTEM), *_homes(environ), *ours))
    return tuple(dict.fromkeys(path for path in found if path != Path("/")))


def keep_to_ourselves() -> None:
    """Nobody without privileges reads this process's memory and environment from now on, the same user neither."""
    ctypes.CDLL(None).prctl(_DUMPABLE, 0, 0, 0, 0)


def _usual(environ: Mapping[str, str]) -> Iterator[Path]:
    yield from (home / name for home in _homes(environ) for name in _IN_A_HOME)
    yield from (Path(environ[name]) for name in _NAMED_BY_VARIABLES if environ.get(name))
    yield from map(Path, _OF_THE_MACHINE)


def _homes(environ: Mapping[str, str]) -> list[Path]:
    return sorted({Path(home) for home in (pwd.getpwuid(os.getuid()).pw_dir, environ.get("HOME")) if home})


def _is_apart(path: Path, tools: Iterable[str]) -> bool:
    return path.is_absolute() and not any(Path(tool).is_relative_to(path) for tool in tools if tool)
