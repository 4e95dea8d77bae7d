"""
Who must land, worked out from scratch by the words of the contract, from what anybody can see.

Nothing here knows how merge-hub decides, and a gate is a rule over sets of files that nothing added can turn green
again, so that the order of the search for culprits does not matter.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tests.flows.histories.facts import Facts, Key, Pull, Terms
from tests.flows.histories.graph import Branch, Conflicting, Unclear, red


@dataclass(frozen=True, slots=True)
class Situation:
    """
    One repository before a run, which is frozen as `freeze` says, `at` its beginning.

    `refused` are heads that gates refused and that nobody asked to try again; `quarantined` they refused too often.
    `spent` are the names of change sets of which something has landed and something has not, or not for long.
    """

    facts: Facts
    terms: Terms
    freeze: str
    at: datetime
    refused: frozenset[tuple[int, str]]
    quarantined: frozenset[int]
    spent: frozenset[str]


@dataclass(slots=True)
class Foretold:
    """`unclear` are the repositories of which nothing is foretold: what comes of them may hang on who was quicker."""

    landing: dict[str, frozenset[int]]
    unclear: set[str] = field(default_factory=set)


def foretell(situations: Mapping[str, Situation]) -> Foretold:
    """What one run lands, in each repository, where nobody disturbs it."""
    foretold = Foretold(dict.fromkeys(situations, frozenset()))
    elsewhere = {(name, number) for name, each in situations.items() for number in each.facts.there}
    sets = sets_in(situations)
    before = -1
    while before != len(elsewhere):
        before = len(elsewhere)
        for name, situation in situations.items():
            try:
                now = _journey(situation, elsewhere, foretold.landing[name])
            except Unclear:
                foretold.unclear.add(name)
                continue
            foretold.landing[name] = now
            elsewhere |= {(name, number) for number in now}
        if before == len(elsewhere):
            elsewhere |= _land_sets(sets, situations, elsewhere, foretold)
    foretold.unclear |= {name for name, each in situations.items() if _hangs_on_order(each)}
    for _ in situations:
        foretold.unclear |= {name for name, each in situations.items() if _abroad(each) & foretold.unclear}
    return foretold


def sets_in(situations: Mapping[str, Situation]) -> dict[str, list[tuple[str, Pull]]]:
    """The open members of each change set, by its name."""
    found: dict[str, list[tuple[str, Pull]]] = {}
    for name, situation in situations.items():
        for pull in situation.facts.open:
            if pull.change_set is not None:
                found.setdefault(pull.change_set, []).append((name, pull))
    return found


def _land_sets(
    sets: Mapping[str, list[tuple[str, Pull]]],
    situations: Mapping[str, Situation],
    elsewhere: set[Key],
    foretold: Foretold,
) -> set[Key]:
    """What lands of the sets of which every member may: nothing is foretold where any could be in another one's way."""
    new: set[Key] = set()
    for members in sets.values():
        keys = {(name, pull.number) for name, pull in members}
        needed = {need for name, pull in members for need in _all_needs(pull, situations[name].facts)}
        able = all(_able(pull, situations[name]) for name, pull in members)
        if not able or not needed <= elsewhere | keys or keys <= elsewhere:
            continue
        if all(_is_simple(pull, situations[name], members) for name, pull in members):
            new |= keys
            for name, pull in members:
                foretold.landing[name] |= {pull.number}
        else:
            foretold.unclear |= {name for name, _ in keys}
    return new


def _is_simple(pull: Pull, situation: Situation, members: list[tuple[str, Pull]]) -> bool:
    """Whether it can be in nobody's way, nor be red, and neither can all of its set in its repository."""
    facts, terms = situation.facts, situation.terms
    here = facts.graph.files(facts.tip).keys()
    brought = facts.graph.files(pull.head).keys() - here
    beside = sum(name == facts.repository for name, _ in members)
    return (
        all(path.startswith("own-") for path in brought)
        and not any(path.startswith(("broken", "ugly", "discord", "smoking", "fire", "water")) for path in here)
        and beside <= (1 if terms.landing == "api" else terms.cap)
        and not situation.freeze
        and pull.change_set not in situation.spent
        and not pull.urgency[0]
    )


def _all_needs(pull: Pull, facts: Facts) -> set[Key]:
    return {(facts.repository, number) for number in needs_here(pull, facts)} | set(pull.needs)


def _able(pull: Pull, situation: Situation) -> bool:
    """Whether nothing that is known of it alone keeps it; what has landed may be open because nobody closed it yet."""
    return (
        pull.may_land(situation.terms, situation.at)
        and pull.number not in situation.facts.landed
        and (pull.number, pull.head) not in situation.refused
        and pull.number not in situation.quarantined
    )


def _abroad(situation: Situation) -> set[str]:
    return {name for pull in situation.facts.open for name, _ in pull.needs} - {situation.facts.repository}


