"""
The two ends of a run, for every flow that lands something: whatever it is about, people are told what came of it.

Between them each repository's journey goes its own way. Its failure ends here, as its result and as an incident.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from prefect import get_run_logger

from config.schema import Stage
from flows import wiring
from flows.change_sets import in_rounds_with_sets
from flows.repository_merge import repository_merge
from flows.unit_merge import gate_unit_apart, land_unit, prepare_unit, take_back_unit
from tasks.anchoring import anchor_log
from tasks.anomalies import raise_alerts
from tasks.change_sets import look_elsewhere
from tasks.credential import check_credential
from tasks.domain.change_set_documents import change_set_document
from tasks.domain.change_sets import ChangeSet
from tasks.domain.errors import MergeHubError, RepositoryStopped, Unforeseen
from tasks.domain.result import unforeseen
from tasks.domain.run import Assignment, Result, RunIncomplete, assignments, problems_of, run_document
from tasks.domain.unit_documents import unit_document
from tasks.domain.units import Unit
from tasks.exposure import alert_unanchored, alert_unsealed
from tasks.notification import notify, notify_incidents
from tasks.outcomes import audit_summary, publish_outcomes, record_failure
from tasks.posture import check_posture, is_posture_due
from tasks.redaction import redacted, redacted_document
from tasks.result_cache import forget_expired
from tasks.retention import forget_old_runs
from tasks.sealing import seal_log, sealed_meanwhile
from tasks.set_ledger import SetLedger


def whole_run(team: str, repository: str | None, stage: str, *, all_gates: bool = False) -> dict[str, Any]:
    """
    A run of its own, as `merge-hub run --json` shows it, of every repository of `team` or of the one that is named.

    With `all_gates` each comes to its end, also where another one of the same candidate has failed.

    Raises RunIncomplete, which carries the same document, when any repository or pull request failed.
    """
    with wiring.begin_run(Stage(stage), all_gates=all_gates) as run:
        chosen = assignments(run.configuration, team, repository)
        check_credential(run.configuration, run.stage, run.services)
        with sealed_meanwhile(run.services):
            results = in_rounds_with_sets(chosen, _Passes(run, chosen), _ledger(run))
        unseen = _posture(run)
        unjudged = judge(run)
        undelivered = notify(run.configuration, run.services)
        unsealed = seal(run)
        times = (run.started_at, run.services.clock.now())
        audit, digest = audit_summary(run.services), run.configuration.digest
        document = redacted_document(run_document(run.run_id, stage, digest, times, audit, results))
        publish_outcomes(document, run.services)
        forget_expired(run.services)
        forget_old_runs(run.configuration.global_.execution.keep_runs, run.services)
        problems = tuple(map(redacted, (*problems_of(results), *unseen, *unjudged, *undelivered, *unsealed)))
    if problems:
        raise RunIncomplete(document, problems)
    return document


@dataclass(frozen=True, slots=True)
class _Passes:
    """As `flows.change_sets` asks for them."""

    run: wiring.Run
    chosen: tuple[Assignment, ...]

    def journey(self, assignment: Assignment, told: tuple[ChangeSet, ...] | None) -> Result:
        documents = None if told is None else [redacted_document(change_set_document(each)) for each in told]
        return self._guarded(assignment, repository_merge, change_sets=documents)

    def gates_together(self, assignment: Assignment) -> bool:
        configuration = self.run.configuration
        return any(gate.together for gate in configuration.gates_for(configuration.team(assignment.team)))

    def gate_apart(self, assignment: Assignment, unit: Unit) -> Result:
        return self._guarded(assignment, gate_unit_apart, unit=redacted_document(unit_document(unit)))

    def prepare(self, assignment: Assignment, unit: Unit) -> Result:
        return self._guarded(assignment, prepare_unit, unit=redacted_document(unit_document(unit)))

    def land(self, assignment: Assignment, unit: Unit) -> Result:
        return self._guarded(assignment, land_unit, unit=redacted_document(unit_document(unit)))

    def take_back(self, assignment: Assignment, unit: Unit) -> Result:
        return self._guarded(assignment, take_back_unit, unit=redacted_document(unit_document(unit)))

    def with_members_elsewhere(self, change_sets: tuple[ChangeSet, ...]) -> tuple[ChangeSet, ...]:
        return look_elsewhere(self.run.configuration, self.chosen, change_sets, self.run.services)

    def _guarded(self, assignment: Assignment, flow: Callable[..., Result], **told: Any) -> Result:
        """Keyword by keyword, as Prefect wants the parameters of a flow."""
        named = {"team": assignment.team, "repository": assignment.repository}
        whole = {**named, "stage": self.run.stage.value, "run_id": self.run.run_id, **told}
        return guarded(assignment, self.run, lambda: flow(**whole))


def _ledger(run: wiring.Run) -> SetLedger:
    configuration = run.configuration
    wanted = configuration.global_.change_sets.compensate
    return SetLedger(configuration.organization.name, run.stage is Stage.MERGE, wanted, run.services)


def guarded(assignment: Assignment, run: wiring.Run, work: Callable[[], Result]) -> Result:
    """The one place where any failure of a repository becomes that repository's result, and an incident."""
    try:
        result = work()
    except RepositoryStopped as stopped:
        result = _failed(assignment, stopped.error, run) | stopped.known
    except Exception as error:  # noqa: BLE001 -- isolation: whatever it was, the other repositories go on
        result = _failed(assignment, error if isinstance(error, MergeHubError) else unforeseen(error), run)
    notify_incidents(run.configuration, run.services)
    return result


