"""
Which tools PATH leads to, as far as that is cheap to say: where they are, how large, and since when.

An upgrade replaces the file, so what was found with the old one is not taken for what the new one would find. A tool
behind a shim that stays as it is (nvm, asdf), or one that is not named here, is for `environment:` of the gate to name.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

TOOLS = (
    "bash",
    "cargo",
    "cc",
    "dotnet",
    "git",
    "go",
    "gradle",
    "java",
    "make",
    "mvn",
    "node",
    "npm",
    "php",
    "python",
    "python3",
    "ruby",
    "rustc",
    "sh",
    "uv",
)


def tools_on(path: str) -> Mapping[str, str]:
    """By name, what tells one installation of a tool from another; a tool that is not there is absent."""
    found = {name: shutil.which(name, path=path) for name in TOOLS}
    return {name: told for name, file in found.items() if file is not None and (told := _identity(file))}


def _identity(file: str) -> str | None:
    """None where it went away meanwhile."""
    try:
        real = Path(file).resolve()
        status = real.stat()
    except OSError:
        return None
    return f"{real} {status.st_size} {status.st_mtime_ns}"
