"""
What merge-hub knows of the outside, as values.

A `Snapshot` is taken once and every later decision uses it; what it does not hold is unknown, and unknown is never a
pass. Logins are what the code host resolved, never what a commit's text claims.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from tasks.domain.protection import CommitSignature, Protection

Login = NewType("Login", str)
CommitSha = NewType("CommitSha", str)
TreeSha = NewType("TreeSha", str)
RepositoryName = NewType("RepositoryName", str)
Digest = NewType("Digest", str)  # "sha256:" and 64 hexadecimal digits


class ReviewState(StrEnum):
    APPROVED = "APPROVED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    COMMENTED = "COMMENTED"
    DISMISSED = "DISMISSED"
    PENDING = "PENDING"


@dataclass(frozen=True, slots=True)
class Review:
    """
    `reviewer` is None for a deleted account; `commit` is None where the code host no longer knows it.

    `by_hub` says that the hub's own account wrote it, whichever that is.
    """

    identifier: str
    reviewer: Login | None
    by_bot: bool
    by_hub: bool
    may_write: bool
    state: ReviewState
    commit: CommitSha | None
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """
    Somebody whose review is being waited for, for the first time or again: a person, or a team of the code host.

    `members` are the person or those of the team; None: nobody could tell who they are.
    """

    name: str
    members: frozenset[Login] | None


@dataclass(frozen=True, slots=True)
class Commit:
    """`contributors` are author, co-authors and committer; None stands for one that the code host cannot resolve."""

    sha: CommitSha
    contributors: tuple[Login | None, ...]


def owner_of(repository: RepositoryName) -> str:
    return repository.partition("/")[0]


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """A pull request, named across repositories."""

    repository: RepositoryName
    number: int

    def __str__(self) -> str:
        return f"{self.repository}#{self.number}"


class RelatedState(StrEnum):
    """What a reference points at, as far as the code host tells; of what was rolled back only the log does."""

    OPEN = "open"
    MERGED = "merged"
    ROLLED_BACK = "rolled-back"
    CLOSED = "closed"
    ISSUE = "issue"
    MISSING = "missing"


class Mergeability(StrEnum):
    """
    Whether the code host thinks that it could merge.

    It finds out only after it was asked, so that the same pull request is told as UNKNOWN first.
    """

    MERGEABLE = "mergeable"
    CONFLICTING = "conflicting"
    UNKNOWN = "unknown"


class StatusState(StrEnum):
    """Values are written into records and never change. What cannot be understood is UNKNOWN, never SUCCESS."""

    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"
    PENDING = "pending"
    NEUTRAL = "neutral"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class HeadStatus:
    """
    What somebody reported about a head, be it a commit status or a check run.

    `name` is empty where the code host does not tell it, as it keeps check runs from some tokens.
    """

    name: str
    state: StatusState


@dataclass(frozen=True, slots=True)
class PullRequest:
    """
    One open pull request as the code host showed it.

    `commits` may be shorter than `commit_count`, since the code host need not list all. What is changed is for git to
    say: see `Contribution`. `retry_requested` identifies the last time the label `retry` was set, None if it is not
    set.

    `asked` are those whose review is waited for; with their review they leave it, be they asked again or for the first
    time. `last_pusher` moved the head branch to this head, None where the code host does not tell who. `same_content`
    are earlier heads that bring the very same as this one; who did not ask git knows of none.

    `target_since` is since when it targets what it targets: who looked at it before saw other changes.

    `statuses` are those of the head, in order of their names, and are evidence only: whoever may write can set one.
    `mergeability` is told and never decided on, since it comes late; two readings that differ in nothing else are
    equal. What merges is for git to say.
    """

    number: int
    title: str
    body: str
    url: str
    author: Login | None
    draft: bool
    open: bool
    target: str
    head: CommitSha
    head_branch: str
    labels: frozenset[str]
    reviews: tuple[Review, ...]
    asked: tuple[Asked, ...]
    last_pusher: Login | None
    commits: tuple[Commit, ...]
    commit_count: int
    statuses: tuple[HeadStatus, ...]
    mergeability: Mergeability = field(compare=False)
    created_at: datetime
    target_since: datetime
    retry_requested: str | None = None
    same_content: frozenset[CommitSha] = frozenset()

    @property
    def contributors(self) -> frozenset[Login]:
        """Everyone known to have written part of it, the author of the pull request included."""
        known = {login for commit in self.commits for login in commit.contributors if login is not None}
        return frozenset(known | ({self.author} if self.author is not None else set()))

    @property
    def commits_told(self) -> int:
        """How many commits the code host listed with somebody who wrote them, be it somebody unknown."""
        return sum(1 for commit in self.commits if commit.contributors)

    @property
    def commits_complete(self) -> bool:
        """Whether the code host listed every commit."""
        return 0 < self.commit_count == len(self.commits) == self.commits_told


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that was renamed is two changes: it is gone from one path and new at the other. `lines` None: binary."""

    path: str
    lines: int | None


