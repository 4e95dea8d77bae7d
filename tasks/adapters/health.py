"""Asks a service how it does, over HTTP."""

import socket
from collections.abc import Iterator

import httpx

from tasks.domain.gates import Verdict
from tasks.domain.health import Heard, heard_of

SECONDS = 10.0
"""For each step of one question: to connect, to send, and between two parts of the answer."""
READ_AT_MOST = 1024 * 1024
"""Bytes of an answer in which what is expected is looked for."""


class HttpHealth:
    def ask(self, url: str, expected: str | None) -> Heard:
        try:
            with (
                httpx.Client(timeout=SECONDS, follow_redirects=False) as client,
                client.stream("GET", url, headers={"User-Agent": "merge-hub"}) as response,
            ):
                holds = expected is None or _holds(response.iter_bytes(), expected.encode())
                return heard_of(response.status_code, holds=holds, expected=expected)
        except httpx.InvalidURL:
            return Heard(Verdict.ERRORED, "its address is none")
        except httpx.ConnectError as error:
            if _nobody_knows_the_name(error):
                return Heard(Verdict.ERRORED, "its name could not be looked up")
            return Heard(Verdict.FAILED, "it cannot be reached")
        except httpx.TimeoutException:
            return Heard(Verdict.FAILED, "it did not answer in time")
        except httpx.HTTPError:
            return Heard(Verdict.FAILED, "it answered with something that is no answer")


def _holds(parts: Iterator[bytes], expected: bytes) -> bool:
    read, kept = 0, b""
    for part in parts:
        kept += part[: READ_AT_MOST - read]
        read += len(part)
        if expected in kept:
            return True
        if read >= READ_AT_MOST:
            return False
        kept = kept[-len(expected) :]
    return False


def _nobody_knows_the_name(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
