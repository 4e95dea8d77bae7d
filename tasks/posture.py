"""Posture: whether the store still keeps evidence as it promised to, on record each day and told where it does not."""

from config.schema import Configuration, S3Storage
from tasks.domain.audit import EventType
from tasks.domain.posture import Posture, is_due, judge_store, posture_events
from tasks.domain.records import Recorder
from tasks.ports import Services
from tasks.retrying import step


@step("posture of the evidence store", name="posture of the evidence store")
def check_posture(configuration: Configuration, services: Services) -> Posture:
    """Looks through the whole store; raises EvidenceError where it cannot, AuditLogError where nothing is recorded."""
    posture = judge_store(services.evidence.survey(), configuration.global_.audit.locked_days)
    recorder = Recorder(configuration.organization.name, None, None)
    services.log.append(posture_events(recorder, posture, services.clock.now()))
    return posture


def is_posture_due(configuration: Configuration, services: Services) -> bool:
    """Once a day, of a bucket: a directory keeps nobody from anything that a run could look for."""
    if not isinstance(configuration.global_.audit.storage, S3Storage):
        return False
    earlier = services.log.events(types={EventType.STORAGE_POSTURE}, newest_first=True)
    return is_due(next(earlier, None), services.clock.now())
