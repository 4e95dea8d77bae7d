"""Strategies that test pull requests one by one, each on top of all that are ahead of it."""

import heapq
from collections.abc import Collection, Sequence

from tasks.domain.simulation.backlog import Backlog, Tree


class Window:
    """
    The first so many at once, each with those ahead of it that have not failed (Zuul, GitHub, GitLab; of 1: serial).

    Only the first one lands or is refused; who fails behind others is left out by those behind it and waits for them.
    """

    confirming: Collection[Tree] = ()

    def __init__(self, width: int) -> None:
        self._width = width

    def wanted(self, backlog: Backlog) -> Sequence[Tree]:
        _settle(backlog)
        return _ahead(backlog, self._width)


class AdaptiveWindow:
    """Zuul's: one wider after each that lands, half as wide after each that is refused, never below its floor."""

    FLOOR = 3
    confirming: Collection[Tree] = ()

    def __init__(self, width: int) -> None:
        self._width = width

    def wanted(self, backlog: Backlog) -> Sequence[Tree]:
        for landed in _settle(backlog):
            self._width = self._width + 1 if landed else max(self.FLOOR, self._width // 2)
        return _ahead(backlog, self._width)


class BestFirst:
    """
    The likeliest futures first, also those in which some ahead fail (SubmitQueue's speculation tree).

    `bad` is the probability that one is bad, which it is told: it need not learn.
    """

    confirming: Collection[Tree] = ()

    def __init__(self, bad: float, slots: int) -> None:
        self._bad = bad
        self._slots = slots

    def wanted(self, backlog: Backlog) -> Sequence[Tree]:
        _settle(backlog)
        line = list(backlog.first(self._slots))
        futures = [(-1.0, 0, 0, backlog.base)]
        wanted: list[Tree] = []
        made = 0
        while futures and len(wanted) < self._slots:
            weight, depth, _, tree = heapq.heappop(futures)
            if depth == len(line):
                continue
            child = backlog.onto(tree, line[depth])
            if child.green is None:
                wanted.append(child)
            for after, share in self._futures(tree, child):
                made += 1
                heapq.heappush(futures, (weight * share, depth + 1, made, after))
        return wanted

    def _futures(self, tree: Tree, child: Tree) -> Sequence[tuple[Tree, float]]:
        """What those behind may find ahead of them, and how likely it is."""
        if child.green is None:
            return (child, 1 - self._bad), (tree, self._bad)
        return ((child if child.green else tree, 1.0),)


def _settle(backlog: Backlog) -> list[bool]:
    """Lands or refuses the first one for as long as it has an answer, and says of each whether it landed."""
    settled = []
    while backlog.waiting and (tree := backlog.merged(backlog.first(1))).green is not None:
        settled.append(tree.green)
        if tree.green:
            backlog.land(tree)
        else:
            backlog.refuse(tree.member)
    return settled


def _ahead(backlog: Backlog, width: int) -> Sequence[Tree]:
    wanted, tree = [], backlog.base
    for number in backlog.first(width):
        child = backlog.onto(tree, number)
        if child.green is None:
            wanted.append(child)
        if child.green is not False:
            tree = child
    return wanted
