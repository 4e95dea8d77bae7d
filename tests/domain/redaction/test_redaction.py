"""No spelling of a secret is left in a text, however it is cut, and nothing else is taken out of it."""

import base64
import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.redaction import RedactedStream, Redactor, spellings

SECRET = "gh/s3cr3t+T0ken='\"<&>\\é~42"
KEY = "-----BEGIN KEY-----\nMIIBVgIBADANBgkqhkiG9w0BAQEFAASC\nAUAwggE8AgEAAkEAq7BFUpkGp3+LQmlQ\n-----END KEY-----\n"
LONG_ENOUGH = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Z"]), min_size=12, max_size=60)

Encode = Callable[[str], str]
ENCODINGS: dict[str, Encode] = {
    "plain": lambda text: text,
    "url": lambda text: quote(text, safe=""),
    "url-small": lambda text: re.sub("%..", lambda digits: digits[0].lower(), quote(text, safe="")),
    "path": quote,
    "form": quote_plus,
    "json": lambda text: json.dumps({"said": text}),
    "json-wide": lambda text: json.dumps([text], ensure_ascii=False),
    "html": html.escape,
    "python": repr,
    "hexadecimal": lambda text: text.encode().hex(),
}


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
def test_a_secret_is_found_in_every_spelling(encode: Encode) -> None:
    said = f"before {encode(SECRET)} after"
    shown = Redactor([SECRET]).text(said)

    assert "***" in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    assert not any(spelling in shown for spelling in spellings(SECRET))


@pytest.mark.parametrize("alphabet", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", [b"", b"x", b"xy", b"xyz", b"x-access-token:"])
def test_a_secret_is_found_in_base64_wherever_it_begins(before: bytes, alphabet: Callable[[bytes], bytes]) -> None:
    encoded = alphabet(before + SECRET.encode() + b"\n").decode()
    shown = Redactor([SECRET]).text(encoded)

    assert "***" in shown
    assert len(shown) <= len(encoded) - len(SECRET)


def test_of_a_key_each_line_is_a_secret() -> None:
    shown = Redactor([KEY]).text("leaked: MIIBVgIBADANBgkqhkiG9w0BAQEFAASC, and -----BEGIN KEY-----")

    assert shown == "leaked: ***, and -----BEGIN KEY-----"


def test_what_is_too_short_to_be_told_from_words_is_left() -> None:
    assert Redactor(["passed", "", " \n"]).text("it passed") == "it passed"


def test_of_two_secrets_of_which_one_is_part_of_the_other_nothing_is_left() -> None:
    assert Redactor(["abcdefgh", "abcdefgh-ijklmnop"]).text("abcdefgh-ijklmnop abcdefgh") == "*** ***"


def test_values_are_looked_through_and_nothing_but_text_is_changed() -> None:
    value = {"n": 1, "b": True, "none": None, "list": [SECRET, {"deep": f"a {SECRET}"}], SECRET: "key"}

    assert Redactor([SECRET]).value(value) == {  # type: ignore[arg-type]
        "n": 1,
        "b": True,
        "none": None,
        "list": ["***", {"deep": "a ***"}],
        "***": "key",
    }


@given(secret=LONG_ENOUGH, before=st.binary(max_size=20), data=st.data())
def test_a_stream_shows_no_secret_however_it_is_cut(secret: str, before: bytes, data: st.DataObject) -> None:
    redactor, whole = Redactor([secret]), before + secret.encode() + before + secret.encode()[:-1]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    stream = RedactedStream(redactor)
    shown = b"".join(stream.add(whole[a:b]) for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True))
    shown += stream.finish()

    assert secret.encode() not in shown


def test_a_stream_holds_nothing_back_that_begins_no_secret() -> None:
    stream = RedactedStream(Redactor([SECRET]))

    assert stream.add(b"early\n") == b"early\n"
    assert stream.add(b"gh/s3cr") == b""
    assert stream.add(b"ious\n") == b"gh/s3crious\n"


@given(secret=LONG_ENOUGH, text=st.text(max_size=80))
def test_a_text_without_a_spelling_is_left_as_it_is(secret: str, text: str) -> None:
    shown = Redactor([secret]).text(text)

    assert shown == text or any(spelling in text for spelling in spellings(secret))


@given(secret=LONG_ENOUGH, text=st.text(max_size=40))
def test_what_was_redacted_stays_as_it_is(secret: str, text: str) -> None:
    redactor = Redactor([secret])
    once = redactor.text(f"{text}{secret}{text}")

    assert redactor.text(once) == once


LONGER = f"{SECRET}-and-more-of-it"


@pytest.mark.parametrize("cut", range(len(LONGER)))
def test_of_a_secret_that_begins_as_another_does_a_stream_shows_no_part(cut: int) -> None:
    whole = f"x {LONGER} y {SECRET} z".encode()
    stream = RedactedStream(Redactor([SECRET, LONGER]))
    shown = stream.add(whole[: cut + 2]) + stream.add(whole[cut + 2 :]) + stream.finish()

    assert shown == b"x *** y *** z"


@pytest.mark.parametrize("width", [64, 76])
def test_a_long_secret_is_found_in_lines_of_base64(width: int) -> None:
    secret = "".join(f"{number:03d}-" for number in range(60))
    encoded = base64.b64encode(secret.encode()).decode()
    lines = [encoded[at : at + width] for at in range(0, len(encoded), width)]
    shown = Redactor([secret]).text("\n".join(lines))

    assert not any(line in shown for line in lines)


def test_a_stream_remembers_little_of_a_long_secret() -> None:
    key = "\n".join(f"{number:064d}" for number in range(40))
    stream = RedactedStream(Redactor([key]))
    shown = b"".join(stream.add(f"{key}\n"[at : at + 7].encode()) for at in range(0, len(key) + 1, 7)) + stream.finish()

    assert b"000" not in shown
