"""What merge-hub itself does: the planner that its runs are planned by, on a queue that is only imagined."""

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import cast

from config.schema.organization import Execution
from tasks.domain.gates import Candidate, Evaluation, GateResult, Members, Verdict
from tasks.domain.model import CommitSha, TreeSha
from tasks.domain.odds import LATELY, Judged, Sign, odds_of
from tasks.domain.search import HORIZON, Conclusion, GroupTest, Line, Needed, Purpose, next_step
from tasks.domain.simulation.backlog import Backlog, Tree
from tasks.domain.speculation import possible_tests, speculative_tests

GATE = "gates"
MAKING_SURE = frozenset({Purpose.CONFIRMATION, Purpose.DIAGNOSIS})
CONFIGURED = Execution()
"""Where nothing is said of it."""


@cache
def _evaluation(*, green: bool, runs: int) -> Evaluation:
    """The planner looks at what was found and how often, and not at the candidate."""
    verdict = Verdict.PASSED if green else Verdict.FAILED
    result = GateResult(GATE, required=True, verdict=verdict, exit_code=None, seconds=1, log=None)
    return Evaluation(Candidate((), CommitSha(""), CommitSha(""), TreeSha("")), (result,), {GATE: runs - 1})


@dataclass(frozen=True, slots=True)
class _Trial:
    """A test of this round; `before` is how many answers its tree had."""

    test: GroupTest
    tree: Tree
    before: int

    @property
    def answered(self) -> bool:
        return len(self.tree.found) > self.before

    def needed_by(self, possible: frozenset[Members]) -> bool:
        return self.test.purpose is not Purpose.SPECULATION or self.test.sequence in possible


@dataclass(frozen=True, slots=True)
class _Red:
    """Everybody whose commits were in a red tree, that had been built on `base`."""

    tree: Tree
    group: frozenset[int]
    base: Tree

    def after(self, found: Conclusion) -> "_Red | None":
        """Without those who have landed; None where one of them never will, so that they are never whole again."""
        if found.culprit is not None and found.culprit.number in self.group:
            return None
        return replace(self, group=self.group.difference(found.accepted))


class MergeHub:
    """
    Learns how many are bad as it goes, as the hub does: nobody tells it.

    It goes on in rounds: what was begun together is waited for, unless it can matter no more. Those that arrive while
    a batch is searched are in the next one.
    """

    def __init__(self, batch: int, slots: int, retries: int) -> None:
        self._cap = batch
        self._slots = slots
        self._least_odds = CONFIGURED.least_odds(slots)
        self._retries = retries
        self._judged: deque[Judged] = deque(maxlen=LATELY)
        self._reds: list[_Red] = []
        self._line: Line | None = None
        self._known: dict[Members, Evaluation] = {}
        self._round: list[_Trial] = []

    @property
    def confirming(self) -> Collection[Tree]:
        return [trial.tree for trial in self._round if trial.test.purpose in MAKING_SURE]

    def wanted(self, backlog: Backlog) -> Sequence[Tree]:
        self._take(backlog)
        while backlog.waiting and not self._round:
            line = self._line = self._line or self._form(backlog)
            step = next_step(line, self._known)
            if isinstance(step, Needed):
                self._begin(backlog, line, step.tests)
            else:
                # A base that is said to be green is never found red.
                self._conclude(backlog, cast("Conclusion", step))
        return [trial.tree for trial in self._round]

    def _form(self, backlog: Backlog) -> Line:
        """Of those that wait only as many as the planner can look at."""
        order = tuple(backlog.first((self._slots + HORIZON + 1) * self._cap))
        self._known = {}
        return Line(
            order=order,
            batch=order[: self._cap],
            bad=dict.fromkeys(order, odds_of(Sign.NONE, self._judged).bad),
            cap=self._cap,
            base_green=True,
            doubted=frozenset(red.group for red in self._reds if red.base is not backlog.base and not red.tree.green),
            retries={GATE: self._retries},
        )

    def _begin(self, backlog: Backlog, line: Line, needed: Iterable[GroupTest]) -> None:
        likely = speculative_tests(line, self._known, self._slots, self._least_odds) if self._slots > 1 else ()
        chosen: dict[Members, GroupTest] = {}
        for test in (*needed, *likely):
            chosen.setdefault(test.sequence, test)
        trials = [self._trial(backlog, test) for test in list(chosen.values())[: self._slots]]
        there = [trial for trial in trials if trial.before and trial.test.purpose is not Purpose.CONFIRMATION]
        for trial in there:
            self._know(trial)
        # What is there already may make the others needless: the planner is asked again before anything is begun.
        self._round = [] if there else trials

    def _trial(self, backlog: Backlog, test: GroupTest) -> _Trial:
        tree = backlog.merged(test.sequence)
        return _Trial(test, tree, len(tree.found))

    def _know(self, trial: _Trial) -> None:
        answers = trial.tree.found
        self._known[trial.test.sequence] = _evaluation(green=answers[-1], runs=len(answers))

    def _take(self, backlog: Backlog) -> None:
        """What the round has found by now; those of its tests that can matter no more are given up."""
        answered = [trial for trial in self._round if trial.answered]
        for trial in answered:
            self._know(trial)
            if not trial.tree.found[-1]:
                base = backlog.merged(trial.test.ahead)
                self._reds.append(_Red(trial.tree, frozenset(trial.test.sequence), base))
        self._round = [trial for trial in self._round if not trial.answered]
        if answered and self._round and self._line is not None:
            possible = possible_tests(self._line, self._known)
            self._round = [trial for trial in self._round if trial.needed_by(possible)]

    def _conclude(self, backlog: Backlog, found: Conclusion) -> None:
        if found.accepted:
            backlog.land(backlog.merged(found.accepted))
        self._judged += [Judged(Sign.NONE, bad=False)] * len(found.accepted)
        if found.culprit is not None:
            backlog.refuse(found.culprit.number)
            self._judged.append(Judged(Sign.NONE, bad=True))
        self._reds = [red for each in self._reds if (red := each.after(found)) is not None]
        self._line = None
