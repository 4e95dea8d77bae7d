"""
Which pull request goes before which, dependencies aside.

First the hotfix lane, then everything else; within a lane the higher priority first, of the same priority what has
waited for more periods, and then the smaller number. A priority comes from a label, and rises by one for each period
of ageing. What a pull request needs inherits its lane and its priority, so that a hotfix never waits behind others
because of what it depends on; what it needs of another repository inherits nothing, since that has a queue of its own.

Age counts from the moment at which the pull request was opened. The code host tells that moment to whoever asks, it
never moves, and no push, review or label sets it back or forward: two runs that look at the same time find the same
order, and a pull request goes before everything that was opened so many periods later as the highest priority is
above its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from graphlib import TopologicalSorter

from config.schema import Queue
from tasks.domain.model import PullRequest

Needs = Mapping[int, frozenset[int]]
"""What each pull request depends on directly, by number."""


class Lane(StrEnum):
    HOTFIX = "hotfix"
    ORDINARY = "ordinary"


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where one pull request stands in the queue of its repository.

    `priority` is what it is ordered by, `lasting` that without what ageing adds; `age` is how many periods it has
    waited. `lane_from` and `priority_from` say where they come from, and are empty for what nobody asked for.
    """

    number: int
    lane: Lane = Lane.ORDINARY
    priority: int = 0
    age: int = 0
    lasting: int = 0
    lane_from: str = ""
    priority_from: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[bool, int, int, int]:
        """The smallest goes first."""
        return self.lane is not Lane.HOTFIX, -self.priority, -self.age, self.number


@dataclass(frozen=True, slots=True)
class Ranking:
    """How a team ranks its pull requests, at a moment; nobody ages where that is None."""

    queue: Queue
    at: datetime | None


FIRST_COME = Ranking(Queue(), None)


def places_among(pulls: Sequence[PullRequest], needs: Needs, ranking: Ranking) -> dict[int, Place]:
    """`needs` has no cycle; what it names beside `pulls` stands in no queue."""
    labelled = {pull.number: _labelled(pull, ranking.queue) for pull in pulls}
    ages = {pull.number: _age(pull, ranking) for pull in pulls}
    lasting = _inherited({number: priority for number, (priority, _) in labelled.items()}, needs)
    aged = _inherited({number: labelled[number][0] + age for number, age in ages.items()}, needs)
    lanes = hotfixes(pulls, needs, ranking.queue)
    places = {}
    for pull in pulls:
        number, label = pull.number, labelled[pull.number][1]
        priority, origin = aged[number]
        own = [f"label {label}"] if label else []
        own += [f"aged by {ages[number]}"] if ages[number] else []
        places[number] = Place(
            number=number,
            lane=Lane.HOTFIX if number in lanes else Lane.ORDINARY,
            priority=priority,
            age=ages[number],
            lasting=lasting[number][0],
            lane_from=lanes.get(number, ""),
            priority_from=tuple(own) if origin == number else (f"inherited from #{origin}",),
        )
    return places


def hotfixes(pulls: Iterable[PullRequest], needs: Needs, queue: Queue) -> dict[int, str]:
    """The members of the hotfix lane, each with what put it there: a label of its own, or what needs it."""
    labels = () if queue.hotfix is None else queue.hotfix.labels
    found = {pull.number: next((label for label in labels if label in pull.labels), None) for pull in pulls}
    inherited = _inherited({number: int(label is not None) for number, label in found.items()}, needs)
    return {
        number: f"label {found[number]}" if origin == number else f"inherited from #{origin}"
        for number, (urgent, origin) in inherited.items()
        if urgent
    }


def _labelled(pull: PullRequest, queue: Queue) -> tuple[int, str]:
    """The highest priority that a label gives it, and that label; 0 and no label where none does."""
    given = [(each.priority, each.label) for each in queue.priorities if each.label in pull.labels]
    return max(given, default=(0, ""))


def _age(pull: PullRequest, ranking: Ranking) -> int:
    period = ranking.queue.ageing_period
    if period is None or ranking.at is None:
        return 0
    return max(0, (ranking.at - pull.created_at) // period)


def _inherited(own: Mapping[int, int], needs: Needs) -> dict[int, tuple[int, int]]:
    """The highest value of each number and all that needs it, and whose that is; its own where nobody has more."""
    highest = {number: (value, -number) for number, value in own.items()}
    graph = {number: needs.get(number, frozenset()) & own.keys() for number in own}
    for number in reversed(list(TopologicalSorter(graph).static_order())):
        for needed in graph[number]:
            highest[needed] = max(highest[needed], highest[number])
    return {number: (value, number if value == own[number] else -origin) for number, (value, origin) in highest.items()}
