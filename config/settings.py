"""What the environment decides: where things are, and which of its variables are secrets."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from config.errors import ConfigurationError, Problem

SHORTEST_SECRET = 8
"""Characters: what is shorter cannot be told from words, and is not kept out of what is written."""

_ENVIRONMENT = "environment"
_CALLED_SECRET = re.compile(
    r"(TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?|AUTH_STRING)(_\d+)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSettings:
    home: Path = Path(".merge-hub")
    config_directory: Path = Path("config")
    github_api_url: str = "https://api.github.com"
    git_url: str = "https://github.com/{repository}.git"


def read_settings(environ: Mapping[str, str]) -> HubSettings:
    """A variable that is set but empty counts as unset."""
    given = {name: value for name, value in environ.items() if value}
    default = HubSettings()
    settings = HubSettings(
        home=Path(given.get("MERGE_HUB_HOME", default.home)),
        config_directory=Path(given.get("MERGE_HUB_CONFIG_DIR", default.config_directory)),
        github_api_url=given.get("MERGE_HUB_GITHUB_API_URL", default.github_api_url).rstrip("/"),
        git_url=given.get("MERGE_HUB_GIT_URL", default.git_url),
    )
    problems = [*_addresses(settings)]
    if problems:
        raise ConfigurationError(problems)
    return settings


def secrets_in(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """By name, every value that its variable's name calls a secret, whoever uses it."""
    return ((name, value) for name, value in environ.items() if value and _CALLED_SECRET.search(name))


def _addresses(settings: HubSettings) -> Iterator[Problem]:
    yield from _address("MERGE_HUB_GITHUB_API_URL", settings.github_api_url, ("http", "https"))
    yield from _address("MERGE_HUB_GIT_URL", settings.git_url, ("file", "http", "https"))
    if "{repository}" not in settings.git_url:
        remedy = "write {repository} where owner/name belongs"
        yield Problem(file=_ENVIRONMENT, key="MERGE_HUB_GIT_URL", message="names no repository", remedy=remedy)


def _address(name: str, text: str, schemes: tuple[str, ...]) -> Iterator[Problem]:
    """The address itself is never repeated: somebody may have put a password into it."""
    try:
        address = urlsplit(text)
        holds_a_secret, reachable = "@" in address.netloc, bool(address.hostname) or address.scheme == "file"
    except ValueError:
        yield Problem(file=_ENVIRONMENT, key=name, message="is no address", remedy="correct it")
        return
    if address.scheme not in schemes or not reachable:
        message, remedy = "is no address that can be used", f"begin it with {' or '.join(f'{s}://' for s in schemes)}"
        yield Problem(file=_ENVIRONMENT, key=name, message=message, remedy=remedy)
    if holds_a_secret:
        message = "holds a user or a password, and addresses are written to logs"
        yield Problem(file=_ENVIRONMENT, key=name, message=message, remedy="remove it; the token is GITHUB_TOKEN")
