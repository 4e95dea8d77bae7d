"""Which token a request is made with: one for all of them, or of a GitHub App one for each purpose."""

from typing import Protocol

from github import Auth

from tasks.redaction import keep_secret


class Tokens(Protocol):
    """May be asked from several threads at once; each answer is good for the next few minutes."""

    def reading(self) -> str: ...

    def fetching(self, repository_id: str) -> str:
        """To read what one repository holds, by its id."""

    def writing(self, repository_id: str) -> str:
        """For one repository, by its id."""


class OneToken:
    """The same for everything."""

    def __init__(self, token: str) -> None:
        keep_secret("the code host's token", token)
        self._token = token

    def reading(self) -> str:
        return self._token

    def fetching(self, repository_id: str) -> str:  # noqa: ARG002 -- it is for all of them
        return self._token

    def writing(self, repository_id: str) -> str:  # noqa: ARG002 -- it is for all of them
        return self._token


class Renewed(Auth.Auth):
    """What PyGithub puts into each request, asked for each time."""

    def __init__(self, tokens: Tokens, repository_id: str | None) -> None:
        self._tokens, self._repository_id = tokens, repository_id

    @property
    def token_type(self) -> str:
        return "token"

    @property
    def token(self) -> str:
        if self._repository_id is None:
            return self._tokens.reading()
        return self._tokens.writing(self._repository_id)
