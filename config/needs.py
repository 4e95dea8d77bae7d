"""
What the configuration needs of the environment: the values of the `${VARIABLE}`s that it names.

A reference stays as written until it is used, so that no secret is ever held by a configuration. References are read
in `credentials`, `notifications`, `metrics` and `audit` only: the `$` in a gate's command belongs to its shell.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from config.errors import ConfigurationError, Problem, UnsetVariable
from config.schema import (
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
from config.settings import SHORTEST_SECRET, secrets_in
from config.validation import Source, spelled
from config.yaml12 import KeyPath

_ENVIRONMENT = "environment"


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
    enabled["metrics"] = global_.metrics.model_dump(mode="json")
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


def unset_secrets(global_: GlobalFile, environ: Mapping[str, str]) -> Iterator[Problem]:
    """Of what is kept in a variable of its own; what is kept elsewhere is not looked at here."""
    yield from _unset(_to_act_with(global_.credentials), environ)
    yield from _unset(_to_tell_with(global_.notifications), environ)
    yield from _unset(_to_record_with(global_), environ)


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


def _to_record_with(global_: GlobalFile) -> Iterator[tuple[str, str | SecretPlace]]:
    if global_.audit.database is not None:
        yield "the audit log", global_.audit.database
    if global_.metrics.database is not None:
        yield "the ledger", global_.metrics.database


def _secrets_of(global_: GlobalFile) -> Iterator[tuple[str, str | SecretPlace]]:
    yield from _to_act_with(global_.credentials)
    yield from _to_tell_with(global_.notifications)
    yield from _to_record_with(global_)


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
