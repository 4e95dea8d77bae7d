"""Discover: one snapshot of a repository that all later decisions use."""

from dataclasses import replace

from prefect.logging import get_run_logger

from tasks.crash_points import CrashPoint, reached
from tasks.domain.discovery import in_short
from tasks.domain.identity import Recorded, changes_of_name, last_led_to
from tasks.domain.model import Snapshot, owner_of
from tasks.domain.plan import references_to_resolve
from tasks.domain.rules import Rules
from tasks.ports import Services
from tasks.retrying import step


@step("discover {rules.repository}")
def discover(rules: Rules, services: Services) -> Snapshot:
    """Every open pull request, with the state of what it refers to and the members of the teams that rules name."""
    snapshot = services.code_host.snapshot(rules.repository, rules.target)
    services.log.append(changes_of_name(rules, snapshot, _recorded_before(rules, snapshot, services)))
    references = references_to_resolve(snapshot)
    reviewers = rules.filters.required_reviewers
    found = replace(
        snapshot,
        related=services.code_host.related(references) if references else {},
        groups=services.code_host.groups(owner_of(snapshot.repository), reviewers) if reviewers else {},
    )
    get_run_logger().info("%s: %s", snapshot.repository, in_short(snapshot))
    reached(CrashPoint.AFTER_SNAPSHOT)
    return found


def _recorded_before(rules: Rules, snapshot: Snapshot, services: Services) -> Recorded | None:
    """Reads the repository's own records, and of the others only what is younger than the last of them."""
    own = last_led_to(rules.repository, services.log.events(repository_id=snapshot.repository_id))
    others = last_led_to(rules.repository, services.log.events(after=0 if own is None else own.seq))
    last = others or own
    if last is None or last.repository is None:
        return None
    if last.repository.id == snapshot.repository_id:
        return Recorded(snapshot.repository_id, snapshot.repository)
    return Recorded(last.repository.id, services.code_host.name_of(last.repository.id))
