"""Gates: what lands is gated as it lands, by as few runs as the search for culprits needs."""

from tasks.crash_points import CrashPoint, reached
from tasks.domain.audit import Event
from tasks.domain.gates import BaseRed, Candidate, Conclusion, Culprit, Evaluation, Members, Step, Test, next_step
from tasks.domain.journey import Batch, Gated, GateRun, Journey
from tasks.domain.model import Login
from tasks.domain.reasons import Reason
from tasks.domain.records import Recorder, Refused
from tasks.domain.refusals import base_red_reason, blamed_gates, reason_for, reasons_for
from tasks.gating import GateOrder, evaluate
from tasks.ports import Services
from tasks.recording import recorder_for
from tasks.workspace import Workspace


def run_gates(journey: Journey, batch: Batch, services: Services) -> Gated:
    """
    Gates the batch, finds the culprits of a red one, and says what may land and why the others may not.

    Plain on purpose: a task that waited for other tasks of the same runner could starve it.
    """
    if not batch.candidates:
        return Gated(None, {}, ())
    if remembered := _remembered_red(journey, batch, services):
        return Gated(None, {pull.number: remembered for pull in journey.open}, ())
    return _Search(journey, batch, services).run()


def _remembered_red(journey: Journey, batch: Batch, services: Services) -> tuple[Reason, ...]:
    asked, now = _retries(journey), services.clock.now()
    return journey.memory.red_base(batch.base.tree, journey.rules.gates, services.gates.environment, asked, now)


def _retries(journey: Journey) -> frozenset[str]:
    return frozenset(pull.retry_requested for pull in journey.open if pull.retry_requested is not None)


class _Search:
    """Carries out what `next_step` asks for, until it has a conclusion."""

    def __init__(self, journey: Journey, batch: Batch, services: Services) -> None:
        self._journey = journey
        self._batch = batch
        self._services = services
        self._environment = services.gates.environment
        self._recorder: Recorder = recorder_for(journey.rules, journey.snapshot)
        self._known: dict[Members, Evaluation] = {}
        self._runs: list[GateRun] = []

    def run(self) -> Gated:
        while isinstance(step := self._next(), Test):
            self._known[step.members] = self._evaluate(self._candidate_of(step.members))
        return self._base_red(step) if isinstance(step, BaseRed) else self._concluded(step)

    def _next(self) -> Step:
        journey = self._journey
        members = self._batch.candidates[-1].members
        later = [pull for pull in journey.open if pull.number not in members]
        bad = (journey.memory.bad_share,) * (len(members) + len(later))
        green = journey.proves_green(self._batch.base.tree, self._environment, self._services.clock.now())
        return next_step(members, bad, journey.rules.batch_cap, self._known, base_green=green)

    def _candidate_of(self, members: Members) -> Candidate:
        return self._batch.candidates[len(members) - 1] if members else self._batch.base

    def _evaluate(self, candidate: Candidate) -> Evaluation:
        snapshot, gates = self._journey.snapshot, self._journey.rules.gates
        orders = [GateOrder(gate, candidate, snapshot.repository_id, self._environment) for gate in gates]
        with Workspace(snapshot, candidate, self._services) as workspace:
            evaluation = evaluate(orders, workspace, self._services)
        self._runs.extend(GateRun(candidate, result) for result in evaluation.results)
        finished = zip(gates, evaluation.results, strict=True)
        self._services.log.append(
            [self._recorder.gate_finished(candidate, gate, self._environment, result) for gate, result in finished]
        )
        reached(CrashPoint.AFTER_GATE_RECORDS)
        return evaluation

    def _concluded(self, conclusion: Conclusion) -> Gated:
        told: dict[int, tuple[Reason, ...]] = {}
        if (culprit := conclusion.culprit) is not None:
            told[culprit.number] = reasons_for(culprit, self._author(culprit.number))
            self._services.log.append(self._refusals(culprit))
        reached(CrashPoint.AFTER_REFUSALS)
        accepted = self._known[conclusion.accepted] if conclusion.accepted else None
        return Gated(accepted, told, tuple(self._runs))

    def _refusals(self, culprit: Culprit) -> list[Event]:
        """What is remembered of a refusal; a gate that errored refuses nobody."""
        pull = self._journey.pull_request(culprit.number)
        context = [self._journey.pull_request(number) for number in culprit.context]
        gates = {gate.name: gate for gate in self._journey.rules.gates}
        return [
            self._recorder.gate_refused(pull, culprit, refused, context)
            for result in blamed_gates(culprit.evaluation)
            for refused in [
                Refused(gates[result.gate], result, self._environment, reason_for(culprit, result, pull.author))
            ]
        ]

    def _author(self, number: int) -> Login | None:
        return self._journey.pull_request(number).author

    def _base_red(self, red: BaseRed) -> Gated:
        gates = {gate.name: gate for gate in self._journey.rules.gates}
        reason = base_red_reason(red, self._journey.rules.target)
        self._services.log.append(
            [
                self._recorder.base_red(red.evaluation, gates[result.gate], self._environment, retries, reason.message)
                for retries in [_retries(self._journey)]
                for result in blamed_gates(red.evaluation)
            ]
        )
        return Gated(None, {pull.number: (reason,) for pull in self._journey.open}, tuple(self._runs))
