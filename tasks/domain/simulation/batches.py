"""Strategies that test pull requests together, and then look for who was at fault."""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tasks.domain.gates import Members
from tasks.domain.simulation.backlog import Backlog, Tree


class _Trial:
    """A tree that is run whatever was found of it before: these strategies remember nothing of a tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._before = len(tree.found)

    @property
    def green(self) -> bool | None:
        """None before the run has ended."""
        return self.tree.found[-1] if len(self.tree.found) > self._before else None


@dataclass(frozen=True, slots=True)
class _Part:
    """`left` has its other half behind it; `red` is known to be red and not tested."""

    members: Members
    left: bool = False
    red: bool = False


class Halving:
    """
    One batch after the other; a red one is tested again in two halves (bors-ng). One run at a time, however many slots.

    With `inference` the right half of a red batch whose left half was green is known to be red, and not tested.
    """

    confirming: Collection[Tree] = ()

    def __init__(self, batch: int, *, inference: bool = False) -> None:
        self._batch = batch
        self._inference = inference
        self._parts: list[_Part] = []
        self._trial: _Trial | None = None

    def wanted(self, backlog: Backlog) -> Sequence[Tree]:
        while backlog.waiting:
            self._parts = self._parts or [_Part(tuple(backlog.first(self._batch)))]
            part = self._parts[-1]
            trial = self._trial = self._trial or _Trial(backlog.merged(part.members))
            if not part.red and trial.green is None:
                return (trial.tree,)
            self._settle(backlog, trial.tree, green=not part.red and trial.green is True)
        return ()

    def _settle(self, backlog: Backlog, tree: Tree, *, green: bool) -> None:
        part, self._trial = self._parts.pop(), None
        if green:
            backlog.land(tree)
            if self._inference and part.left:
                self._parts[-1] = _Part(self._parts[-1].members, red=True)
        elif len(part.members) == 1:
            backlog.refuse(part.members[0])
        else:
            middle = (len(part.members) + 1) // 2
            self._parts += [_Part(part.members[middle:]), _Part(part.members[:middle], left=True)]


class Tide:
    """A batch beside the first pull request alone, two runs however many slots; a red batch is just not merged."""

    confirming: Collection[Tree] = ()

    def __init__(self, batch: int) -> None:
        self._batch = batch
        self._round: tuple[_Trial, _Trial] | None = None

    def wanted(self, backlog: Backlog) -> Sequence[Tree]:
        while backlog.waiting:
            batch, single = self._round = self._round or (
                _Trial(backlog.merged(backlog.first(self._batch))),
                _Trial(backlog.merged(backlog.first(1))),
            )
            if single.green is None or batch.green is None:
                return [trial.tree for trial in (batch, single) if trial.green is None]
            self._settle(backlog, batch, single)
        return ()

    def _settle(self, backlog: Backlog, batch: _Trial, single: _Trial) -> None:
        self._round = None
        if batch.green:
            backlog.land(batch.tree)
        elif single.green:
            backlog.land(single.tree)
        else:
            backlog.refuse(single.tree.member)


class KAry:
    """
    As many batches at once as there are slots, each on top of those ahead; a red one is tested again in as many parts.

    The parts are tested at once, each on top of those before it, and the last not at all: what is good ahead of the
    first bad part lands, what is behind it goes back into the queue (Mergify, Trunk, Aviator).
    """

    confirming: Collection[Tree] = ()

    def __init__(self, batch: int, slots: int) -> None:
        self._batch = batch
        self._slots = slots
        self._formed: list[Members] = []
        self._red: Members = ()

    def wanted(self, backlog: Backlog) -> Sequence[Tree]:
        wanted: Sequence[Tree] = ()
        while backlog.waiting and not wanted:
            wanted = self._among(backlog) if self._red else self._ahead(backlog)
        return wanted

    def _ahead(self, backlog: Backlog) -> Sequence[Tree]:
        self._form(backlog)
        stacked = list(_stacked(backlog, self._formed))
        for tree, members in stacked:
            if tree.green is None:
                break
            self._formed.pop(0)
            if not tree.green:
                self._red, self._formed = members, []
                return ()
            backlog.land(tree)
        return [tree for tree, _ in stacked if tree.green is None]

    def _form(self, backlog: Backlog) -> None:
        """Batches stay as they were formed; those that arrive later are in later ones."""
        already = sum(map(len, self._formed))
        line = tuple(backlog.first(already + self._batch * (self._slots - len(self._formed))))
        self._formed += _pieces(line[already:], self._batch)

    def _among(self, backlog: Backlog) -> Sequence[Tree]:
        """Of the red batch one part is at fault: the first that is red on top of those before it, or else the last."""
        parts = list(_stacked(backlog, _pieces(self._red, math.ceil(len(self._red) / max(self._slots, 2)))))
        unknown = [tree for tree, _ in parts[:-1] if tree.green is None]
        if unknown:
            return unknown
        culprit = next((at for at, (tree, _) in enumerate(parts[:-1]) if not tree.green), len(parts) - 1)
        if culprit:
            backlog.land(parts[culprit - 1][0])
        self._red = parts[culprit][1]
        if len(self._red) == 1:
            backlog.refuse(self._red[0])
            self._red = ()
        return ()


def _pieces(members: Members, size: int) -> list[Members]:
    return [members[at : at + size] for at in range(0, len(members), size)]


def _stacked(backlog: Backlog, groups: Sequence[Members]) -> Iterator[tuple[Tree, Members]]:
    """Each group on top of those before it."""
    tree = backlog.base
    for members in groups:
        for number in members:
            tree = backlog.onto(tree, number)
        yield tree, members
