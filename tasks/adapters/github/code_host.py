"""The port `CodeHost`, as GitHub does it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from config.schema import MergeMethod
from tasks.adapters.github import landing
from tasks.adapters.github.client import Client
from tasks.adapters.github.moves import read_moves
from tasks.adapters.github.origins import read_origins
from tasks.adapters.github.places import Place, name_of
from tasks.adapters.github.protection import read_protection
from tasks.adapters.github.pull_requests import read_again, read_snapshot
from tasks.adapters.github.pushers import Pushers
from tasks.adapters.github.references import read_bodies, read_related
from tasks.adapters.github.signatures import read_signatures
from tasks.adapters.github.teams import read_groups
from tasks.adapters.github.tokens import Tokens
from tasks.domain.land import MergeReply
from tasks.domain.merging import Change
from tasks.domain.model import CommitSha, Login, PullRequest, Reference, RelatedState, RepositoryName, Snapshot
from tasks.domain.protection import CommitSignature, Protection
from tasks.domain.provenance import Move, Origin


class GitHubCodeHost:
    """
    May be used from several threads at once.

    `api_url` is that of the REST API: `https://api.github.com`, or `https://HOST/api/v3` of an Enterprise Server.
    `timeout_seconds` bounds each wait for the code host: to connect, and for the next part of an answer.
    """

    def __init__(self, api_url: str, token: str | Tokens, *, timeout_seconds: int = 15) -> None:
        self._client = Client(api_url, token, timeout_seconds=timeout_seconds)
        self._pushers = Pushers(self._client)

    def __repr__(self) -> str:
        return f"GitHubCodeHost({self._client.api_url!r})"

    def snapshot(self, repository: RepositoryName, target: str) -> Snapshot:
        return read_snapshot(self._client, self._pushers, repository, target)

    def name_of(self, repository_id: str) -> RepositoryName | None:
        return name_of(self._client, repository_id)

    def reread(self, repository: RepositoryName, repository_id: str, numbers: Sequence[int]) -> tuple[PullRequest, ...]:
        return read_again(self._client, self._pushers, Place(repository, repository_id), numbers)

    def related(self, references: Iterable[Reference]) -> Mapping[Reference, RelatedState]:
        return read_related(self._client, references)

    def bodies(self, references: Iterable[Reference]) -> Mapping[Reference, str]:
        return read_bodies(self._client, references)

    def groups(self, organization: str, names: Iterable[str]) -> Mapping[str, frozenset[Login]]:
        return read_groups(self._client, organization, names)

    def protection(self, repository: RepositoryName, repository_id: str, branch: str) -> Protection:
        return read_protection(self._client, Place(repository, repository_id), branch)

    def signatures(
        self, repository: RepositoryName, repository_id: str, commits: Sequence[CommitSha]
    ) -> Mapping[CommitSha, CommitSignature]:
        return read_signatures(self._client, Place(repository, repository_id), commits)

    def moves(self, repository: RepositoryName, repository_id: str, branch: str) -> Iterator[Move]:
        return read_moves(self._client, Place(repository, repository_id), branch)

    def origins(
        self, repository: RepositoryName, repository_id: str, commits: Sequence[CommitSha]
    ) -> Mapping[CommitSha, Origin]:
        return read_origins(self._client, Place(repository, repository_id), commits)

    def merge(
        self, repository: RepositoryName, repository_id: str, change: Change, method: MergeMethod, note: str
    ) -> MergeReply:
        return landing.merge(self._client, Place(repository, repository_id), change, method, note)

    def close(self, repository: RepositoryName, repository_id: str, number: int, comment: str) -> None:
        landing.close(self._client, Place(repository, repository_id), number, comment)

    def comment(self, repository: RepositoryName, repository_id: str, number: int, comment: str) -> None:
        landing.comment(self._client, Place(repository, repository_id), number, comment)
