"""The one way to what the audit log holds of emergencies, and to a declaration in it."""

from collections.abc import Collection, Mapping

from tasks.domain.audit import EventType
from tasks.domain.emergency_records import OF_REVIEWS, OpenReview, declared_event, declared_in, reviews_owed
from tasks.domain.model import Declared, Reference, RepositoryName
from tasks.domain.records import Recorder
from tasks.domain.rules import Rules
from tasks.ports import AuditLog, Services


def declared_here(
    rules: Rules, repository: RepositoryName, numbers: Collection[int], services: Services
) -> Mapping[int, Declared]:
    """Those that hold now; nothing is asked of the log where the organization knows no emergencies."""
    if rules.emergency is None:
        return {}
    now, lasts = services.clock.now(), rules.emergency.declaration_lasts
    found = declared_in(services.log.events(types={EventType.EMERGENCY_DECLARED}))
    return {
        about.number: each
        for about, each in found.items()
        if about.repository == repository.casefold() and about.number in numbers and now < each.at + lasts
    }


def owed_reviews(log: AuditLog, repository_id: str | None = None) -> tuple[OpenReview, ...]:
    """Landings are gone through only where there was an emergency."""
    if next(iter(log.events(repository_id=repository_id, types={EventType.EMERGENCY_USED})), None) is None:
        return ()
    return reviews_owed(log.events(repository_id=repository_id, types=OF_REVIEWS))


def declare(about: Reference, asked_by: str, reason: str, organization: str, log: AuditLog) -> bool:
    """Whether that is new: the same person's same reason is not declared twice, unless another came between."""
    earlier = [
        event
        for event in log.events(types={EventType.EMERGENCY_DECLARED})
        if (event.subject["repository"], event.subject["pull_request"]) == (about.repository.casefold(), about.number)
    ]
    return bool(log.append([declared_event(Recorder(organization, None, None), about, asked_by, reason, len(earlier))]))
