"""The one way to what the audit log holds of emergencies, and to a declaration in it."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from tasks.domain.audit import EventType
from tasks.domain.bounds import bounded
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


def declare(about: Reference, wanted: Declared, lasts: timedelta, organization: str, log: AuditLog) -> bool:
    """Whether that is new: while it lasts, the same person's same reason is not declared again."""
    own = Reference(RepositoryName(about.repository.casefold()), about.number)
    earlier = [event for event in log.events(types={EventType.EMERGENCY_DECLARED}) if own in declared_in([event])]
    known = declared_in(earlier[-1:]).get(own)
    repeated = known is not None and _asked(known) == _asked(wanted) and wanted.at < known.at + lasts
    if repeated:
        return False
    return bool(log.append([declared_event(Recorder(organization, None, None), about, wanted, len(earlier))]))


def _asked(declared: Declared) -> tuple[str, str]:
    return bounded(declared.by).casefold(), bounded(declared.reason)
