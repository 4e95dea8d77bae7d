"""
What can come of judging one rule, each with a clause that says what was expected and what was found.

A rule that cannot be evaluated is in error, which is never a pass. `reasons` say who can change it.
"""

from dataclasses import dataclass

from tasks.domain.reasons import Reason, ReasonCode


@dataclass(frozen=True, slots=True)
class Satisfied:
    because: str


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The rule is not about this pull request."""

    because: str


@dataclass(frozen=True, slots=True)
class Violated:
    because: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class InError:
    because: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Waived:
    """It is not satisfied, and somebody may let that pass and has: `by` is the id of the waiver, or `emergency`."""

    because: str
    by: str


Judgement = Satisfied | NotApplicable | Violated | InError | Waived


def violated(because: str, actor: str | None) -> Violated:
    return Violated(because, (Reason(ReasonCode.POLICY_VIOLATED, because, actor),))


def in_error(because: str, actor: str | None = None) -> InError:
    return InError(because, (Reason(ReasonCode.POLICY_ERROR, because, actor),))


def judged(because: str, reasons: tuple[Reason, ...]) -> Judgement:
    """Violated where there are reasons against it."""
    return Violated(because, reasons) if reasons else Satisfied(because)


def listed(names: tuple[str, ...] | list[str], most: int = 5) -> str:
    """The first ones, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
