"""
Which pull requests depend on themselves, through others of the same repository or of several.

Across repositories a cycle is seen where every member of it is: the bodies of what is open elsewhere were followed
when the snapshot was taken.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from tasks.domain.dependencies import parse
from tasks.domain.model import Reference, RepositoryName, Snapshot

Node = TypeVar("Node", int, Reference)


def knots_of(needs: Mapping[Node, frozenset[Node]]) -> dict[Node, Mapping[Node, Node]]:
    """The members of cycles, each with what it reaches."""
    reaches = ((member, _reachable(needs, member)) for member in _tied(needs))
    return {member: reachable for member, reachable in reaches if member in reachable}


def shortest_cycle(member: Node, reachable: Mapping[Node, Node]) -> tuple[Node, ...]:
    """The shortest cycle through `member`, written from its smallest one."""
    backwards = [member]
    while (before := reachable[backwards[-1]]) != member:
        backwards.append(before)
    cycle = tuple(reversed(backwards))
    smallest = cycle.index(min(cycle))
    return cycle[smallest:] + cycle[:smallest]


def cycles_across(snapshot: Snapshot) -> dict[int, tuple[Reference, ...]]:
    """Of each open pull request of the snapshot the shortest cycle, if that leads through another repository."""
    if not snapshot.elsewhere:
        return {}
    here = {
        Reference(snapshot.repository, pull.number): depended_on(pull.body, snapshot.repository)
        for pull in snapshot.pull_requests
    }
    spelt = {folded(reference): reference for reference in (*snapshot.elsewhere, *here)}
    named = {folded(one): needs for one, needs in {**snapshot.elsewhere, **here}.items()}
    graph = {one: frozenset(map(folded, needs)) & spelt.keys() for one, needs in named.items()}
    cycles = {member: shortest_cycle(member, reachable) for member, reachable in knots_of(graph).items()}
    return {
        spelt[member].number: tuple(spelt[one] for one in cycle)
        for member, cycle in cycles.items()
        if spelt[member] in here and any(spelt[one] not in here for one in cycle)
    }


def depended_on(body: str, repository: RepositoryName) -> frozenset[Reference]:
    return frozenset(declared.reference for declared in parse(body, repository).references)


def folded(reference: Reference) -> Reference:
    """The code host ignores the case of a repository's name."""
    return Reference(RepositoryName(reference.repository.casefold()), reference.number)


def _tied(needs: Mapping[Node, frozenset[Node]]) -> Iterable[Node]:
    """The members of cycles and what is downstream of them; mostly none, and found in linear time."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError:
        return sorted(needs)
    return ()


def _reachable(needs: Mapping[Node, frozenset[Node]], start: Node) -> Mapping[Node, Node]:
    """All that `start` needs, each with what needs it on the shortest way; has `start` itself if it is on a cycle."""
    reached: dict[Node, Node] = {}
    waiting = deque([start])
    while waiting:
        member = waiting.popleft()
        for needed in sorted(one for one in needs[member] if one not in reached):
            reached[needed] = member
            waiting.append(needed)
    return reached