@dataclass(frozen=True, slots=True)
class Contribution:
    """
    What `head` brings beyond `base`, as git has it: every path, every commit, whatever the code host lists.

    `files` is what changed since the two parted, and what landing it changes of the target branch. `merges` are the
    commits it adds that have more than one parent. `behind` is how many commits of the base it lacks, `behind_since`
    when the first of those was made. `complete` says that the list of files was read to its end.
    """

    head: CommitSha
    base: CommitSha
    files: tuple[FileChange, ...]
    complete: bool
    commits: tuple[CommitSha, ...]
    merges: tuple[CommitSha, ...]
    behind: int
    behind_since: datetime | None

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(file.path for file in self.files)


@dataclass(frozen=True, slots=True)
class OwnersFile:
    """The file that says who owns which path, as it is on the target branch; `path` None: there is none."""

    path: str | None
    text: str


@dataclass(frozen=True, slots=True)
class CredentialAge:
    """Of what merge-hub acts with: `days` None where nobody states it, `seen_days` is for how long the log knows it."""

    fingerprint: str
    days: int | None
    seen_days: int


@dataclass(frozen=True, slots=True)
class Declared:
    """An emergency that somebody declared by command, since `at`."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Circumstances:
    """
    What rules need to know beyond the pull request; what is absent or None is unknown.

    `at` is the beginning of the day, so that the same facts stay the same for as long as they can. `groups` are the
    members of each team of the code host that is named (a name that is no team is absent).
    `contributions` and `emergencies` (those that hold) are by pull request, `trees` what a commit that may land
    carries, read anew.
    `credential` is the one that merge-hub acts with, `protection` that of the target branch. `signatures` are what the
    code host says of each commit; one of which it says nothing is absent.
    """

    at: datetime | None = None
    groups: Mapping[str, frozenset[Login]] = field(default_factory=dict)
    contributions: Mapping[int, Contribution] = field(default_factory=dict)
    owners: OwnersFile | None = None
    trees: Mapping[CommitSha, TreeSha] = field(default_factory=dict)
    credential: CredentialAge | None = None
    emergencies: Mapping[int, Declared] = field(default_factory=dict)
    protection: Protection | None = None
    signatures: Mapping[CommitSha, CommitSignature] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """
    One repository at one moment: every open pull request, whatever its target, ordered by number.

    `related` holds the state of each pull request that a body refers to; `circumstances` what the rules need to know
    beyond the pull requests. `elsewhere` holds what the open pull requests of other repositories
    depend on that those here depend on, directly or through each other, as far as that was followed. `taken_back` are
    the heads of pull requests that were rolled back.
    """

    repository: RepositoryName
    repository_id: str
    target: str
    base: CommitSha
    pull_requests: tuple[PullRequest, ...]
    related: Mapping[Reference, RelatedState] = field(default_factory=dict)
    circumstances: Circumstances = field(default_factory=Circumstances)
    elsewhere: Mapping[Reference, frozenset[Reference]] = field(default_factory=dict)
    taken_back: Mapping[CommitSha, int] = field(default_factory=dict)
