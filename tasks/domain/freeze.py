"""
Whether a freeze keeps a pull request from landing, and which.

What is frozen is planned, shown as held, and not gated: gates would cost the same again on the target branch as it is
when the freeze ends. A freeze lets land what has one of its excepted labels, what has its `min_priority`, and the
hotfix lane unless it says otherwise. Inheritance counts, so that a hotfix can land with what it needs; age does not,
or a long freeze would end by itself for whoever waits long enough.
"""

from collections.abc import Sequence
from datetime import datetime

from config.schema import Freeze
from tasks.domain.model import PullRequest, Snapshot
from tasks.domain.ordering import order_candidates
from tasks.domain.queue import Lane, Needs, Place, Ranking, places_among
from tasks.domain.reasons import Reason, ReasonCode, told_moment
from tasks.domain.rules import Rules


def frozen_candidates(
    snapshot: Snapshot, candidates: frozenset[int], rules: Rules, at: datetime
) -> dict[int, tuple[Reason, ...]]:
    """Of the candidates that could land, those that a freeze keeps from it."""
    ordered = order_candidates(snapshot, candidates)
    return frozen_among(ordered.order, ordered.dependencies, rules, at)


def frozen_among(
    pulls: Sequence[PullRequest], needs: Needs, rules: Rules, at: datetime
) -> dict[int, tuple[Reason, ...]]:
    """Every freeze that holds at `at` for each of `pulls`, by number."""
    held = [(freeze, _reason(freeze, window.until)) for freeze in rules.freezes if (window := freeze.window(at))]
    if not held:
        return {}
    places = places_among(pulls, needs, Ranking(rules.queue, at))
    found = {
        pull.number: tuple(reason for freeze, reason in held if not _excepted(freeze, pull, places[pull.number]))
        for pull in pulls
    }
    return {number: reasons for number, reasons in found.items() if reasons}


def _excepted(freeze: Freeze, pull: PullRequest, place: Place) -> bool:
    urgent = freeze.hotfix and place.lane is Lane.HOTFIX
    important = freeze.min_priority is not None and place.lasting >= freeze.min_priority
    return urgent or important or not pull.labels.isdisjoint(freeze.except_labels)


def _reason(freeze: Freeze, until: datetime | None) -> Reason:
    end = "with no end in sight" if until is None else f"until {told_moment(until)}"
    return Reason(ReasonCode.FROZEN, f"frozen {end} by the freeze {freeze.name}: {freeze.reason}", freeze.owner, until)
