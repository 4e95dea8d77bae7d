"""
What merge-hub needs of the world, bundled in `Services`.

Every method raises a `MergeHubError` when the world fails and returns a value otherwise. None of them retries: the
steps do.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any, Protocol, TypeVar

from config.schema import Configuration, Gate, MergeMethod
from tasks.code_store import CodeStore
from tasks.domain import audit
from tasks.domain.credentials import CredentialState, SecretFound
from tasks.domain.examined import Disturbed, StoreKept
from tasks.domain.gates import GateResult
from tasks.domain.health import Heard
from tasks.domain.land import MergeReply
from tasks.domain.ledger import CursorRow, Row
from tasks.domain.merging import Change
from tasks.domain.model import (
    CommitSha,
    Digest,
    Login,
    PullRequest,
    Reference,
    RelatedState,
    RepositoryName,
    Snapshot,
)
from tasks.domain.notification import Mail, Post
from tasks.domain.protection import CommitSignature, Protection
from tasks.domain.provenance import Move, Origin
from tasks.domain.signed_note import VerifierKey

R = TypeVar("R", bound=Row)


class CodeHost(Protocol):
    def snapshot(self, repository: RepositoryName, target: str) -> Snapshot:
        """Every open pull request, all pages; `related` and `circumstances` are left empty."""

    def name_of(self, repository_id: str) -> RepositoryName | None:
        """What the repository is called now; None where it is gone or cannot be seen."""

    def reread(self, repository: RepositoryName, repository_id: str, numbers: Sequence[int]) -> tuple[PullRequest, ...]:
        """
        The named pull requests as they are now, closed ones included, in the order asked for.

        Raises RepositoryReplaced where the name leads to another repository by now.
        """

    def related(self, references: Iterable[Reference]) -> Mapping[Reference, RelatedState]: ...

    def bodies(self, references: Iterable[Reference]) -> Mapping[Reference, str]:
        """The descriptions of those that are open pull requests; all others are absent."""

    def groups(self, organization: str, names: Iterable[str]) -> Mapping[str, frozenset[Login]]:
        """
        The members of each name that is a team; a name that is none is absent.

        A name is `org/team`, `@org/team` or the bare slug of a team of `organization`.
        """

    def protection(self, repository: RepositoryName, repository_id: str, branch: str) -> Protection:
        """All that guards `branch` and is enforced; what the code host keeps from us is named, not left out."""

    def signatures(
        self, repository: RepositoryName, repository_id: str, commits: Sequence[CommitSha]
    ) -> Mapping[CommitSha, CommitSignature]:
        """
        What it says of the signature of each commit; a commit that it does not know is absent.

        Raises RepositoryReplaced where the name leads to another repository by now.
        """

    def moves(self, repository: RepositoryName, repository_id: str, branch: str) -> Iterator[Move]:
        """Every move of the branch, the latest first, as they are asked for; none where that is kept from us."""

    def origins(
        self, repository: RepositoryName, repository_id: str, commits: Sequence[CommitSha]
    ) -> Mapping[CommitSha, Origin]:
        """
        Who wrote each commit and how it was merged; a commit that it does not know is absent.

        Raises RepositoryReplaced where the name leads to another repository by now.
        """

    def merge(
        self, repository: RepositoryName, repository_id: str, change: Change, method: MergeMethod, note: str
    ) -> MergeReply:
        """
        Asks the code host to merge exactly `change.head`; a moved head or base is an answer, not an exception.

        The message names the pull request and ends in `note`; commits that are rebased keep their own.
        """

    def close(self, repository: RepositoryName, repository_id: str, number: int, comment: str) -> None:
        """Comments and closes; a pull request that is already closed is left as it is."""

    def comment(self, repository: RepositoryName, repository_id: str, number: int, comment: str) -> None:
        """Comments, be it open or closed, unless we have said the same there before."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a gate sees of a change set: its own repository by name, and the checkouts of all others."""

    own: RepositoryName
    beside: Mapping[RepositoryName, Path]


class GateRunner(Protocol):
    @property
    def environment(self) -> Digest:
        """The fingerprint of where gates run; a result holds only for the environment it was had in."""

    def run(
        self,
        gate: Gate,
        checkout: Path,
        log: Path,
        over: Event | None = None,
        surroundings: Surroundings | None = None,
    ) -> GateResult:
        """
        Runs `gate` in its own copy of `checkout`, killed with everything it started at its time limit.

        With `surroundings` that copy is one of several, of its own as well, below the directory that the variable
        MERGE_HUB_CHANGE_SET names: each repository as `owner/name`.

        It is skipped once `over` is set, be it before it began or in the middle. `log` receives the capped output.
        Raises GateOutputUnwritable when the disk refuses.
        """


class HealthProbe(Protocol):
    def ask(self, url: str, expected: str | None) -> Heard:
        """
        Asks once and follows nowhere; no answer in time is an answer as well.

        `expected` is text that the answer must hold. What the answer says is kept from everybody: it may be anything.
        """


class AuditLog(Protocol):
    def append(self, events: Sequence[audit.Event]) -> tuple[audit.Event, ...]:
        """
        Makes `events` durable, all or none, and returns those that were new.

        An event whose id is there already is left as it was first written.
        """

    def events(
        self,
        *,
        repository_id: str | None = None,
        types: Collection[audit.EventType] | None = None,
        mentioning: str | None = None,
        after: int = 0,
        newest_first: bool = False,
    ) -> Iterator[audit.Event]:
        """
        In order of their sequence numbers, which begin at 1, or backwards.

        None leaves nothing out; `mentioning` is text that the bytes of an event hold, whatever the case of its letters.
        What a log holds grows for years: ask for what is needed, and stop where it is found.
        """

    def size(self) -> int: ...

    def lines(self, first: int, last: int) -> bytes:
        """The exact canonical bytes of the events `first` to `last`, a line each."""


