import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from tasks.result_cache import forget_expired
from tests.tasks.office import Office


def kept(office: Office, name: str, *, lasts: timedelta | None, age: timedelta = timedelta()) -> Path:
    """A result as Prefect writes it, `age` ago; it `lasts` from now on, or has no end."""
    now = office.clock.now()
    end = None if lasts is None else (now + lasts).isoformat().replace("+00:00", "Z")
    file = office.services.results / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"metadata": {"expiration": end}, "result": "{}"}))
    written = (now - age).timestamp()
    os.utime(file, (written, written))
    return file


@pytest.mark.parametrize(
    ("lasts", "age", "stays"),
    [
        (timedelta(seconds=1), timedelta(days=90), True),
        (timedelta(), timedelta(), False),
        (-timedelta(seconds=1), timedelta(), False),
        (None, timedelta(hours=23), True),
        (None, timedelta(hours=25), False),
    ],
)
def test_a_result_stays_until_its_end_or_for_a_day(
    office: Office, lasts: timedelta | None, age: timedelta, *, stays: bool
) -> None:
    file = kept(office, "gate-1", lasts=lasts, age=age)
    forget_expired(office.services)

    assert file.exists() is stays


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"metadata": {"expiration": 7}}'])
def test_what_cannot_be_read_goes_after_a_day(office: Office, content: bytes) -> None:
    file, young = kept(office, "torn", lasts=None), kept(office, "torn-lately", lasts=None)
    for each, age in ((file, timedelta(days=2)), (young, timedelta(hours=1))):
        each.write_bytes(content)
        written = (office.clock.now() - age).timestamp()
        os.utime(each, (written, written))
    forget_expired(office.services)

    assert (file.exists(), young.exists()) == (False, True)


def test_without_results_there_is_nothing_to_do(office: Office) -> None:
    forget_expired(office.services)

    assert not office.services.results.exists()
