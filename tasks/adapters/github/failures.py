"""
Every way in which a request to GitHub fails, as an error of the domain.

Whatever GitHub says is shown as one line of printable text, and never holds the token. GitHub reports limits in many
ways (403, 429, or 200 with an error; two spellings of the type); all of them are `RateLimited`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import pairwise
from typing import Any

import requests
import urllib3
from pydantic import BaseModel, ConfigDict, ValidationError

from tasks.domain.errors import (
    CodeHostError,
    CodeHostRefused,
    CodeHostUnreachable,
    CredentialsRejected,
    RateLimited,
    RepositoryMissing,
)

Json = dict[str, Any]

LONGEST_LINE = 300
LATEST_RESET = 253_402_300_799
INTERNAL_ERROR = "something went wrong while executing your query"
LIMIT_TYPES = frozenset({"RATE_LIMITED", "RATE_LIMIT"})
PERMISSION_TYPES = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES"})

CHECK_ADDRESS = (
    "Check MERGE_HUB_GITHUB_API_URL and the network, or look at the code host's status page; then run again."
)
NEW_TOKEN = "Set GITHUB_TOKEN to a token that is valid, not expired and not revoked."  # noqa: S105 - names the variable
REPORT_ANSWER = (
    "Check that MERGE_HUB_GITHUB_API_URL is the address of a GitHub API and that no proxy answers in its place."
)

LACKS_A_FIELD = (
    "Read the code host's answer: it may be of a version that lacks a field which merge-hub asks for, or the token may "
    "not read it."
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about; `permissions` are those that it needs, as GitHub's settings call them."""

    name: str
    permissions: str = "contents, pull requests and issues: read and write"


@dataclass(frozen=True, slots=True)
class Reply:
    """`headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    text: str


class GraphError(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, hide_input_in_errors=True)

    message: str = ""
    type: str = ""
    path: list[str | int] | None = None

    @property
    def keeps_a_status(self) -> bool:
        """
        Whether it only says that the token may not see one status of a head, which is null in the answer then.

        No fine-grained token may see check runs, and nothing is decided by them.
        """
        above = (self.path or [])[:-1]
        return self.type in PERMISSION_TYPES and ("contexts", "nodes") in pairwise(above)


def one_line(text: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text[: 10 * LONGEST_LINE])
    words = " ".join(printable.split())
    return words if len(words) <= LONGEST_LINE else words[: LONGEST_LINE - 1] + "…"


@contextmanager
def transport(api_url: str) -> Iterator[None]:
    """Translates what requests and PyGithub raise while they send a request and read its answer."""
    try:
        yield
    except requests.exceptions.Timeout as error:
        raise CodeHostUnreachable(f"{api_url} did not answer in time", remedy=CHECK_ADDRESS) from error
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise CodeHostUnreachable(
            f"{api_url} cannot be reached or broke off its answer ({type(error).__name__})", remedy=CHECK_ADDRESS
        ) from error
    except (AssertionError, RuntimeError, ValueError) as error:
        raise CodeHostRefused(
            f"{api_url} does not answer as a code host does, or redirects elsewhere", remedy=REPORT_ANSWER
        ) from error


def failure_of_status(reply: Reply, message: str, subject: Subject) -> CodeHostError:
    """`message` is what the code host says of a status that is no success."""
    said = f"the code host answered {reply.status} for {subject.name}: {message}"
    if reply.status == HTTPStatus.UNAUTHORIZED:
        return CredentialsRejected(f"the code host rejected the token: {message}", remedy=NEW_TOKEN)
    if limits(reply):
        return rate_limited(reply.headers)
    if reply.status == HTTPStatus.NOT_FOUND:
        return missing(subject.name)
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return CodeHostUnreachable(said, remedy=CHECK_ADDRESS)
    if reply.status == HTTPStatus.FORBIDDEN:
        return CodeHostRefused(said, remedy=_grant(subject))
    return CodeHostRefused(
        said, remedy="Look the answer up in GitHub's documentation; the token may lack a permission."
    )


def limits(reply: Reply) -> bool:
    """Whether it says that too much was asked for, whatever was."""
    if reply.status == HTTPStatus.FORBIDDEN:
        return _limited(reply)
    return reply.status == HTTPStatus.TOO_MANY_REQUESTS


def failure_of_errors(errors: Sequence[GraphError], headers: Mapping[str, str], subject: Subject) -> CodeHostError:
    """The failure that GraphQL `errors`, of which there is at least one, amount to."""
    types = {error.type for error in errors}
    first = errors[0].message
    said = f"the code host refused the query for {subject.name}: {first}"
    if types & LIMIT_TYPES or any(_names_a_limit(error.message) for error in errors):
        return rate_limited(headers)
    if types == {"NOT_FOUND"}:
        return missing(subject.name)
    if all(error.message.lower().startswith(INTERNAL_ERROR) for error in errors):
        return CodeHostUnreachable(f"the code host failed while it answered for {subject.name}", remedy=CHECK_ADDRESS)
    if types & PERMISSION_TYPES:
        return CodeHostRefused(said, remedy=_grant(subject))
    return CodeHostRefused(said, remedy=LACKS_A_FIELD)


def rate_limited(headers: Mapping[str, str]) -> RateLimited:
    remedy = "Run again after that; a GitHub App's token has a higher limit, and fewer runs need less of it."
    after = headers.get("retry-after", "")
    if after.isdecimal():
        return RateLimited(f"the code host asks to wait {after} s (secondary rate limit)", remedy=remedy)
    reset = headers.get("x-ratelimit-reset", "")
    if reset.isdecimal() and headers.get("x-ratelimit-remaining") == "0" and int(reset) <= LATEST_RESET:
        until = datetime.fromtimestamp(int(reset), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return RateLimited(f"the code host's rate limit is used up until {until}", remedy=remedy)
    return RateLimited("the code host's rate limit is used up; it does not say until when", remedy=remedy)


def missing(name: str) -> RepositoryMissing:
    return RepositoryMissing(
        f"{name} does not exist, or the token may not see it",
        remedy=f"Check the name {name} in the configuration, and that the token has access to it.",
    )


def not_understood(subject: str, what: str) -> CodeHostRefused:
    return CodeHostRefused(f"the code host's answer for {subject} cannot be understood: {what}", remedy=REPORT_ANSWER)


def malformed(subject: str, error: ValidationError) -> CodeHostRefused:
    """Names the first place that is wrong and what was expected there, never the value that was found."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(step) for step in first["loc"]) or "it"
    return not_understood(subject, one_line(f"{place}: {first['msg']}"))


def says_limited(message: object) -> bool:
    return isinstance(message, str) and _names_a_limit(message)


def _limited(reply: Reply) -> bool:
    # A GitHub Enterprise Server with its limits off says 0 of 0 in every answer.
    exhausted = reply.headers.get("x-ratelimit-remaining") == "0" and reply.headers.get("x-ratelimit-limit") != "0"
    return exhausted or "retry-after" in reply.headers or _names_a_limit(reply.text[: 10 * LONGEST_LINE])


def _names_a_limit(message: str) -> bool:
    return re.search(r"\brate limit\b", message, re.IGNORECASE) is not None


def _grant(subject: Subject) -> str:
    return f"Give the token the permissions {subject.permissions}, and authorize it for the organization."
