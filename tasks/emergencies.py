"""The one way to the reviews that landings in emergencies owe."""

from tasks.crash_points import CrashPoint, reached
from tasks.domain.emergency_records import review_of, reviewed_event
from tasks.domain.model import Snapshot
from tasks.domain.rules import Rules
from tasks.emergency_log import owed_reviews
from tasks.ports import Services
from tasks.recording import recorder_for


def look_for_reviews(rules: Rules, snapshot: Snapshot, services: Services) -> None:
    """Looks for the reviews that are owed here; what is overdue is judged with all that is out of the ordinary."""
    owed = owed_reviews(services.log, snapshot.repository_id)
    if not owed:
        return
    recorder = recorder_for(rules, snapshot)
    read = services.code_host.reread(snapshot.repository, snapshot.repository_id, [each.number for each in owed])
    pulls = {pull.number: pull for pull in read}
    for each in owed:
        review = review_of(each, pulls[each.number]) if each.number in pulls else None
        if review is not None:
            services.log.append([reviewed_event(recorder, each, review)])
        reached(CrashPoint.AFTER_EMERGENCY_REVIEW)
