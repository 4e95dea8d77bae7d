"""
A GitHub App as the hub's account: tokens that it makes itself, each for an hour, with what is needed and no more.

What is read is read by one token of the installation that can write nothing, by git with one that can read one
repository; what is written to a repository, by one that is for this repository alone. Each is made anew before it ends.
"""

import json
import threading
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import jwt
from github import Auth, Github
from pydantic import Field, SecretStr

from tasks.adapters.github.failures import Reply, transport
from tasks.adapters.github.shapes import RestShape, parsed
from tasks.domain.credentials import FETCHING, READING, WRITING, of_those_granted
from tasks.domain.errors import CredentialsRejected, CredentialUnavailable
from tasks.ports import Clock
from tasks.redaction import keep_secret

_AHEAD = timedelta(minutes=5)
_CHECK_APP = "Check `credentials.code_host.app_id` and the key, and that the App is installed for the organization."


class Installation(RestShape):
    id: int
    permissions: dict[str, str] = Field(default_factory=dict)


class _Token(RestShape):
    token: str
    expires_at: datetime = Field(strict=False)
    permissions: dict[str, str] = Field(default_factory=dict)


class AppTokens:
    """For the installation at `organization`. May be used from several threads at once."""

    def __init__(self, api_url: str, app_id: int, key: SecretStr, organization: str, clock: Clock) -> None:
        self._api_url, self._organization, self._clock = api_url, organization, clock
        self._turn = threading.Lock()
        self._known: dict[str, _Token] = {}
        self._installation: Installation | None = None
        try:
            self._app = Github(
                base_url=api_url,
                auth=Auth.AppAuth(app_id, key.get_secret_value()),
                timeout=15,
                user_agent="merge-hub",
                retry=None,
                seconds_between_requests=0,
                seconds_between_writes=0,
            ).requester
            with transport(api_url):
                _ = Auth.AppAuth(app_id, key.get_secret_value()).token
        except (jwt.PyJWTError, ValueError, TypeError):
            raise CredentialUnavailable(
                "the private key of the GitHub App is none", remedy="Store the PEM file that GitHub gave for the App."
            ) from None

    def reading(self) -> str:
        return self._token("", READING, None)

    def fetching(self, repository_id: str) -> str:
        return self._token(f"to fetch {repository_id}", FETCHING, [int(repository_id)])

    def writing(self, repository_id: str) -> str:
        return self._token(repository_id, WRITING, [int(repository_id)])

    @property
    def installation(self) -> Installation:
        if self._installation is None:
            owner = quote(self._organization, safe="")
            found = self._ask("GET", f"/orgs/{owner}/installation") or self._ask("GET", f"/users/{owner}/installation")
            if found is None:
                raise CredentialUnavailable(
                    f"the GitHub App is not installed for {self._organization}", remedy=_CHECK_APP
                )
            self._installation = parsed(Installation, found, "the GitHub App")
        return self._installation

    def expires_at(self) -> datetime:
        """The end of the reading token, which is made if there is none."""
        self.reading()
        return self._known[""].expires_at

    def _token(self, name: str, permissions: dict[str, str], repositories: list[int] | None) -> str:
        with self._turn:
            known = self._known.get(name)
            if known is None or known.expires_at - self._clock.now() < _AHEAD:
                known = self._known[name] = self._made(permissions, repositories)
                keep_secret(f"the installation token {name}", known.token)
            return known.token

    def _made(self, permissions: dict[str, str], repositories: list[int] | None) -> _Token:
        wanted: dict[str, Any] = {"permissions": of_those_granted(permissions, self.installation.permissions)}
        if repositories is not None:
            wanted["repository_ids"] = repositories
        answer = self._ask("POST", f"/app/installations/{self.installation.id}/access_tokens", wanted)
        made = parsed(_Token, answer, "the GitHub App")
        return made.model_copy(update={"expires_at": made.expires_at.astimezone(UTC)})

    def _ask(self, verb: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """None where there is no such thing, of which only what is looked for can be none."""
        with transport(self._api_url):
            status, headers, text = self._app.requestJson(verb, path, input=body)
        reply = Reply(status, headers, text)
        if verb == "GET" and reply.status == HTTPStatus.NOT_FOUND:
            return None
        if reply.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
            raise CredentialsRejected(
                "the code host does not know the GitHub App by this number and key", remedy=_CHECK_APP
            )
        if reply.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            remedy = "Install the App on each of these repositories, with contents and pull requests: read and write."
            raise CredentialsRejected("the GitHub App was not granted what merge-hub needs", remedy=remedy)
        if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            raise CredentialUnavailable(f"the code host made no token: it answered {status}", remedy="Run again.")
        return json.loads(text)
