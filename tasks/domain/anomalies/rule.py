"""What a rule says of itself, in Sigma's words, and what people do about what it finds."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """As Sigma orders them. Values are written into records and never change."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Status(StrEnum):
    """`stable` may be relied on, `test` has been tried on made-up months only, `experimental` is a guess."""

    STABLE = "stable"
    TEST = "test"
    EXPERIMENTAL = "experimental"


@dataclass(frozen=True, slots=True)
class Rule:
    """
    `id` and `uuid` never change. `who` can act on what it finds, `step` is what to do next.

    `limits` says what the rule does not see, or what it needs that not everybody has; empty where there is nothing.
    """

    id: str
    uuid: str
    title: str
    level: Level
    status: Status
    description: str
    false_positives: tuple[str, ...]
    tags: tuple[str, ...]
    who: str
    step: str
    limits: str = ""
