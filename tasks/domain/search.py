"""
Which groups of pull requests to gate next, so that the good ones land and the bad ones are named by few runs.

The search is replayed from what is already known: `next_step` is given every evaluation so far and either asks for
more or gives its conclusion. Groups are the first members of a batch, tested on top of what was found good, so that
what lands is exactly what was tested; how many are tested at a time is the plan of `group_testing`. What is implied is
never tested: a red group whose others are good has its culprit. Each conclusion names one culprit at most: of those
behind it nothing is known any more, and they come back in the next batch.

Nobody is blamed before the base is known green, and nobody on one red run alone where the gates may be asked again:
then a culprit is gated by itself. What is green by itself is asked again together with the others, on the same tree:
green then, it was a flake, which blames nobody; red again, it is an interaction.

With more than one slot the tests that are likely to be needed next run beside the one that is needed now.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tasks.domain.gates import Evaluation, Members
from tasks.domain.group_testing import NestedPlan, nested_plan

HORIZON = 3
"""How many batches ahead the plan looks; what comes later changes nothing that could be measured."""


class Purpose(StrEnum):
    """Why something is gated; what is no search is counted by itself. Values are written into documents."""

    SEARCH = "search"
    SPECULATION = "speculation"
    BASE = "base"
    CONFIRMATION = "confirmation"
    DIAGNOSIS = "diagnosis"


@dataclass(frozen=True, slots=True)
class GroupTest:
    """
    Gate `members` on top of `ahead`, both in landing order; without either it is the base alone.

    A confirmation asks again only the gates that were not passed.
    """

    members: Members
    ahead: Members = ()
    purpose: Purpose = Purpose.SEARCH

    @property
    def sequence(self) -> Members:
        """Everything that is merged onto the base for it."""
        return self.ahead + self.members


@dataclass(frozen=True, slots=True)
class Needed:
    """What to gate at the same time, the most urgent first."""

    tests: tuple[GroupTest, ...]


@dataclass(frozen=True, slots=True)
class Culprit:
    """
    `number` turns a candidate red that is green with only `context` in it.

    `good_alone` says that it was green without them, but for those that it needs. Where it is not set that is not
    known, or `context` holds nobody else.
    """

    number: int
    context: Members
    evaluation: Evaluation
    good_alone: bool = False


@dataclass(frozen=True, slots=True)
class Conclusion:
    """`accepted` were gated together, as they stand. Whoever is neither of them nor the culprit stays open."""

    accepted: Members
    culprit: Culprit | None


@dataclass(frozen=True, slots=True)
class BaseRed:
    evaluation: Evaluation


Step = Needed | Conclusion | BaseRed


@dataclass(frozen=True, slots=True)
class Line:
    """
    Who waits to land on a base, and what is thought of them.

    `order` is everybody in landing order, `batch` those of them that merge onto the base, at most `cap`. `bad` are
    probabilities, `needs` direct dependencies. `doubted` are sets that were red on another base. `suspected` are those
    whose failure in company is likely nobody's own, `inseparable` those that cannot be gated by themselves. `retries`
    says of each gate how often it may be asked again. `base_green` says that a record proves the base green; otherwise
    it is gated before anybody is blamed.
    """

    order: Members
    batch: Members
    bad: Mapping[int, float]
    cap: int
    base_green: bool
    needs: Mapping[int, frozenset[int]] = field(default_factory=dict)
    doubted: frozenset[frozenset[int]] = frozenset()
    suspected: frozenset[int] = frozenset()
    inseparable: frozenset[int] = frozenset()
    retries: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """
    How far the search in one batch has come: the first `accepted` are green together, the first `red` are not.

    `red` is 0 where nothing is known beyond the accepted. Before the batch, `landed` are taken to have landed and `out`
    to be refused.
    """

    batch: Members
    accepted: int = 0
    red: int = 0
    landed: Members = ()
    out: frozenset[int] = frozenset()

    @property
    def concluded(self) -> bool:
        return self.red == self.accepted + 1 or (self.red == 0 and self.accepted > 0)


Known = Mapping[Members, Evaluation]
"""Evaluations by everything that was merged onto the base for them."""


def next_step(line: Line, known: Known) -> Step:
    """Decides what is needed next, or what was found; `line.batch` is not empty."""
    standing = standing_in(known, Standing(line.batch))
    if standing.red and (unproven := _base_unproven(line, known)) is not None:
        return unproven
    if not standing.concluded:
        return Needed((GroupTest(line.batch[: trial_size(line, standing)]),))
    accepted = line.batch[: standing.accepted]
    if not standing.red:
        return Conclusion(accepted, None)
    return _blaming(line, known, accepted, line.batch[: standing.red])


def standing_in(known: Known, start: Standing) -> Standing:
    """Where the search stands in the batch of `start` by what is known; what is only doubted is not known to be red."""
    tested = ((size, known.get(start.landed + start.batch[:size])) for size in range(1, len(start.batch) + 1))
    found = [(size, evaluation.green) for size, evaluation in tested if evaluation is not None]
    accepted = max((size for size, green in found if green), default=0)
    red = min((size for size, green in found if size > accepted and not green), default=0)
    return replace(start, accepted=accepted, red=red)


def trial_size(line: Line, standing: Standing) -> int:
    """How many members of the batch, from its first, to test together next."""
    accepted, red = standing.accepted, standing.red
    plan = plan_from(line, standing)
    doubted = _doubted(line, standing)
    if red:
        return accepted + plan.among[accepted][red - accepted]
    if doubted > accepted + 1:
        return accepted + plan.among[accepted][doubted - accepted]
    return min(accepted + (1 if doubted else plan.fresh[accepted]), len(standing.batch))


def plan_from(line: Line, standing: Standing) -> NestedPlan:
    gone = {*standing.landed, *standing.out, *standing.batch}
    later = (number for number in line.order if number not in gone)
    ahead = [number for number, _ in zip(later, range(HORIZON * line.cap), strict=False)]
    return nested_plan(tuple(line.bad[number] for number in (*standing.batch, *ahead)), line.cap)


def _doubted(line: Line, standing: Standing) -> int:
    """The least number of members, beyond the accepted, among which a doubted set is whole; 0 where none is."""
    there = {*standing.landed}
    for size, number in enumerate(standing.batch, start=1):
        there.add(number)
        if size > standing.accepted and any(each <= there for each in line.doubted):
            return size
    return 0


def _base_unproven(line: Line, known: Known) -> Step | None:
    if line.base_green:
        return None
    base = known.get(())
    if base is None:
        return Needed((GroupTest((), purpose=Purpose.BASE),))
    if base.may_be_a_flake(line.retries):
        return Needed((GroupTest((), purpose=Purpose.CONFIRMATION),))
    return None if base.green else BaseRed(base)


def _blaming(line: Line, known: Known, accepted: Members, red: Members) -> Step:
    """
    `red` is `accepted` and one more: a flake, a clash, or one that is bad.

    By itself it is red again where it is bad. Where it is green then, the whole is asked once more: what is green now
    was a flake, and what is red again fails only together.
    """
    evaluation, number = known[red], red[-1]
    alone = tuple(one for one in accepted if one in _all_needs(line, number))
    by_itself = None if alone == accepted else known.get((*alone, number))
    if by_itself is not None and by_itself.answers:
        if by_itself.may_be_a_flake(_left(line, number)):
            return Needed((GroupTest((number,), ahead=alone, purpose=Purpose.CONFIRMATION),))
        if number in line.suspected:
            return Conclusion(accepted, Culprit(number, alone, by_itself))
        # What is told and kept of it is where it was found, so that after a death the same batch comes about again.
        return Conclusion(accepted, Culprit(number, accepted, evaluation))
    asked_again = any(line.retries.get(result.gate, 0) for result in evaluation.answers)
    doubtful = asked_again or number in line.suspected
    if alone != accepted and by_itself is None and number not in line.inseparable and doubtful and evaluation.answers:
        return Needed((GroupTest((number,), ahead=alone, purpose=Purpose.DIAGNOSIS),))
    if evaluation.may_be_a_flake(line.retries):
        return Needed((GroupTest(red, purpose=Purpose.CONFIRMATION),))
    good_alone = by_itself is not None and by_itself.green
    return Conclusion(accepted, Culprit(number, accepted, evaluation, good_alone=good_alone))


def _left(line: Line, number: int) -> Mapping[str, int]:
    """How often gates may be asked again by itself, of which the red verdict in company is one unless it is doubted."""
    return line.retries if number in line.suspected else {gate: most - 1 for gate, most in line.retries.items()}


def _all_needs(line: Line, number: int) -> frozenset[int]:
    direct = line.needs.get(number, frozenset())
    return direct.union(*(_all_needs(line, each) for each in direct))
