"""
Secrets in text: every spelling in which one is known to travel, and what stands in its place.

A secret is found as it is, in base64 wherever it begins in what was encoded, in lines of base64, in hexadecimal digits,
and as addresses, JSON, HTML, Python and a shell spell it. What is shorter than eight characters is not looked for: it
would be found in words that are none of it, and a log that lies about everything protects nothing.
"""

import base64
import html
import itertools
import json
import string
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from config.settings import SHORTEST_SECRET

if TYPE_CHECKING:
    from pydantic import JsonValue

_SHORTEST_LINE = 16
_WIDTHS = (64, 76)
"""Of lines of base64, as PEM and as MIME have them."""
INSTEAD = "***"
_UNRESERVED = f"{string.ascii_letters}{string.digits}-._~".encode()
"""What an address spells as it is (RFC 3986)."""


class Redactor:
    """Unchangeable; without secrets it leaves everything as it is."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        found = {spelling for secret in secrets for spelling in spellings(secret)}
        # A longer one first, so that nothing of it is left beside a shorter one that is part of it.
        self._spellings = tuple(sorted(found, key=lambda each: (-len(each), each)))

    def text(self, text: str) -> str:
        for spelling in self._spellings:
            if spelling in text:
                text = text.replace(spelling, INSTEAD)
        return text

    def content(self, content: bytes) -> bytes:
        for spelling in self._encoded:
            if spelling in content:
                content = content.replace(spelling, INSTEAD.encode())
        return content

    def value(self, value: "JsonValue") -> "JsonValue":
        """The same value where there is nothing to hide; names of keys stay as they are unless they hold a secret."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {self.text(key): self.value(each) for key, each in value.items()}
            case list() | tuple():
                return [self.value(each) for each in value]
            case _:
                return value

    def settled(self, content: bytes) -> int:
        """How many bytes from the beginning on hold no part of a secret that may go on behind the end."""
        end = len(content) - self._begun(content)
        while end < len(content):
            around = (content.find(each, max(0, end - len(each) + 1), end + len(each) - 1) for each in self._encoded)
            before = min((at for at in around if at >= 0), default=end)
            if before == end:
                break
            end = before
        return end

    def _begun(self, content: bytes) -> int:
        """How many bytes at the end may be the beginning of a secret."""
        longest = next(
            (
                size
                for size in range(min(SHORTEST_SECRET - 1, len(content)), 0, -1)
                if content[-size:] in self._beginnings
            ),
            0,
        )
        for spelling in self._encoded:
            at = content.find(spelling[:SHORTEST_SECRET], max(0, len(content) - len(spelling) + 1))
            while at >= 0 and not spelling.startswith(content[at:]):
                at = content.find(spelling[:SHORTEST_SECRET], at + 1)
            longest = max(longest, 0 if at < 0 else len(content) - at)
        return longest

    @cached_property
    def _encoded(self) -> tuple[bytes, ...]:
        return tuple(sorted((each.encode() for each in self._spellings), key=lambda each: (-len(each), each)))

    @cached_property
    def _beginnings(self) -> frozenset[bytes]:
        return frozenset(each[:size] for each in self._encoded for size in range(1, SHORTEST_SECRET))


class RedactedStream:
    """Chunks as they come, and out of it what may be shown: no secret, however the chunks cut it."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = b""

    def add(self, chunk: bytes) -> bytes:
        content = self._held + chunk
        end = self._redactor.settled(content)
        self._held = content[end:]
        return self._redactor.content(content[:end])

    def finish(self) -> bytes:
        held, self._held = self._held, b""
        return self._redactor.content(held)


def spellings(secret: str) -> frozenset[str]:
    """Of a secret of several lines, such as a key, each line that is long enough is one as well."""
    secret = secret.strip()
    if len(secret) < SHORTEST_SECRET:
        return frozenset()
    lines = {line.strip() for line in secret.splitlines()} if "\n" in secret else set()
    found = {each for each in _spelled(secret) if len(each) >= SHORTEST_SECRET}
    return frozenset(found | {line for line in lines if len(line) >= _SHORTEST_LINE and not line.startswith("-----")})


def _spelled(secret: str) -> Iterator[str]:
    yield secret
    raw = secret.encode("utf-8", "surrogatepass")
    for safe in (_UNRESERVED, _UNRESERVED + b"/"):
        for digits in ("%%%02X", "%%%02x"):
            address = "".join(chr(each) if each in safe else digits % each for each in raw)
            yield from (address, address.replace("%20", "+"))
    for ascii_only in (True, False):
        text = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield from (text, text.replace("/", "\\/"))
    yield from (html.escape(secret), html.escape(secret, quote=False), repr(secret)[1:-1], secret.replace("'", "'\\''"))
    yield from (raw.hex(), raw.hex().upper())
    for before in range(3):
        core = _base64_core(raw, before)
        yield from (core, core.replace("+", "-").replace("/", "_"))
    for end, width in itertools.product((b"", b"\n"), _WIDTHS):
        encoded = base64.b64encode(raw + end).decode()
        if len(encoded) > width:
            lines = [encoded[at : at + width] for at in range(0, len(encoded), width)]
            yield from (line for line in lines if len(line) >= _SHORTEST_LINE)


def _base64_core(raw: bytes, before: int) -> str:
    """What base64 makes of `raw` behind `before` other bytes, without what depends on its neighbours."""
    encoded = base64.b64encode(bytes(before) + raw).decode()
    return encoded[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
