"""What a landing can come to: a moved head or base is an answer, not a failure."""

from dataclasses import dataclass

from config.schema import MergeMethod
from tasks.domain.audit import Event
from tasks.domain.gates import Candidate
from tasks.domain.model import CommitSha, TreeSha


@dataclass(frozen=True, slots=True)
class Pushed:
    """The target branch is at the commit that was pushed, now or since an earlier attempt."""

    commit: CommitSha


@dataclass(frozen=True, slots=True)
class BaseMoved:
    """Somebody else moved the target branch; nothing was overwritten."""

    expected: CommitSha
    actual: CommitSha

    @property
    def message(self) -> str:
        return f"the target branch was expected at {self.expected} and found at {self.actual}"


@dataclass(frozen=True, slots=True)
class HeadMoved:
    number: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """The code host declined, in its own words: a protected branch, a hook, a setting."""

    message: str


@dataclass(frozen=True, slots=True)
class MergedByHost:
    """The commit that the code host's merge left on the target branch."""

    commit: CommitSha


@dataclass(frozen=True, slots=True)
class Announced:
    """
    What is about to land; `intents` are the durable records that say so, one a pull request.

    `change_set` is the one that it lands as a part of, None where it lands by itself.
    """

    candidate: Candidate
    intents: tuple[Event, ...]
    change_set: str | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """The target branch took it: `commit` is what it was announced as, or what the code host's merge made of it."""

    announced: Announced
    commit: CommitSha


Reply = Arrived | BaseMoved | HeadMoved | Rejected
PushReply = Pushed | BaseMoved | Rejected
MergeReply = MergedByHost | HeadMoved | Rejected


@dataclass(frozen=True, slots=True)
class Landed:
    """One pull request on the target branch: `commit` is its own, `gated_tree` the tree that was gated for it."""

    number: int
    commit: CommitSha
    tree: TreeSha
    gated_tree: TreeSha
    method: MergeMethod
