"""What the doctor found in the world, as values, before anything is made of it."""

from dataclasses import dataclass
from datetime import datetime

from config.schema import MergeMethod


@dataclass(frozen=True, slots=True)
class GitFound:
    """`version` is what git calls itself; empty where there is none."""

    version: str


@dataclass(frozen=True, slots=True)
class HomeFound:
    """`writable` is the directory, or where it does not exist yet, the nearest one above it."""

    path: str
    exists: bool
    writable: bool
    free_bytes: int


@dataclass(frozen=True, slots=True)
class GatesFound:
    """`apart`: a gate sees no process and no credential file of others. `without_network`: it can be kept from one."""

    apart: bool
    without_network: bool


@dataclass(frozen=True, slots=True)
class LeftoversFound:
    """What dead processes left: workspaces that nobody holds, and what git began in mirrors that nobody holds."""

    workspaces: tuple[str, ...]
    in_mirrors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeHostFound:
    """
    `login` is whom the token acts for. `scopes` are those of a classic token, None for any other kind.

    `expires_at` None: the code host says of no end. `remaining` of `limit` requests are left until `resets_at`; a
    `limit` of 0 is none. `clock_seconds` is how far this machine's clock is ahead of the code host's.
    """

    address: str
    login: str
    scopes: tuple[str, ...] | None
    expires_at: datetime | None
    limit: int
    remaining: int
    resets_at: datetime | None
    clock_seconds: float


@dataclass(frozen=True, slots=True)
class RepositoryFound:
    """`may_push` None: the code host does not say. `methods` are the ways in which it merges when asked."""

    name: str
    archived: bool
    may_push: bool | None
    methods: frozenset[MergeMethod]
    has_target: bool


@dataclass(frozen=True, slots=True)
class DirectoryFound:
    path: str
    exists: bool
    writable: bool


@dataclass(frozen=True, slots=True)
class DirectoryKept:
    """A store in a directory: how many files, which of them can be written, and which are links or the like."""

    location: str
    files: int
    writable: tuple[str, ...]
    odd: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ObjectFound:
    """The first version of a key; `until` None: it is not locked."""

    key: str
    written: datetime
    mode: str | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Disturbed:
    """Keys of a bucket: `overwritten` have versions above the first, `deleted` are hidden by a marker."""

    overwritten: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BucketKept:
    bucket: "BucketFound"
    disturbed: Disturbed
    sample: tuple[ObjectFound, ...]


StoreKept = DirectoryKept | BucketKept


@dataclass(frozen=True, slots=True)
class BucketFound:
    """
    `versioned` and `locks` None: the store does not let us know.

    `mode` and `days` are what holds for objects that are written without a lock of their own; None: nothing does.
    """

    location: str
    versioned: bool | None
    locks: bool | None
    mode: str | None
    days: int | None


@dataclass(frozen=True, slots=True)
class MailFound:
    server: str
    encrypted: bool
    logged_in: bool


@dataclass(frozen=True, slots=True)
class ChatFound:
    """`host` was reached, and nothing was posted; `encrypted` is what its address asks for."""

    host: str
    encrypted: bool


@dataclass(frozen=True, slots=True)
class SealFound:
    """
    What seals the log: `place` is where its keys are, in words, `on_this_machine` whether whoever holds it has them.

    `keys` are None where they are made by the first run; `outside` whether anybody else gets to see checkpoints.
    """

    place: str
    on_this_machine: bool
    keys: tuple[str, ...] | None
    outside: bool


@dataclass(frozen=True, slots=True)
class PrefectFound:
    """`address` None: nobody has set one up, and a command starts its own."""

    address: str | None


@dataclass(frozen=True, slots=True)
class LogFound:
    """
    `place` is the file or the database; `newest` None: nothing was recorded yet.

    `exported` is up to which event the evidence store has the log. `unconfirmed` messages and `announced`
    landings are those of which nobody has written down how they ended.
    """

    place: str
    size: int
    newest: datetime | None
    exported: int
    unconfirmed: int
    announced: int
