"""A target branch that is red by itself: what is known of it, and how it is put on record, whoever met it."""

from tasks.crash_points import CrashPoint, reached
from tasks.domain.gates import Evaluation
from tasks.domain.journey import Batch, Journey
from tasks.domain.reasons import Reason
from tasks.domain.refusals import base_red_reason
from tasks.domain.search import BaseRed
from tasks.ports import Services
from tasks.recording import recorder_for


def known_red(journey: Journey, batch: Batch, services: Services) -> tuple[Reason, ...]:
    """Why the branch is on record as red; empty where that is to be found out (again)."""
    gates, environment = journey.rules.gates, services.gates.environment
    return journey.memory.red_base(batch.base.tree, gates, environment, journey.retries, services.clock.now())


def record_red(journey: Journey, base: Evaluation, services: Services) -> Reason:
    """What everybody who waits for the branch is told."""
    recorder, environment = recorder_for(journey.rules, journey.snapshot), services.gates.environment
    reason = base_red_reason(BaseRed(base), journey.rules.target)
    gates = {gate.name: gate for gate in journey.rules.gates}
    services.log.append(
        [
            recorder.base_red(base, gates[result.gate], environment, journey.retries, reason.message)
            for result in base.answers
        ]
    )
    reached(CrashPoint.AFTER_RED_BASE_RECORD)
    return reason