def _failed(assignment: Assignment, error: MergeHubError, run: wiring.Run) -> Result:
    if isinstance(error, Unforeseen):
        get_run_logger().error("%s failed in a way that nobody foresaw", assignment.repository, exc_info=True)
    return record_failure(run.configuration, assignment, error, run.services)


def _posture(run: wiring.Run) -> tuple[str, ...]:
    """The problem met, if any, in looking at the store; what was found wrong there is an incident of its own."""
    if run.stage is Stage.OBSERVE:
        return ()
    try:
        if is_posture_due(run.configuration, run.services):
            check_posture(run.configuration, run.services)
    except MergeHubError as error:
        return (f"the evidence store was not looked at: {error.message}. {error.remedy}",)
    return ()


def judge(run: wiring.Run) -> tuple[str, ...]:
    """The problem met, if any: whatever rules make of the log, what is on record is, and people are told of it."""
    if run.stage is Stage.OBSERVE:
        return ()
    try:
        raise_alerts(run.configuration, run.services)
    except Exception as error:  # noqa: BLE001 -- a rule that fails on some record must not keep the run from its end
        known = error if isinstance(error, MergeHubError) else unforeseen(error)
        get_run_logger().error("the audit log was not judged for anomalies", exc_info=True)
        return (f"the audit log was not judged for anomalies: {known.message}. {known.remedy}",)
    return ()


def seal(run: wiring.Run) -> tuple[str, ...]:
    """The problem met, if any: what came of the pull requests is told all the same, and the next run seals again."""
    try:
        seal_log(run.services)
    except MergeHubError as error:
        alert_unsealed(run.configuration, error, run.services)
        return _told(run, f"the audit log was not sealed as evidence: {error.message}. {error.remedy}")
    try:
        anchor_log(run.services)
    except MergeHubError as error:
        alert_unanchored(run.configuration, error, run.services)
        return _told(run, f"the audit log was not shown to anybody outside: {error.message}. {error.remedy}")
    return ()


def _told(run: wiring.Run, problem: str) -> tuple[str, ...]:
    """Where what tells people fails as well, the problem is still the run's."""
    return (problem, *notify_incidents(run.configuration, run.services))
