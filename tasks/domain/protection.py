"""
How the code host guards a branch, and what it says of the signatures of commits: as it was read, nothing decided.

Whoever may get around a guard is spelt as the configuration spells it (`app:7`, `role:admin`), so that both compare.
"""

from dataclasses import dataclass
from enum import StrEnum


class Reach(StrEnum):
    """
    What somebody may get around, each with what stands before it. Values are written into records and never change.

    Whoever may only merge what nobody reviewed can neither push by force nor delete.
    """

    REVIEWS = "reviews"
    MERGING = "merging"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Bypass:
    """`name` is what the code host calls the actor, None where it tells only of an id."""

    actor: str
    reach: Reach
    name: str | None = None

    def __str__(self) -> str:
        return self.actor if self.name is None else f"{self.actor} ({self.name})"


@dataclass(frozen=True, slots=True)
class Guard:
    """
    One thing that guards a branch and is enforced: its classic protection, or a ruleset.

    What is False or empty it does not demand. `reviews` None: it demands no pull request at all. `bypass` None: the
    code host does not tell who may get around it, and `discloses` is the permission with which it would.
    """

    name: str
    reviews: int | None = None
    dismiss_stale: bool = False
    last_push_approval: bool = False
    code_owner_review: bool = False
    checks: tuple[str, ...] = ()
    strict_checks: bool = False
    linear_history: bool = False
    signed_commits: bool = False
    block_force_push: bool = False
    block_deletion: bool = False
    bypass: tuple[Bypass, ...] | None = None
    discloses: str = ""


SWITCHES = (
    "dismiss_stale",
    "last_push_approval",
    "code_owner_review",
    "strict_checks",
    "linear_history",
    "signed_commits",
    "block_force_push",
    "block_deletion",
)
"""What a guard demands or does not."""


@dataclass(frozen=True, slots=True)
class Unread:
    """What may guard a branch as well and is kept from us; `needs` is the permission with which it could be read."""

    name: str
    needs: str


@dataclass(frozen=True, slots=True)
class Protection:
    """All that guards `branch`; nothing does where both are empty."""

    branch: str
    guards: tuple[Guard, ...]
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, slots=True)
class CommitSignature:
    """
    What the code host says of one commit's signature; `state` is its own word, `unsigned` where there is none.

    `signer` is None where it knows nobody to whom the key belongs. `by_host` says that it signed the commit itself.
    """

    state: str
    verified: bool
    signer: str | None
    by_host: bool
