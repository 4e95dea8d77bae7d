"""
Which of the open pull requests are tested apart from each other.

The lane is that of what is open now: what a hotfix needed is an ordinary one once that hotfix is settled.
"""

from tasks.domain.journey import Journey
from tasks.domain.model import PullRequest
from tasks.domain.queue import hotfixes

OneLane = tuple[PullRequest, ...]


def open_lanes(journey: Journey) -> tuple[OneLane, ...]:
    """In landing order, as are their members; none is empty."""
    urgent = hotfixes(journey.open, journey.dependencies, journey.rules.queue)
    lanes = (
        tuple(pull for pull in journey.open if pull.number in urgent),
        tuple(pull for pull in journey.open if pull.number not in urgent),
    )
    return tuple(lane for lane in lanes if lane)


def lane_of(number: int, journey: Journey) -> OneLane:
    """Everybody in the lane of `number`, which is open."""
    return next(lane for lane in open_lanes(journey) if any(pull.number == number for pull in lane))
