"""The sandbox code host: a GitHub-compatible server over real bare git repositories, for loopback only."""

from .app import create_app
from .settings import CodeHostSettings

__all__ = ["CodeHostSettings", "create_app"]
