"""
The secrets that this process knows, and the one way to keep them out of whatever it writes.

A secret is told by its name when it is looked up, and there is nothing to be done where something is written but to
ask. Of each name the value before is remembered as well: what was renewed may still be in use.
"""

import functools
import logging
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TextIO, TypeVar, cast

from config.settings import secrets_in
from tasks.domain.errors import MergeHubError, RepositoryStopped, Unforeseen
from tasks.domain.redaction import RedactedStream, Redactor

if TYPE_CHECKING:
    from pydantic import JsonValue

P = ParamSpec("P")
R = TypeVar("R")
_REMEMBERED = 2
_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({})))


class _Registry:
    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._values: dict[str, tuple[str, ...]] = {}
        self.redactor = Redactor()

    def add(self, name: str, values: tuple[str, ...]) -> None:
        with self._turn:
            known = self._values.get(name, ())
            if values == known[: len(values)]:
                return
            self._values[name] = (*values, *(each for each in known if each not in values))[: _REMEMBERED * len(values)]
            self.redactor = Redactor(value for values in self._values.values() for value in values)


_REGISTRY = _Registry()


def keep_secret(name: str, *values: str) -> None:
    """From now on, whatever is written by this process; several values are parts of one secret."""
    _REGISTRY.add(name, values)


def know_secrets(environ: Mapping[str, str]) -> None:
    """All that the environment holds, by the names of its variables; from now on no log record holds one either."""
    for name, value in secrets_in(environ):
        keep_secret(name, value)
    redact_logging()


def redacted(text: str) -> str:
    return _REGISTRY.redactor.text(text)


def redacted_bytes(content: bytes) -> bytes:
    return _REGISTRY.redactor.content(content)


def redacted_value(value: "JsonValue") -> "JsonValue":
    return _REGISTRY.redactor.value(value)


def redacted_document(document: dict[str, Any]) -> dict[str, Any]:
    return cast("dict[str, Any]", redacted_value(document))


def redacted_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [redacted_document(dict(row)) for row in rows]


def redacted_stream() -> RedactedStream:
    return RedactedStream(_REGISTRY.redactor)


def without_secrets(function: Callable[P, R]) -> Callable[P, R]:
    """The same function, whose errors hold no secret: Prefect keeps what they say."""

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            if (told := _told_without_secrets(error)) is error:
                raise
            raise told from None

    return guarded


def _told_without_secrets(error: Exception) -> Exception:
    """Another error only where this one, or what led to it, says a secret."""
    said = "".join(traceback.format_exception(error))
    if redacted(said) == said:
        return error
    if isinstance(error, MergeHubError):
        return type(error)(redacted(error.message), remedy=redacted(error.remedy))
    if isinstance(error, RepositoryStopped) and (told := _told_without_secrets(error.error)) is not error.error:
        return RepositoryStopped(redacted_document(error.known), cast("MergeHubError", told))
    return Unforeseen(redacted(f"{type(error).__name__}: {error}"), remedy="Read the log of the run; a rerun is safe.")


def without_secrets_in(stream: TextIO) -> TextIO:
    """The same stream, to which no secret is written that is not cut into several writes."""
    return cast("TextIO", _RedactedText(stream))


class _RedactedText:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(redacted(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def redact_logging() -> None:
    """No record that is made in this process holds a secret, whoever handles it. Once is enough."""
    make, complete = logging.getLogRecordFactory(), logging.Logger.makeRecord
    if getattr(make, "redacts", False):
        return

    def made(*args: Any, **kwargs: Any) -> logging.LogRecord:
        return _redacted_record(make(*args, **kwargs))

    def completed(logger: logging.Logger, *args: Any, **kwargs: Any) -> logging.LogRecord:
        return _redacted_beside(complete(logger, *args, **kwargs))

    made.redacts = True  # type: ignore[attr-defined]  # it marks the factory as ours
    logging.setLogRecordFactory(made)
    # What is given as `extra` is put into a record after the factory has made it.
    logging.Logger.makeRecord = completed  # type: ignore[method-assign, assignment]  # it takes whatever is given


def _redacted_record(record: logging.LogRecord) -> logging.LogRecord:
    try:
        message = record.getMessage()
        if (shown := redacted(message)) != message:
            record.msg, record.args = shown, ()
    except Exception:  # noqa: BLE001 -- logging raises nothing, however its arguments fit, and would show them as they are
        record.msg, record.args = redacted(f"{_spelled(record.msg)} {_spelled(record.args)}"), ()
    if record.exc_info and record.exc_info[0] is not None:
        said = "".join(traceback.format_exception(*record.exc_info))
        if (shown := redacted(said)) != said:
            # Some handlers show the exception itself rather than what was made of it.
            record.msg, record.args, record.exc_info = f"{record.getMessage()}\n{shown}", (), None
    return record


def _redacted_beside(record: logging.LogRecord) -> logging.LogRecord:
    for name, value in vars(record).items():
        if name not in _OF_EVERY_RECORD and redacted(said := _spelled(value)) != said:
            vars(record)[name] = redacted(value if isinstance(value, str) else said)
    return record


def _spelled(value: object) -> str:
    try:
        return value if isinstance(value, str) else repr(value)
    except Exception:  # noqa: BLE001 -- whatever it is, it is only to be shown
        return f"<{type(value).__name__}>"
