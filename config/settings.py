"""
What the environment decides: where things are, and the values of the `${VARIABLE}`s that the configuration names.

A reference stays as written until it is used, so that no secret is ever held by a configuration. References are read
in `credentials`, `notifications` and `audit` only: the `$` in a gate's command belongs to its shell.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.errors import ConfigurationError, Problem, UnsetVariable
from config.schema import (
    SHORTEST_SECRET,
    Audit,
    Configuration,
    Credentials,
    GlobalFile,
    InEnvironment,
    Notifications,
    Reference,
    SecretPlace,
    Stage,
    TokenCredential,
)
from config.schema.values import REFERENCE
from config.validation import Source, spelled
from config.yaml12 import KeyPath

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


def resolve(text: str, environ: Mapping[str, str], *, key: str = "") -> str:
    """`text` with every `${VARIABLE}` replaced. UnsetVariable when one is missing or empty: empty is never a value."""

    def value(reference: re.Match[str]) -> str:
        name = reference[0][2:-1]
        if not environ.get(name):
            raise UnsetVariable(name, key=key)
        return environ[name]

    return re.sub(REFERENCE, value, text)


def references(source: Source[GlobalFile]) -> Iterator[Reference]:
    """In what is enabled: evidence that is not kept needs no bucket."""
    global_ = source.model
    enabled: dict[str, object] = {"notifications": global_.notifications.model_dump()}
    enabled["credentials"] = global_.credentials.model_dump(mode="json")
    if global_.audit.enabled:
        enabled["audit"] = global_.audit.model_dump()
    for path, text in _texts(enabled, ()):
        for reference in re.finditer(REFERENCE, text):
            around = (source.content.places.get(path[:length]) for length in range(len(path), 0, -1))
            place = next((place for place in around if place), None)
            line, column = (place.line, place.column) if place else (None, None)
            variable, key = reference[0][2:-1], spelled(path)
            yield Reference(variable=variable, file=source.file, line=line, column=column, key=key)


def unset_variables(references: Iterable[Reference], environ: Mapping[str, str]) -> Iterator[Problem]:
    for named in references:
        if not environ.get(named.variable):
            yield Problem(
                file=named.file,
                line=named.line,
                column=named.column,
                key=named.key,
                message=f"needs the environment variable {named.variable}, which is not set",
                remedy=UnsetVariable(named.variable).remedy,
            )


def secrets_in(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """By name, every value that its variable's name calls a secret, whoever uses it."""
    return ((name, value) for name, value in environ.items() if value and _CALLED_SECRET.search(name))


def unset_secrets(global_: GlobalFile, environ: Mapping[str, str]) -> Iterator[Problem]:
    """Of what is kept in a variable of its own; what is kept elsewhere is not looked at here."""
    yield from _unset(_to_act_with(global_.credentials), environ)
    yield from _unset(_to_tell_with(global_.notifications), environ)
    yield from _unset(_to_record_with(global_.audit), environ)


def short_secrets(global_: GlobalFile, environ: Mapping[str, str]) -> Iterator[Problem]:
    """Whatever its variable's name or the configuration calls a secret, and is too short to be kept out of a text."""
    named = {place.variable for _, place in _secrets_of(global_) if isinstance(place, InEnvironment)}
    referred = {reference[2:-1] for _, written in _secrets_of(global_) for reference in _references(written)}
    called = {name for name, _ in secrets_in(environ)}
    for name in sorted(named | referred | called):
        if 0 < len(environ.get(name, "").strip()) < SHORTEST_SECRET:
            message = f"is a secret of fewer than {SHORTEST_SECRET} characters, which no log is kept free of"
            yield Problem(file=_ENVIRONMENT, key=name, message=message, remedy="make a longer one")


def demand_what_is_needed(configuration: Configuration, stage: Stage, environ: Mapping[str, str]) -> None:
    """Raises ConfigurationError naming every variable that something enabled needs and that is not set."""
    global_ = configuration.global_
    if stage is Stage.OBSERVE:
        problems = tuple(_unset(_to_act_with(global_.credentials), environ))
    else:
        problems = (*unset_secrets(global_, environ), *unset_variables(configuration.references, environ))
    if problems:
        raise ConfigurationError(problems)


def _to_act_with(credentials: Credentials) -> Iterator[tuple[str, SecretPlace]]:
    held = credentials.code_host
    yield "the code host", held.place if isinstance(held, TokenCredential) else held.key


def _to_tell_with(notifications: Notifications) -> Iterator[tuple[str, str | SecretPlace]]:
    """Who asks for it, and how the configuration tells of it."""
    if notifications.slack is not None:
        yield "Slack", notifications.slack.webhook
    if notifications.email is not None and notifications.email.password is not None:
        yield "the mail server", notifications.email.password


def _to_record_with(audit: Audit) -> Iterator[tuple[str, str | SecretPlace]]:
    if audit.database is not None:
        yield "the audit log", audit.database


def _secrets_of(global_: GlobalFile) -> Iterator[tuple[str, str | SecretPlace]]:
    yield from _to_act_with(global_.credentials)
    yield from _to_tell_with(global_.notifications)
    yield from _to_record_with(global_.audit)


def _unset(secrets: Iterable[tuple[str, str | SecretPlace]], environ: Mapping[str, str]) -> Iterator[Problem]:
    for asking, place in secrets:
        if isinstance(place, InEnvironment) and not environ.get(place.variable):
            message = f"is not set, and {asking} asks for it"
            remedy = UnsetVariable(place.variable).remedy
            yield Problem(file=_ENVIRONMENT, key=place.variable, message=message, remedy=remedy)


def _references(written: str | SecretPlace) -> Iterator[str]:
    """In the secret itself, or in what a place is opened with."""
    content = written if isinstance(written, str) else {"login": written.model_dump().get("login") or {}}
    return (each[0] for _, text in _texts(content, ()) for each in re.finditer(REFERENCE, text))


def _texts(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    match value:
        case str():
            yield path, value
        case dict():
            for key, below in value.items():
                yield from _texts(below, (*path, key))
        case list() | tuple():
            for position, below in enumerate(value):
                yield from _texts(below, (*path, position))


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
