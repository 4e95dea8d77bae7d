"""Gates: what lands is gated as it lands, by as few runs as the search for culprits needs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

from tasks.crash_points import CrashPoint, reached
from tasks.domain.audit import Event
from tasks.domain.gates import Candidate, Evaluation, Members
from tasks.domain.journey import Batch, Gated, GateRun, Journey
from tasks.domain.lineup import line_up, remembered_failure, signs_of
from tasks.domain.model import TreeSha
from tasks.domain.odds import Judged, Sign
from tasks.domain.quarantine import reasons_after
from tasks.domain.reasons import Reason
from tasks.domain.records import Recorder, Refused
from tasks.domain.refusals import reason_for, reasons_for
from tasks.domain.search import BaseRed, Conclusion, Culprit, GroupTest, Needed, Purpose, next_step
from tasks.domain.speculation import possible_tests, speculative_tests
from tasks.ports import Services
from tasks.recording import recorder_for
from tasks.red_base import known_red, record_red
from tasks.trials import Idle, Trial, Trials


def run_gates(journey: Journey, batch: Batch, services: Services) -> Gated:
    """
    Gates the batch, finds the culprits of a red one, and says what may land and why the others may not.

    Plain on purpose: a task that waited for other tasks of the same runner could starve it.
    """
    if not batch.candidates:
        return Gated(None, {}, ())
    if known := known_red(journey, batch, services):
        return Gated(None, {pull.number: known for pull in journey.open}, ())
    return _Search(journey, batch, services).run()


class _Search:
    """Carries out what `next_step` asks for, until it has a conclusion."""

    def __init__(self, journey: Journey, batch: Batch, services: Services) -> None:
        self._journey = journey
        self._batch = batch
        self._services = services
        self._environment = services.gates.environment
        self._recorder: Recorder = recorder_for(journey.rules, journey.snapshot)
        green = journey.proves_green(batch.base.tree, self._environment, services.clock.now())
        self._line = line_up(journey, batch, base_green=green)
        self._trials = Trials(journey, batch, services)
        self._known: dict[Members, Evaluation] = {}
        self._made: dict[TreeSha, Evaluation] = {}
        self._impossible: set[Members] = set()

    def run(self) -> Gated:
        while isinstance(step := next_step(self._line, self._known), Needed):
            self._carry_out(self._chosen(step.tests))
        return self._base_red(step) if isinstance(step, BaseRed) else self._concluded(step)

    def _chosen(self, needed: Sequence[GroupTest]) -> list[GroupTest]:
        """
        As many as there are slots: first what is needed now, then what will probably be needed next.

        The target branch is gated beside them where it is asked for, since that happens once.
        """
        rules = self._journey.rules
        likely: Iterable[GroupTest] = ()
        if rules.slots > 1:
            likely = speculative_tests(self._line, self._known, rules.slots + len(self._impossible), rules.least_odds)
        base = [test for test in needed if test.purpose is Purpose.BASE]
        chosen: dict[Members, GroupTest] = {}
        for test in (*needed, *likely):
            if test not in base and test.sequence not in self._impossible:
                chosen.setdefault(test.sequence, test)
        return [*base, *list(chosen.values())[: rules.slots]]

    def _carry_out(self, tests: Sequence[GroupTest]) -> None:
        """What is there already may make the others needless: then the planner is asked again before any is run."""
        trials = [trial for test in tests if (trial := self._trial(test)) is not None]
        if trials and len(trials) == len(tests):
            self._trials.run(trials, self._found)

    def _trial(self, test: GroupTest) -> Trial | None:
        """None where the answer is there already, or the candidate cannot be had."""
        candidate = self._trials.candidate(test)
        if candidate is None:
            self._impossible.add(test.sequence)
            self._line = replace(self._line, inseparable=self._line.inseparable.union(test.members))
            return None
        if test.purpose is Purpose.CONFIRMATION:
            return Trial(test, candidate, self._known[test.sequence])
        known = self._made.get(candidate.tree) or self._journey.evaluations.get(candidate.tree)
        if known is None:
            known = self._remembered(test, candidate)
        if known is None:
            return Trial(test, candidate)
        self._keep(test, known)
        return None

    def _remembered(self, test: GroupTest, candidate: Candidate) -> Evaluation | None:
        """What an earlier run found red, and did not live to tell or had no need to: asked again only by a person."""
        group = [self._journey.pull_request(number) for number in test.sequence]
        if not group or any(pull.retry_requested is not None for pull in group):
            return None
        found = remembered_failure(self._journey, candidate, self._environment, self._services.clock.now())
        if found is not None:
            self._trials.runs.extend(GateRun(candidate, result, test.purpose, test.ahead) for result in found.answers)
        return found

    def _found(self, test: GroupTest, evaluation: Evaluation) -> Idle:
        if not evaluation.stopped:
            self._keep(test, evaluation)
        # Worked out only where something runs that may be needless; what is known does not change meanwhile.
        needed = cache(lambda: possible_tests(self._line, self._known))
        return lambda other: other.purpose is Purpose.SPECULATION and other.sequence not in needed()

    def _keep(self, test: GroupTest, evaluation: Evaluation) -> None:
        """As what is merged onto the target branch, whatever it was gated on top of: that is what may land."""
        whole = self._trials.candidate(GroupTest(test.sequence))
        if whole is not None:
            self._known[test.sequence] = self._made[whole.tree] = replace(evaluation, candidate=whole)

    def _concluded(self, conclusion: Conclusion) -> Gated:
        told: dict[int, tuple[Reason, ...]] = {}
        involved = [*conclusion.accepted, *([conclusion.culprit.number] if conclusion.culprit else [])]
        signs = signs_of(self._journey, [self._journey.pull_request(number) for number in involved])
        judged = {number: Judged(signs[number], bad=False) for number in conclusion.accepted}
        if (culprit := conclusion.culprit) is not None:
            refusals = self._refusals(culprit, signs[culprit.number])
            told[culprit.number] = self._told(culprit, refusals)
            if culprit.evaluation.answers:
                judged[culprit.number] = Judged(signs[culprit.number], bad=True)
            self._services.log.append(refusals)
        reached(CrashPoint.AFTER_REFUSALS)
        accepted = self._known[conclusion.accepted] if conclusion.accepted else None
        return Gated(accepted, told, tuple(self._trials.runs), self._made, judged)

    def _told(self, culprit: Culprit, refusals: Sequence[Event]) -> tuple[Reason, ...]:
        pull, limit = self._journey.pull_request(culprit.number), self._journey.rules.queue.quarantine_after
        found = reasons_for(culprit, pull.author)
        return (*found, *(reasons_after(pull, refusals, self._journey.memory, limit) if refusals else ()))

    def _refusals(self, culprit: Culprit, sign: Sign) -> list[Event]:
        """What is remembered of a refusal; a gate that errored refuses nobody."""
        pull = self._journey.pull_request(culprit.number)
        context = [self._journey.pull_request(number) for number in culprit.context]
        gates = {gate.name: gate for gate in self._journey.rules.gates}
        return [
            self._recorder.gate_refused(pull, culprit, refused, context)
            for result in culprit.evaluation.answers
            for reason in [reason_for(culprit, result, pull.author)]
            for refused in [Refused(gates[result.gate], result, self._environment, reason, sign)]
        ]

    def _base_red(self, red: BaseRed) -> Gated:
        reason = record_red(self._journey, red.evaluation, self._services)
        told = {pull.number: (reason,) for pull in self._journey.open}
        return Gated(None, told, tuple(self._trials.runs), self._made)