def _hangs_on_order(situation: Situation) -> bool:
    """
    Which of two repositories is first is not decided, so what waits for the other one must be in nobody's way.

    It is in nobody's way where nothing that it or those behind it bring is a file that others have, or red.
    """
    facts = situation.facts
    waiting = {pull.number for pull in facts.open if any(name != facts.repository for name, _ in pull.needs)}
    for _ in facts.open:
        waiting |= {
            pull.number
            for pull in facts.open
            if any((facts.repository, number) in pull.needs for number in waiting)
            or any(facts.pulls[number].head in pull.commits for number in waiting)
        }
    here = facts.graph.files(facts.tip)
    brought = (facts.graph.files(facts.pulls[number].head).keys() - here.keys() for number in waiting)
    return any(not path.startswith("own-") for paths in brought for path in paths)


def _journey(situation: Situation, elsewhere: set[Key], new: frozenset[int]) -> frozenset[int]:
    """What has landed once nothing more can; `new` landed in an earlier round of the same run."""
    facts, terms = situation.facts, situation.terms
    _demand_that_nothing_goes(situation)
    cap = 1 if terms.landing == "api" else terms.cap
    branch = Branch.at(facts.graph, facts.tip)
    for number in sorted(new, key=lambda each: _place(each, new, facts)):
        branch = branch.merged(facts.pulls[number].head, terms.method)
    landed = list(new)
    settled: set[int] = set()
    while chain := _chain(situation, elsewhere | _keys(facts, landed), settled | set(landed), branch, cap):
        for number in chain:
            if not needs_here(facts.pulls[number], facts) <= facts.there | set(landed):
                settled.add(number)
                continue
            try:
                grown = branch.merged(facts.pulls[number].head, terms.method)
            except Conflicting:
                continue
            if red(grown.files, terms.gates):
                settled.add(number)
            else:
                branch = grown
                landed.append(number)
    return frozenset(landed)


def _keys(facts: Facts, numbers: Iterable[int]) -> set[Key]:
    return {(facts.repository, number) for number in numbers}


def _demand_that_nothing_goes(situation: Situation) -> None:
    """Raises Unclear where something may be taken back, with whom it landed, or is part of what people go on with."""
    facts = situation.facts
    able = [pull for pull in facts.open if _able(pull, situation)]
    if situation.terms.takes_back:
        heads = (facts.graph.files(commit).keys() for commit in (facts.tip, *(pull.head for pull in able)))
        if any(path.startswith("smoking") for paths in heads for path in paths):
            raise Unclear
    gone = {facts.pulls[number].head for number in facts.gone}
    if any(gone & facts.graph.ancestors(pull.head) for pull in able):
        raise Unclear


def _place(number: int, landed: frozenset[int], facts: Facts) -> tuple[int, int]:
    """Behind all that it needs."""
    needs = needs_here(facts.pulls[number], facts) & landed
    return max((_place(need, landed, facts)[0] + 1 for need in needs), default=0), number


def _chain(situation: Situation, elsewhere: set[Key], done: set[int], branch: Branch, cap: int) -> list[int]:
    """What is tested together next."""
    facts, terms = situation.facts, situation.terms
    here = facts.there | {number for name, number in elsewhere if name == facts.repository}
    chain: list[int] = []
    for number in _order(situation, elsewhere, here):
        if number in done or len(chain) == cap or not needs_here(facts.pulls[number], facts) <= here | set(chain):
            continue
        try:
            branch = branch.merged(facts.pulls[number].head, terms.method)
        except Conflicting:
            continue
        chain.append(number)
    return chain


def _order(situation: Situation, elsewhere: set[Key], here: frozenset[int] | set[int]) -> list[int]:
    """
    Hotfixes first, then by priority, then the smallest number, each behind its needs; what can never be is left out.

    What is needed is as urgent as the most urgent that needs it.
    """
    facts = situation.facts
    able = {
        pull.number: pull
        for pull in facts.open
        if _able(pull, situation)
        and pull.change_set is None
        and all(need in elsewhere for need in pull.needs if need[0] != facts.repository)
    }
    needs = {number: needs_here(pull, facts) - here for number, pull in able.items()}
    possible = _sorted(able, needs, lambda _: ())
    urgency = {number: able[number].urgency for number in possible}
    for number in reversed(possible):
        for need in needs[number]:
            urgency[need] = tuple(map(max, urgency[need], urgency[number]))  # type: ignore[assignment]  # still a pair
    if situation.freeze:
        possible = [number for number in possible if urgency[number][0]]
        if any(not able[number].urgency[0] for number in possible):
            # A freeze lets it through as long as the hotfix may still land, and what comes first decides about that.
            raise Unclear
    return _sorted(possible, needs, lambda number: (not urgency[number][0], -urgency[number][1]))


def _sorted(numbers: Iterable[int], needs: Mapping[int, set[int]], rank: Callable[[int], tuple[int, ...]]) -> list[int]:
    order: list[int] = []
    waiting = set(numbers)
    while ready := [number for number in waiting if needs[number] <= set(order)]:
        order.append(min(ready, key=lambda number: (rank(number), number)))
        waiting.remove(order[-1])
    return order


def needs_here(pull: Pull, facts: Facts) -> set[int]:
    """Of its own repository: what it names, and whom it would bring along."""
    named = {number for name, number in pull.needs if name == facts.repository}
    others = (other for other in facts.open if other.number != pull.number and other.target == pull.target)
    return named | {other.number for other in others if other.head in pull.commits - {pull.head}}
