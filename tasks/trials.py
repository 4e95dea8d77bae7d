"""
Candidates of one batch, formed when they are asked for, and gated side by side.

Commits are made of nothing but what is merged, so that a candidate which is gated before what it is built on has landed
is the very commit that is made again when it has.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextvars import copy_context
from dataclasses import dataclass, replace

from config.schema import Gate
from tasks.crash_points import CrashPoint, reached
from tasks.domain.gates import Candidate, Evaluation, GateResult, Members, Verdict
from tasks.domain.journey import Batch, GateRun, Journey
from tasks.domain.search import GroupTest, Purpose
from tasks.gating import GateOrder, evaluate
from tasks.merging import merge_members
from tasks.ports import Services
from tasks.recording import recorder_for
from tasks.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Trial:
    """`before` is what was found of the same candidate already: only what did not pass is asked again."""

    test: GroupTest
    candidate: Candidate
    before: Evaluation | None = None

    def gates(self, every: Sequence[Gate]) -> list[Gate]:
        if self.before is None:
            return list(every)
        again = {result.gate for result in self.before.results if result.verdict is not Verdict.PASSED}
        return [gate for gate in every if gate.name in again]

    def whole(self, results: Sequence[GateResult], every: Sequence[Gate]) -> Evaluation:
        """Every gate's latest result, in the order of the configuration."""
        if self.before is not None:
            return self.before.asked_again(results)
        found = {result.gate: result for result in results}
        return Evaluation(self.candidate, tuple(found[gate.name] for gate in every))


Idle = Callable[[GroupTest], bool]
"""Whether a test can matter no more."""


class Trials:
    """`runs` are the gate runs so far, in the order in which their tests were asked for."""

    def __init__(self, journey: Journey, batch: Batch, services: Services) -> None:
        self._journey = journey
        self._base = batch.base
        self._services = services
        self._environment = services.gates.environment
        self._formed = {each.members: each for each in (batch.base, *batch.candidates)}
        self._recorder = recorder_for(journey.rules, journey.snapshot)
        self.runs: list[GateRun] = []

    def candidate(self, test: GroupTest) -> Candidate | None:
        """None where it cannot be merged."""
        ahead, whole = self._merged(test.ahead), self._merged(test.sequence)
        if ahead is None or whole is None:
            return None
        own = whole.commits[len(test.ahead) :]
        return replace(whole, members=test.members, base=ahead.commit, commits=own)

    def run(self, trials: Sequence[Trial], found: Callable[[GroupTest, Evaluation], Idle]) -> None:
        """
        Gates all of them side by side.

        After each, `found` is told of it, and says which of the others can matter no more: they are stopped, and so are
        all where the world fails one.
        """
        running = [
            _Running(trial, Workspace(self._journey.snapshot, trial.candidate, self._services)) for trial in trials
        ]
        with ThreadPoolExecutor(max_workers=len(running), thread_name_prefix="candidate") as pool:
            futures = {pool.submit(copy_context().run, self._evaluate, each): each for each in running}
            try:
                for each, results in _as_they_come(futures):
                    idle = found(each.trial.test, each.trial.whole(results, self._journey.rules.gates))
                    each.results = results
                    _stop(other for other in running if idle(other.trial.test))
            except BaseException:
                _stop(running)
                raise
        for each in running:
            test, candidate = each.trial.test, each.trial.candidate
            self.runs.extend(GateRun(candidate, result, test.purpose, test.ahead) for result in each.results)

    def settled(self, test: GroupTest) -> Evaluation:
        """What comes of one test, asked again for as long as it may be a flake; its candidate must be there."""
        candidate = self.candidate(test)
        if candidate is None:
            message = f"{test.sequence} was not merged"
            raise ValueError(message)
        retries = {gate.name: gate.retries for gate in self._journey.rules.gates}
        found: list[Evaluation] = []

        def keep(_: GroupTest, evaluation: Evaluation) -> Idle:
            found.append(evaluation)
            return lambda _: False

        self.run([Trial(test, candidate)], keep)
        while found[-1].may_be_a_flake(retries):
            self.run([Trial(replace(test, purpose=Purpose.CONFIRMATION), candidate, found[-1])], keep)
        return found[-1]

    def _merged(self, sequence: Members) -> Candidate | None:
        if sequence in self._formed:
            return self._formed[sequence]
        before = self._merged(sequence[:-1])
        if before is None:
            return None
        snapshot, last = self._journey.snapshot, self._journey.pull_request(sequence[-1])
        with self._services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
            merged = merge_members(mirror, before.commit, [last], self._journey.rules)
        if not isinstance(merged, Candidate):
            return None
        commits = before.commits + merged.commits
        self._formed[sequence] = replace(merged, members=sequence, base=self._base.commit, commits=commits)
        return self._formed[sequence]

    def _evaluate(self, running: "_Running") -> tuple[GateResult, ...]:
        trial, rules = running.trial, self._journey.rules
        gates = self._cheapest_first(trial.gates(rules.gates))
        identifier, candidate = self._journey.snapshot.repository_id, trial.candidate
        orders = [GateOrder(gate, candidate, identifier, self._environment, thorough=rules.thorough) for gate in gates]
        with running.workspace:
            results = evaluate(orders, running.workspace, self._services)
        self._services.log.append(self._recorder.gates_finished(candidate, gates, self._environment, results))
        reached(CrashPoint.AFTER_GATE_RECORDS)
        return results

    def _cheapest_first(self, gates: Sequence[Gate]) -> list[Gate]:
        """By what each usually takes; one of which nothing is known comes last."""
        usual = {gate.name: self._journey.memory.gates.usual_seconds(gate) for gate in gates}
        return sorted(gates, key=lambda gate: (usual[gate.name] is None, usual[gate.name] or 0.0))


@dataclass(slots=True)
class _Running:
    trial: Trial
    workspace: Workspace
    results: tuple[GateResult, ...] = ()


def _stop(running: Iterable[_Running]) -> None:
    for each in running:
        each.workspace.over.set()


def _as_they_come(
    futures: dict[Future[tuple[GateResult, ...]], _Running],
) -> Iterator[tuple[_Running, tuple[GateResult, ...]]]:
    for future in as_completed(futures):
        yield futures[future], future.result()
