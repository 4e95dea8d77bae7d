"""
One request to GitHub and its answer; retries are left to the steps.

PyGithub does the authentication and the addresses, through its `Requester`: its classes take a redirected write for one
that was done, and an answer that is cut off for a programming error. What is asked here is little enough to check.
"""

import json
import logging
import re
import threading
from collections.abc import Collection, Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from github import Github
from github.Requester import Requester
from pydantic import ValidationError

from tasks.adapters.github.failures import (
    NEW_TOKEN,
    GraphError,
    Json,
    Reply,
    Subject,
    failure_of_errors,
    failure_of_status,
    limits,
    malformed,
    not_understood,
    one_line,
    rate_limited,
    says_limited,
    transport,
)
from tasks.adapters.github.tokens import OneToken, Renewed, Tokens
from tasks.domain.errors import CredentialsRejected
from tasks.redaction import redacted, redacted_document

_NEXT = re.compile(r'<(?P<address>[^<>]*)>; rel="next"')


class Client:
    """May be used from several threads at once. Neither its text nor its errors hold the token."""

    def __init__(self, api_url: str, token: str | Tokens, *, timeout_seconds: int) -> None:
        if isinstance(token, str) and (not token or not all("!" <= character <= "~" for character in token)):
            # Such a header would be refused by an error that shows it.
            raise CredentialsRejected("the token is empty or holds characters that no token has", remedy=NEW_TOKEN)
        self.api_url = api_url.rstrip("/")
        self._tokens = OneToken(token) if isinstance(token, str) else token
        self._timeout_seconds = timeout_seconds
        self._threads = threading.local()
        logging.getLogger("github.Requester").addFilter(_holds_no_answer)

    def __repr__(self) -> str:
        return f"Client({self.api_url!r})"

    def graphql(
        self, document: str, variables: Mapping[str, object], subject: Subject, *, partial: bool = False
    ) -> Json:
        """
        The `data` of the answer; with `partial`, what is NOT_FOUND is null in it and no error.

        A status that the token may not see is null and no error either.
        """
        with transport(self.api_url):
            address = self._requester(None).graphql_url
        reply = self._send("POST", address, {"query": document, "variables": dict(variables)}, subject)
        if reply.status != HTTPStatus.OK:
            raise failure_of_status(reply, self._message(reply), subject)
        body = _document(reply, subject)
        errors = [error for error in self._errors(body, subject) if not error.keeps_a_status]
        if partial:
            errors = [error for error in errors if error.type != "NOT_FOUND"]
        if errors:
            raise failure_of_errors(errors, reply.headers, subject)
        data = body.get("data")
        if isinstance(data, dict):
            return data
        if says_limited(body.get("message")):
            raise rate_limited(reply.headers)
        raise not_understood(subject.name, "it holds no data")

    def rest(
        self, verb: str, path: str, body: Json | None, subject: Subject, *, answers: Collection[HTTPStatus] = ()
    ) -> tuple[int, Json]:
        """
        The status and the document of the answer; statuses other than success raise unless they are in `answers`.

        A limit of the code host raises whatever its status.
        """
        shown = None if body is None else redacted_document(body)
        reply = self._send(verb, path, shown, subject)
        if reply.status in answers and not limits(reply):
            return reply.status, {"message": self._message(reply)}
        if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            raise failure_of_status(reply, self._message(reply), subject)
        return reply.status, _document(reply, subject)

    def ask(self, path: str, subject: Subject) -> tuple[Mapping[str, str], Json]:
        """The headers, by lower-case name, and the document of the answer to a GET."""
        reply = self._send("GET", path, None, subject)
        if reply.status != HTTPStatus.OK:
            raise failure_of_status(reply, self._message(reply), subject)
        return reply.headers, _document(reply, subject)

    def listing(self, path: str, subject: Subject, *, absent: Collection[HTTPStatus] = ()) -> tuple[list[object], str]:
        """
        The list that a GET answers with; nothing where its status is in `absent`.

        With it the query that asks for what is behind it, empty where nothing is. Of the address that the answer gives
        for that only the query is taken, so that no other host is ever asked.
        """
        reply = self._send("GET", path, None, subject)
        if reply.status in absent:
            return [], ""
        if reply.status != HTTPStatus.OK:
            raise failure_of_status(reply, self._message(reply), subject)
        found = _parsed(reply.text)
        if not isinstance(found, list):
            raise not_understood(subject.name, "it is no list")
        following = _NEXT.search(reply.headers.get("link", ""))
        return found, urlsplit(following["address"]).query if following else ""

    def _send(self, verb: str, url: str, body: Json | None, subject: Subject) -> Reply:
        reply = self._send_once(verb, url, body)
        # PyGithub follows 301 only, and GitHub answers a write to a repository that was renamed with 307. Only the
        # path of the new address is used, so that the token stays with our host.
        if reply.status in {HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT}:
            location = reply.headers.get("location", "")
            if not location.startswith(("http://", "https://")):
                raise not_understood(subject.name, "it redirects to no address")
            reply = self._send_once(verb, location, body)
        return reply

    def _send_once(self, verb: str, url: str, body: Json | None) -> Reply:
        with transport(self.api_url):
            status, headers, text = self._requester(_written_to(verb, url)).requestJson(verb, url, input=body)
        return Reply(status, headers, text)

    def _requester(self, repository_id: str | None) -> Requester:
        """
        For what is read, or for what is written to one repository.

        A connection of PyGithub keeps the request that it is sending, so each thread has its own.
        """
        known: dict[str | None, Requester] = self._threads.__dict__.setdefault("requesters", {})
        if repository_id not in known:
            known[repository_id] = Github(
                base_url=self.api_url,
                auth=Renewed(self._tokens, repository_id),
                timeout=self._timeout_seconds,
                user_agent="merge-hub",
                retry=None,
                seconds_between_requests=0,
                seconds_between_writes=0,
            ).requester
        return known[repository_id]

    def _errors(self, body: Json, subject: Subject) -> list[GraphError]:
        errors = body.get("errors", [])
        if not isinstance(errors, list):
            raise not_understood(subject.name, "its errors are no list")
        try:
            found = [GraphError.model_validate(error) for error in errors]
        except ValidationError as error:
            raise malformed(subject.name, error) from error
        return [error.model_copy(update={"message": self._shown(error.message)}) for error in found]

    def _message(self, reply: Reply) -> str:
        document = _parsed(reply.text)
        message = document.get("message") if isinstance(document, dict) else None
        return self._shown(message if isinstance(message, str) else reply.text)

    def _shown(self, text: str) -> str:
        return one_line(redacted(text))


def _written_to(verb: str, url: str) -> str | None:
    """The id of the repository that a request changes; None where it changes none, or one of all."""
    path = re.search(r"/repositories/([0-9]+)/", url)
    return path[1] if path is not None and verb not in {"GET", "HEAD"} else None


def _holds_no_answer(record: logging.LogRecord) -> bool:
    """At its debug level PyGithub logs whole answers, and what people wrote is in them."""
    return record.levelno > logging.DEBUG


def _parsed(text: str) -> object:
    """None for what is no JSON, or holds half a character, which no file and no request can."""
    try:
        parsed: object = json.loads(text)
        json.dumps(parsed, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return parsed


def _document(reply: Reply, subject: Subject) -> Json:
    document = _parsed(reply.text)
    if not isinstance(document, dict):
        raise not_understood(subject.name, "it is no JSON object")
    return document
