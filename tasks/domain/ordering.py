"""
In which order the candidates can land, and why some of them cannot.

A pull request lands after everything that it depends on. One that needs something which does not land is held, and so
is everything downstream of it, each time with the pull request at the root of it named; only the members of a cycle
are refused.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from heapq import heapify, heappop, heappush

from tasks.domain.cycles import cycles_across, folded, knots_of, shortest_cycle
from tasks.domain.dependencies import MAXIMUM_REFERENCES, DeclaredReference, parse
from tasks.domain.model import PullRequest, Reference, RelatedState, Snapshot
from tasks.domain.queue import FIRST_COME, Needs, Place, Ranking, places_among
from tasks.domain.reasons import Reason, ReasonCode


@dataclass(frozen=True, slots=True)
class Ordered:
    """
    `order` is the landing order of the candidates that can land, by their `places` where there is a choice.

    `dependencies` name what each of them needs of the others; `reasons` hold every other candidate.
    """

    order: tuple[PullRequest, ...]
    dependencies: Needs
    reasons: Mapping[int, tuple[Reason, ...]]
    places: Mapping[int, Place] = field(default_factory=dict)


def references_to_resolve(snapshot: Snapshot) -> tuple[Reference, ...]:
    """What the code host must be asked about: all that is named and is no open pull request of the snapshot, sorted."""
    own = {Reference(snapshot.repository, pull_request.number) for pull_request in snapshot.pull_requests}
    bodies = (pull_request.body for pull_request in snapshot.pull_requests)
    named = {declared.reference for body in bodies for declared in parse(body, snapshot.repository).references}
    return tuple(sorted(named - own))


def order_candidates(snapshot: Snapshot, candidates: Collection[int], ranking: Ranking = FIRST_COME) -> Ordered:
    """
    `candidates` are numbers of the snapshot; each of them is in the order or has every reason why it is not.

    Without a ranking the smallest number that is ready goes first.

    An open pull request that `related` calls merged has landed already, and is waited for no longer.
    """
    pull_requests = {pull_request.number: pull_request for pull_request in snapshot.pull_requests}
    here, across = _waited_for(snapshot), cycles_across(snapshot)
    declarations = {
        number: _declared(pull_requests[number], snapshot, here, across.get(number, ()))
        for number in sorted(set(candidates))
    }
    needs = {number: declaration.needs for number, declaration in declarations.items()}
    knots = knots_of({number: needed & needs.keys() for number, needed in needs.items()})
    reasons = {number: list(declaration.reasons) for number, declaration in declarations.items()}
    for number, reachable in knots.items():
        cycle = (f"#{one}" for one in shortest_cycle(number, reachable))
        reasons[number].append(_cycle_reason(cycle, pull_requests[number]))

    untied = {
        number: frozenset(needed for needed in needs[number] if number not in knots.get(needed, {}))
        - {one.number for one in across.get(number, ()) if one in here}
        for number in needs
    }
    out = {number for number, own in reasons.items() if own} | (pull_requests.keys() - needs.keys())
    for number, held in reasons_downstream(untied, out, snapshot).items():
        reasons[number].extend(held)

    members = {number: needs[number] for number in needs if not reasons[number]}
    places = places_among([pull_requests[number] for number in members], members, ranking)
    order = tuple(pull_requests[number] for number in _first_in_line(members, places))
    return Ordered(order, members, {number: tuple(found) for number, found in reasons.items() if found}, places)


def reasons_downstream(needs: Needs, out: Collection[int], snapshot: Snapshot) -> dict[int, tuple[Reason, ...]]:
    """Why everything that needs one of `out`, directly or through others, is held. `needs` has no cycle."""
    pull_requests = {pull_request.number: pull_request for pull_request in snapshot.pull_requests}
    roots = {number: number for number in out}
    reasons: dict[int, tuple[Reason, ...]] = {}
    for number in TopologicalSorter(needs).static_order():
        blocking = sorted(needed for needed in needs.get(number, ()) if needed in roots)
        if blocking:
            reasons[number] = tuple(_held_by(pull_requests, needed, roots[needed], snapshot) for needed in blocking)
            roots.setdefault(number, roots[blocking[0]])
    return reasons


def needs_among(snapshot: Snapshot, numbers: Collection[int]) -> Needs:
    """What each of `numbers`, which are open, needs of the others, be it in a circle."""
    pull_requests = {pull_request.number: pull_request for pull_request in snapshot.pull_requests}
    here = _waited_for(snapshot)
    return {number: _declared(pull_requests[number], snapshot, here, ()).needs & set(numbers) for number in numbers}


def references_to_ask_again(pull_requests: Iterable[PullRequest], snapshot: Snapshot) -> tuple[Reference, ...]:
    """
    What held none of `pull_requests` up and may do so by now, sorted.

    Merged is for good, an issue stays one, and whatever else is not merged holds up already; but what is only closed
    by them may have been opened again, or have appeared, since it was closed or could not be seen.
    """
    named = {declared for pull in pull_requests for declared in parse(pull.body, snapshot.repository).references}
    passed = {each.reference for each in named if each.closing}
    return tuple(sorted(one for one in passed if snapshot.related.get(one) in _MAY_YET_BE_OPEN))


def reasons_of_dependencies(pull_request: PullRequest, snapshot: Snapshot) -> tuple[Reason, ...]:
    """What `related` holds against it; what it does not tell of is waited for in other ways."""
    told = parse(pull_request.body, snapshot.repository).references
    found = (_unmet(named, snapshot, pull_request) for named in told if named.reference in snapshot.related)
    return tuple(reason for reason in found if reason is not None)


@dataclass(frozen=True, slots=True)
class _Declaration:
    """`needs` are open pull requests of the same repository, `reasons` what is wrong with everything else."""

    needs: frozenset[int]
    reasons: tuple[Reason, ...]


def _declared(
    pull_request: PullRequest, snapshot: Snapshot, here: frozenset[Reference], across: tuple[Reference, ...]
) -> _Declaration:
    """`across` is the cycle through other repositories that it is on, which says more than that they are open."""
    declared = parse(pull_request.body, snapshot.repository)
    itself = Reference(snapshot.repository, pull_request.number)
    told = {folded(one) for one in across}
    found = [
        _unmet(named, snapshot, pull_request)
        for named in declared.references
        if named.reference not in here and folded(named.reference) not in told
    ]
    if any(named.reference == itself for named in declared.references):
        found.append(_cycle_reason([f"#{itself.number}"], pull_request))
    if across:
        cycle = (f"#{one.number}" if one.repository == snapshot.repository else str(one) for one in across)
        found.append(_cycle_reason(cycle, pull_request))
    found += [
        _unknown(f"depends on “{text}”, which names no pull request", pull_request) for text in declared.unreadable
    ]
    found += [_brings(number, pull_request) for number in _taken_back_with(pull_request, snapshot)]
    if declared.surplus:
        message = f"names {declared.surplus} dependencies more than the {MAXIMUM_REFERENCES} that can be considered"
        found.append(_unknown(message, pull_request))
    named_here = {named.reference for named in declared.references}
    needs = (named_here | _brought_along(pull_request, snapshot)) & here - {itself}
    return _Declaration(frozenset(need.number for need in needs), tuple(reason for reason in found if reason))


def _brought_along(pull_request: PullRequest, snapshot: Snapshot) -> frozenset[Reference]:
    """
    Those of the same target whose head is among its commits: landing it would land them, whatever is against them.

    Two with the same head bring each other along, and neither can wait for the other.
    """
    commits = {commit.sha for commit in pull_request.commits} - {pull_request.head}
    return frozenset(
        Reference(snapshot.repository, other.number)
        for other in snapshot.pull_requests
        if other.target == pull_request.target and other.head in commits
    )


def _taken_back_with(pull_request: PullRequest, snapshot: Snapshot) -> list[int]:
    """Those that were rolled back and whose head is among its commits; its own commits it may bring again."""
    commits = {*(commit.sha for commit in pull_request.commits), pull_request.head}
    numbers = {number for head, number in snapshot.taken_back.items() if head in commits}
    return sorted(numbers - {pull_request.number})


def _waited_for(snapshot: Snapshot) -> frozenset[Reference]:
    """The open pull requests of the snapshot, but for those that landed, for good or not, and are still shown."""
    here = (Reference(snapshot.repository, pull_request.number) for pull_request in snapshot.pull_requests)
    return frozenset(one for one in here if snapshot.related.get(one) not in _HAVE_LANDED)


_HAVE_LANDED = frozenset({RelatedState.MERGED, RelatedState.ROLLED_BACK})
_UNMET: dict[RelatedState | None, tuple[ReasonCode, str]] = {
    RelatedState.OPEN: (ReasonCode.DEPENDENCY_OPEN, "which is open"),
    RelatedState.CLOSED: (ReasonCode.DEPENDENCY_CLOSED, "which was closed unmerged"),
    RelatedState.ROLLED_BACK: (ReasonCode.DEPENDENCY_ROLLED_BACK, "which was rolled back"),
    RelatedState.ISSUE: (ReasonCode.DEPENDENCY_UNKNOWN, "which is an issue and no pull request"),
    RelatedState.MISSING: (ReasonCode.DEPENDENCY_UNKNOWN, "which does not exist or cannot be seen"),
    None: (ReasonCode.DEPENDENCY_UNKNOWN, "of which the code host told nothing"),
}
_ONLY_CLOSED = frozenset({RelatedState.CLOSED, RelatedState.ISSUE, RelatedState.MISSING})
_MAY_YET_BE_OPEN = frozenset({RelatedState.CLOSED, RelatedState.MISSING})


def _unmet(named: DeclaredReference, snapshot: Snapshot, by: PullRequest) -> Reason | None:
    """None where the reference holds nothing up: it is merged, or an issue or the like that only gets closed."""
    reference = named.reference
    state = snapshot.related.get(reference)
    if state is RelatedState.MERGED or (named.closing and state in _ONLY_CLOSED):
        return None
    in_sight = reference.repository == snapshot.repository
    code, found = _UNMET[state]
    if in_sight and state is RelatedState.OPEN:
        code, found = ReasonCode.DEPENDENCY_HELD, "which was opened after the snapshot"
    # Whose an open pull request of elsewhere is, the snapshot does not tell.
    actor = None if state is RelatedState.OPEN else by.author
    return Reason(code, f"needs {f'#{reference.number}' if in_sight else reference} landed first, {found}", actor)


def _brings(number: int, by: PullRequest) -> Reason:
    message = f"holds the commits of #{number}, which was rolled back"
    return Reason(ReasonCode.DEPENDENCY_ROLLED_BACK, message, by.author)


def _unknown(message: str, by: PullRequest) -> Reason:
    return Reason(ReasonCode.DEPENDENCY_UNKNOWN, message, by.author)


def _held_by(pull_requests: Mapping[int, PullRequest], needed: int, root: int, snapshot: Snapshot) -> Reason:
    culprit = pull_requests[root]
    if needed != root:
        why = f"that waits for #{root}"
    elif culprit.target != snapshot.target:
        why = f"it targets {culprit.target}, not {snapshot.target}"
    else:
        why = "it is not landing itself"
    return Reason(ReasonCode.DEPENDENCY_HELD, f"needs #{needed} landed first, and {why}", culprit.author)


def _cycle_reason(cycle: Iterable[str], by: PullRequest) -> Reason:
    members = list(cycle)
    path = " → ".join([*members, members[0]])
    return Reason(ReasonCode.DEPENDENCY_CYCLE, f"depends on itself: {path}", by.author)


def _first_in_line(needs: Needs, places: Mapping[int, Place]) -> Iterator[int]:
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    ready = [(places[number].rank, number) for number in sorter.get_ready()]
    heapify(ready)
    while ready:
        _, number = heappop(ready)
        yield number
        sorter.done(number)
        for freed in sorter.get_ready():
            heappush(ready, (places[freed].rank, freed))
