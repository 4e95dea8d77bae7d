"""
The token's one way to git: an askpass program that reads it from the environment of the one command that needs it.

It is never in an address, an argument or a configuration file. The program answers for the configured host alone, so a
redirect elsewhere is told nothing.
"""

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from tasks.domain.errors import GitError
from tasks.redaction import keep_secret

_TOKEN = "MERGE_HUB_GIT_TOKEN"  # noqa: S105  # the name of a variable
_HOST = "MERGE_HUB_GIT_HOST"
_ASKPASS = f"""\
#!/bin/sh
case "$1" in
  "Username for '${_HOST}':"*) printf '%s\\n' x-access-token ;;
  "Password for '${{{_HOST}%%://*}}://x-access-token@${{{_HOST}#*://}}':"*) printf '%s\\n' "${_TOKEN}" ;;
  *) exit 1 ;;
esac
"""


class Credentials:
    """Raises GitError for an address that holds a credential itself."""

    def __init__(self, directory: Path, token: Callable[[bool], str] | None) -> None:
        """`token` is asked for each command, and told whether it pushes; None: there is none."""
        self._askpass = directory / "askpass"
        self._token = token

    def environment(self, url: str, *, pushing: bool) -> Mapping[str, str]:
        """What a command that talks to `url` needs beside the usual."""
        parts = urlsplit(url)
        if "@" in parts.netloc:
            raise GitError(
                "The address of the git server holds a user name or a password.",
                remedy="Take it out of MERGE_HUB_GIT_URL and set GITHUB_TOKEN instead.",
            )
        if parts.scheme not in {"http", "https"} or self._token is None:
            return {}
        token = self._token(pushing)
        keep_secret(f"git's token to {'push' if pushing else 'fetch'}", token)
        self._write_askpass()
        host = f"{parts.scheme}://{parts.netloc}"
        return {"GIT_ASKPASS": str(self._askpass), _HOST: host, _TOKEN: token}

    def _write_askpass(self) -> None:
        if self._askpass.exists():
            return
        descriptor, unfinished = tempfile.mkstemp(dir=self._askpass.parent)
        with os.fdopen(descriptor, "w") as file:
            file.write(_ASKPASS)
        Path(unfinished).chmod(0o700)
        Path(unfinished).replace(self._askpass)