class Ledger(Protocol):
    """Facts to count, by natural key. Every method raises LedgerError when the database fails."""

    def upsert(self, rows: Sequence[Row], *, source: str = "flows") -> int:
        """
        Writes all of `rows` in one transaction, or none; how many were new or changed anything.

        Of a row that is there already, only the columns that the new one has are written. Of two with one key, the
        later in `rows` counts. `source` says in the database who wrote last.
        """

    def rows(
        self,
        kind: type[R],
        *,
        repository_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[R]:
        """
        In order of the key; `since` and before `until` are of the table's `month` column, None leaves nothing out.

        A table that several kinds of rows are written to is read by the kind that has the most columns of it. Rows
        that lack a column which `kind` must have are left out: nobody has told it yet.
        """

    def columns(
        self, table: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> Mapping[str, Sequence[Any]]:
        """Every column of `table` by name, in order of the key; times are aware datetimes or RFC 3339 in UTC."""

    def cursor(self, source: str, repository_id: str = "") -> CursorRow | None: ...

    def commit_cursor(self, cursor: CursorRow) -> None:
        """To be called once everything up to it is written; it may as well be the last of the rows of an upsert."""


class EvidenceStore(Protocol):
    @property
    def location(self) -> str:
        """A directory, or an `s3://` address."""

    def put(self, key: str, content: bytes, *, media_type: str) -> str:
        """
        Writes once, locked for the retention time, and returns the address.

        The same bytes under the same key are accepted again; other bytes raise EvidenceConflict.
        """

    def keys(self, prefix: str, *, after: str = "") -> tuple[str, ...]:
        """In order, those that begin with `prefix` and come after `after`: a store grows for years, ask for its end."""

    def get(self, key: str) -> bytes: ...

    def disturbed(self) -> Disturbed:
        """What was written over, or deleted, since it was first written; `get` reads what was written first."""

    def survey(self) -> StoreKept:
        """What keeps the evidence from being changed, and whether anybody tried: everything there is looked at."""


class Signer(Protocol):
    """A private key of the hub, wherever it is."""

    @property
    def key(self) -> VerifierKey: ...

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature; raises SealingFailed."""


class TimeStamps(Protocol):
    def stamp(self, content: bytes) -> bytes:
        """A token of RFC 3161; raises AnchoringFailed."""


@dataclass(frozen=True, slots=True)
class Anchoring:
    """
    What shows another history to be another: an authority that stamps checkpoints, and a store that keeps a copy.

    Either may be None; `interval` is how old a stamp may get.
    """

    authority: TimeStamps | None = None
    interval: timedelta = timedelta()
    copies: EvidenceStore | None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """
    What makes the log evidence: one key that signs checkpoints and nothing else, and one that attests landings.

    `host` is the address of the code host, as statements name repositories. `before` signs beside `log` where that is
    to take its place.
    """

    log: Signer
    attest: Signer
    host: str
    anchoring: Anchoring = Anchoring()
    before: Signer | None = None


class Signatures(Protocol):
    def refusal(self, document: bytes, signature: str, principal: str, at: datetime) -> str | None:
        """
        What is wrong with `signature` as one by a key that `principal` may sign plans with at that time.

        A clause, None where nothing is wrong. Raises SignaturesUncheckable where that cannot be found out.
        """


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`public` is its type and its bytes in base64; `path` None: only the person's agent has it."""

    public: str
    path: Path | None


class Keyring(Protocol):
    """The keys of the person who runs the command."""

    def keys(self, named: Path | None) -> tuple[SigningKey, ...]:
        """The one in the file that is `named`; else the one that git signs with, and those that ssh-agent holds."""

    def sign(self, document: bytes, key: SigningKey) -> str:
        """As OpenSSH writes it; raises SigningFailed."""


class Chat(Protocol):
    def send(self, post: Post) -> None: ...


class Mailer(Protocol):
    def send(self, mail: Mail) -> None: ...


class Clock(Protocol):
    def now(self) -> datetime:
        """An aware UTC time."""


@dataclass(frozen=True, slots=True)
class Services:
    """
    `chat` and `mail` are None where the configuration names none.

    `seal` is None where nothing may be written: an observer signs nothing.

    `home` is where state is kept between runs, `run` the folder of this one. `credential` is what was found of that
    which the hub acts with when the run began, None where the code host did not tell.
    """

    code_host: CodeHost
    code: CodeStore
    gates: GateRunner
    health: HealthProbe
    log: AuditLog
    ledger: Ledger
    evidence: EvidenceStore
    chat: Chat | None
    mail: Mailer | None
    clock: Clock
    signatures: Signatures
    home: Path
    run: Path
    credential: CredentialState | None = None
    secrets: tuple[SecretFound, ...] = ()
    seal: Seal | None = None

    @property
    def results(self) -> Path:
        """Where Prefect keeps what need not be done again: with the state it belongs to, whatever the process's own."""
        return self.home / "results"


@dataclass(frozen=True, slots=True)
class SigningDesk:
    """What signing a plan needs of the world, which is no code host."""

    configuration: Configuration
    log: AuditLog
    clock: Clock
    signatures: Signatures
    keyring: Keyring


@dataclass(frozen=True, slots=True)
class Archive:
    """What was recorded, to be read only."""

    log: AuditLog
    evidence: EvidenceStore
    clock: Clock
