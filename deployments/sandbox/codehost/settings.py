"""What the sandbox code host is told by the program that starts it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from starlette.routing import BaseRoute


@dataclass(frozen=True, slots=True)
class CodeHostSettings:
    """
    `data` keeps everything: bare repositories under `git/<owner>/<name>.git`, metadata beside them.

    `public_url` has no trailing slash. `extra_routes` come before the code host's own; `extra_state` adds its keys to
    `GET /_sandbox/state`.
    """

    data: Path
    public_url: str
    smart_http: bool = False
    extra_routes: Sequence[BaseRoute] = ()
    extra_state: Callable[[], Mapping[str, object]] = field(default=dict)

    @property
    def api_url(self) -> str:
        return f"{self.public_url}/api/v3"

    @property
    def git_root(self) -> Path:
        return self.data / "git"
