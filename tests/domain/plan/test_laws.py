"""What holds for every world, however its pull requests depend on one another."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise, permutations
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.domain.lex_pr import lex_pr_plan
from tasks.domain.model import RelatedState, Snapshot
from tasks.domain.ordering import order_candidates
from tasks.domain.plan import ConflictFound, Plan, make_plan, plan_document
from tasks.domain.reasons import ReasonCode
from tasks.domain.rules import Rules
from tests.domain.builders import gate, pull_request, reference, rules, snapshot
from tests.domain.lex_pr.peer import PeerPlan, merge_levels

OPEN = range(1, 7)
MERGED, CLOSED, UNREADABLE = 8, 9, 0
RULES = rules(gates=(gate(), gate("docs", required=False)))
WITHOUT_REQUIRED_GATE = rules(gates=(gate(required=False),))


@dataclass(frozen=True)
class World:
    """`needs` of each open pull request name open ones, itself, and the three numbers above."""

    needs: dict[int, frozenset[int]]
    candidates: frozenset[int]
    conflicts: dict[int, ConflictFound]
    required: bool

    @cached_property
    def snapshot(self) -> Snapshot:
        related = {reference(MERGED): RelatedState.MERGED, reference(CLOSED): RelatedState.CLOSED}
        pulls = (pull_request(number, body=self._body(number)) for number in OPEN)
        return snapshot(*pulls, related=related)

    def _body(self, number: int) -> str:
        named = ", ".join(f"#{needed}" if needed else "c#" for needed in sorted(self.needs[number]))
        return f"Depends-on: {named}" if named else ""

    @cached_property
    def plan(self) -> Plan:
        ordered = order_candidates(self.snapshot, self.candidates)
        return make_plan(self.rules, self.snapshot, ordered, self.conflicts)

    @property
    def rules(self) -> Rules:
        return RULES if self.required else WITHOUT_REQUIRED_GATE

    @property
    def landable(self) -> set[int]:
        """By exhaustion: who has everything that it needs, over and over again."""
        there: set[int] = set()
        while ready := {
            number
            for number in self.candidates - there - self.conflicts.keys()
            if self.required and self.needs[number] <= there | {MERGED}
        }:
            there |= ready
        return there


CONFLICTS = st.tuples(st.sampled_from(OPEN), st.none() | st.sampled_from(OPEN)).map(
    lambda found: {found[0]: ConflictFound(*found, ("a.py",))}
)
WORLDS = st.builds(
    World,
    needs=st.fixed_dictionaries(
        {number: st.frozensets(st.sampled_from([*OPEN, MERGED, CLOSED, UNREADABLE]), max_size=2) for number in OPEN}
    ),
    candidates=st.frozensets(st.sampled_from(OPEN), min_size=3),
    conflicts=st.just({}) | CONFLICTS,
    required=st.sampled_from([True, True, True, False]),
)


@settings(max_examples=30, deadline=None)
@given(WORLDS)
def test_the_members_are_exactly_those_that_have_all_they_need(world: World) -> None:
    assert {member.number for member in world.plan.members} == world.landable


@settings(max_examples=30, deadline=None)
@given(WORLDS)
def test_every_candidate_is_a_member_or_has_a_reason(world: World) -> None:
    members = {member.number for member in world.plan.members}

    assert members | world.plan.reasons.keys() == world.candidates
    assert not members & world.plan.reasons.keys()
    assert all(world.plan.reasons.values())


@settings(max_examples=30, deadline=None)
@given(WORLDS)
def test_every_member_comes_after_what_it_depends_on(world: World) -> None:
    earlier: dict[int, set[int]] = {}
    for member in world.plan.members:
        earlier[member.number] = set(earlier)

    assert all(set(member.dependencies) <= earlier[member.number] for member in world.plan.members)


@settings(max_examples=30, deadline=None)
@given(WORLDS, st.randoms(use_true_random=False))
def test_planning_is_stable_under_the_order_of_its_input(world: World, random: Random) -> None:
    pulls = list(world.snapshot.pull_requests)
    random.shuffle(pulls)
    shuffled = replace(world.snapshot, pull_requests=tuple(pulls))
    candidates = random.sample(sorted(world.candidates), len(world.candidates))
    plan = make_plan(world.rules, shuffled, order_candidates(shuffled, candidates), world.conflicts)

    assert plan == world.plan
    assert plan_document(plan, world.rules, shuffled) == plan_document(world.plan, world.rules, world.snapshot)


def cycles_by_exhaustion(world: World) -> dict[int, set[tuple[int, ...]]]:
    """The shortest cycles through each candidate, each written from its smallest number."""
    found: dict[int, set[tuple[int, ...]]] = {}
    for length in range(1, len(world.candidates) + 1):
        closed = {
            path
            for path in permutations(sorted(world.candidates), length)
            if path[0] == min(path)
            and all(after in world.needs[before] for before, after in pairwise([*path, path[0]]))
        }
        for number in world.candidates - found.keys():
            if through := {path for path in closed if number in path}:
                found[number] = through
    return found


@settings(max_examples=30, deadline=None)
@given(WORLDS)
def test_cycles_are_named_exactly(world: World) -> None:
    ordered = order_candidates(world.snapshot, world.candidates)
    told = {
        number: [reason.message for reason in reasons if reason.code is ReasonCode.DEPENDENCY_CYCLE]
        for number, reasons in ordered.reasons.items()
    }
    wanted = {
        number: {"depends on itself: " + " → ".join(f"#{one}" for one in (*path, path[0])) for path in paths}
        for number, paths in cycles_by_exhaustion(world).items()
    }

    assert {number for number, messages in told.items() if messages} == wanted.keys()
    assert all(told[number][0] in wanted[number] for number in wanted)


@settings(max_examples=30, deadline=None)
@given(WORLDS)
def test_lex_pr_reads_every_plan_and_finds_an_order_that_respects_ours(world: World) -> None:
    document = lex_pr_plan(world.plan, world.rules)
    levels = merge_levels(PeerPlan.model_validate(document))
    level_of = {name: depth for depth, level in enumerate(levels) for name in level}

    assert sorted(level_of) == sorted(f"PR-{member.number}" for member in world.plan.members)
    assert all(
        level_of[f"PR-{member.number}"] > level_of[f"PR-{needed}"]
        for member in world.plan.members
        for needed in member.dependencies
    )
