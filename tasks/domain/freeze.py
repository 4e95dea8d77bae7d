"""
Whether a freeze keeps a pull request from landing, and which.

What is frozen is planned, shown as held, and not gated: gates would cost the same again on the target branch as it is
when the freeze ends. A freeze lets land what has one of its excepted labels, what has its `min_priority`, and the
hotfix lane unless it says otherwise. Inheritance counts, so that a hotfix can land with what it needs; age does not,
or a long freeze would end by itself for whoever waits long enough.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.schema import Freeze
from tasks.domain.model import PullRequest, Snapshot
from tasks.domain.ordering import order_candidates
from tasks.domain.queue import Lane, Needs, Place, Ranking, places_among
from tasks.domain.reasons import Reason, ReasonCode, told_moment
from tasks.domain.rules import Rules


@dataclass(frozen=True, slots=True)
class Passed:
    """A freeze that holds and lets a pull request through, and what lets it."""

    freeze: Freeze
    because: str


@dataclass(frozen=True, slots=True)
class Frost:
    """What the freezes of one moment say: whom they hold, with every one that does, and whom they let through."""

    held: Mapping[int, tuple[Reason, ...]]
    passed: Mapping[int, tuple[Passed, ...]]


def frozen_candidates(
    snapshot: Snapshot, candidates: frozenset[int], rules: Rules, at: datetime
) -> Mapping[int, tuple[Reason, ...]]:
    """Of the candidates that could land, those that a freeze keeps from it."""
    ordered = order_candidates(snapshot, candidates)
    return frost_among(ordered.order, ordered.dependencies, rules, at).held


def frost_among(pulls: Sequence[PullRequest], needs: Needs, rules: Rules, at: datetime) -> Frost:
    holding = [(freeze, window) for freeze in rules.freezes if (window := freeze.window(at))]
    if not holding:
        return Frost({}, {})
    places = places_among(pulls, needs, Ranking(rules.queue, at))
    held: dict[int, tuple[Reason, ...]] = {}
    passed: dict[int, tuple[Passed, ...]] = {}
    for pull in pulls:
        for freeze, window in holding:
            because = _let_through(freeze, pull, places[pull.number])
            if because:
                passed[pull.number] = (*passed.get(pull.number, ()), Passed(freeze, because))
            else:
                held[pull.number] = (*held.get(pull.number, ()), _reason(freeze, window.until))
    return Frost(held, passed)


def _let_through(freeze: Freeze, pull: PullRequest, place: Place) -> str:
    """Empty where nothing does."""
    excepted = next((label for label in freeze.except_labels if label in pull.labels), None)
    if excepted is not None:
        return f"label {excepted}"
    if freeze.hotfix and place.lane is Lane.HOTFIX:
        return f"hotfix lane, {place.lane_from}"
    if freeze.min_priority is not None and place.lasting >= freeze.min_priority:
        return f"priority {place.lasting}"
    return ""


def _reason(freeze: Freeze, until: datetime | None) -> Reason:
    end = "with no end in sight" if until is None else f"until {told_moment(until)}"
    return Reason(ReasonCode.FROZEN, f"frozen {end} by the freeze {freeze.name}: {freeze.reason}", freeze.owner, until)
