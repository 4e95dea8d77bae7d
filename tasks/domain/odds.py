"""
How probable it is that gates refuse a pull request, by what is known of it before they run.

Each sign has a Beta distribution of its own, which begins with what is usual and learns from the latest pull requests
of the repository that bore the same sign and were judged. The search for culprits rests on these probabilities; a
wrong one costs gate runs and changes no verdict.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tasks.domain.model import PullRequest, StatusState

LATELY = 200
"""How many judged pull requests of one sign are looked back on."""


class Sign(StrEnum):
    """What is known of a pull request before its gates run. Values are written into records and never change."""

    NONE = "none"
    REPORTED_GOOD = "reported-good"
    REPORTED_BAD = "reported-bad"
    REFUSED_BEFORE = "refused-before"


@dataclass(frozen=True, slots=True)
class Judged:
    """A head that gates came to an answer on."""

    sign: Sign
    bad: bool


@dataclass(frozen=True, slots=True)
class Odds:
    """`bad` is a probability; `judged` says how many pull requests it was learned from."""

    bad: float
    judged: int


PRIORS: Mapping[Sign, tuple[float, float]] = {
    Sign.NONE: (1, 19),
    Sign.REPORTED_GOOD: (0.5, 19.5),
    Sign.REPORTED_BAD: (5, 5),
    Sign.REFUSED_BEFORE: (3, 9),
}
"""Bad and good ones to begin with: one in twenty where nothing is known."""

_BAD_STATES = frozenset({StatusState.FAILURE, StatusState.ERROR})


def sign_of(pull_request: PullRequest, refused: Collection[int]) -> Sign:
    """`refused` are the numbers whose earlier heads gates refused. A status that is neither good nor bad is no sign."""
    states = {status.state for status in pull_request.statuses}
    if states & _BAD_STATES:
        return Sign.REPORTED_BAD
    if pull_request.number in refused:
        return Sign.REFUSED_BEFORE
    return Sign.REPORTED_GOOD if states == {StatusState.SUCCESS} else Sign.NONE


def odds_of(sign: Sign, judged: Iterable[Judged]) -> Odds:
    """`judged` is in the order in which they were judged, the latest last."""
    lately = [each.bad for each in judged if each.sign is sign][-LATELY:]
    bad, good = PRIORS[sign]
    return Odds((bad + sum(lately)) / (bad + good + len(lately)), len(lately))
