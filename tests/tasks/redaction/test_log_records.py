"""Whatever is logged, in whatever way it is wrong: no record holds a secret, and nobody who logs is hurt by it."""

import base64
import logging
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tasks.domain.redaction import spellings
from tasks.redaction import keep_secret, redact_logging

SECRET = "ghp_R3c0rd/Of+The=Log<42>"
LOG = logging.getLogger("tests.records")


class Shown(logging.Handler):
    """Whatever a handler may show of a record, those that show everything included."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def text(self) -> str:
        return "".join(f"{logging.Formatter().format(each)}{vars(each)}" for each in self.records)


@pytest.fixture
def shown() -> Iterator[Shown]:
    make, keep = logging.getLogRecordFactory(), logging.Logger.makeRecord
    redact_logging()
    keep_secret("of the log", SECRET)
    handler = Shown()
    LOG.addHandler(handler)
    yield handler
    LOG.removeHandler(handler)
    logging.setLogRecordFactory(make)
    logging.Logger.makeRecord = keep  # type: ignore[method-assign]


def leaks(shown: Shown) -> list[str]:
    return [spelling for spelling in spellings(SECRET) if spelling in shown.text]


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError(SECRET)


def test_arguments_that_do_not_fit_hurt_nobody_who_logs_and_hold_no_secret(shown: Shown) -> None:
    LOG.error("%d of " + SECRET, SECRET)  # noqa: G003 -- that is what is wrong with it
    LOG.error("%s", SECRET, SECRET)  # noqa: PLE1205 -- that is what is wrong with it
    LOG.error("%(of)s", {"other": SECRET})
    LOG.error("%s", Unprintable())
    LOG.error(Unprintable())

    assert leaks(shown) == []
    assert "%d of ***" in shown.records[0].getMessage()
    assert [each.args for each in shown.records] == [()] * 5


def test_arguments_that_do_not_fit_and_hold_no_secret_are_told_all_the_same(shown: Shown) -> None:
    LOG.error("%d", "seven")

    assert "'seven'" in shown.records[0].getMessage()


@pytest.mark.parametrize(
    "said",
    [
        SECRET,
        f"one\n{SECRET}\nthree",
        base64.b64encode(b"x" + SECRET.encode()).decode(),
        re.sub("%..", lambda digits: digits[0].lower(), quote(SECRET, safe="")),
        repr({"deep": [SECRET]}),
    ],
)
def test_what_is_logged_holds_no_secret(shown: Shown, said: str) -> None:
    LOG.error("told %s and %r", said, [said])
    LOG.error(said)

    assert leaks(shown) == []


def test_an_error_that_quotes_a_secret_is_shown_without_it(shown: Shown) -> None:
    try:
        try:
            raise ValueError(SECRET)  # noqa: TRY301 -- it is what led to the other one
        except ValueError as error:
            error.add_note(f"a note on {SECRET}")
            raise RuntimeError("it failed") from error
    except RuntimeError:
        LOG.exception("while logging in")

    assert leaks(shown) == []
    assert "ValueError: ***" in shown.text


def test_what_is_given_beside_the_message_holds_no_secret(shown: Shown) -> None:
    LOG.error("asked", extra={"address": f"https://x:{SECRET}@host/", "headers": {"token": [SECRET]}, "status": 7})

    assert leaks(shown) == []
    assert vars(shown.records[0])["address"] == "https://x:***@host/"
    assert vars(shown.records[0])["status"] == 7
