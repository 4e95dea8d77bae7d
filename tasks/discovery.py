"""Discover: one snapshot of a repository that all later decisions use."""

from collections.abc import Mapping
from dataclasses import replace

from prefect.logging import get_run_logger

from tasks.approving import with_same_content
from tasks.circumstances import read_circumstances
from tasks.crash_points import CrashPoint, reached
from tasks.domain.cycles import depended_on
from tasks.domain.discovery import in_short
from tasks.domain.identity import Recorded, changes_of_name, last_led_to
from tasks.domain.model import Reference, RelatedState, Snapshot
from tasks.domain.plan import references_to_resolve
from tasks.domain.rules import Rules
from tasks.ports import Services
from tasks.retrying import step

MOST_STEPS_ELSEWHERE = 5
MOST_ASKED_AT_ONCE = 100


@step("discover {rules.repository}")
def discover(rules: Rules, services: Services) -> Snapshot:
    """Every open pull request, with the state of what it refers to and what the rules need to know beyond it."""
    snapshot = services.code_host.snapshot(rules.repository, rules.target)
    if services.log.append(changes_of_name(rules, snapshot, _recorded_before(rules, snapshot, services))):
        reached(CrashPoint.AFTER_NAME_RECORD)
    references = references_to_resolve(snapshot)
    related = services.code_host.related(references) if references else {}
    found = replace(
        snapshot,
        pull_requests=with_same_content(snapshot.pull_requests, rules, snapshot, services),
        related=related,
        elsewhere=_followed(snapshot, related, services),
        circumstances=read_circumstances(rules, snapshot, snapshot.pull_requests, snapshot.base, services),
    )
    get_run_logger().info("%s: %s", snapshot.repository, in_short(snapshot))
    reached(CrashPoint.AFTER_SNAPSHOT)
    return found


def _recorded_before(rules: Rules, snapshot: Snapshot, services: Services) -> Recorded | None:
    last = last_led_to(rules.repository, services.log.events(mentioning=rules.repository, newest_first=True))
    if last is None or last.repository is None:
        return None
    if last.repository.id == snapshot.repository_id:
        return Recorded(snapshot.repository_id, snapshot.repository)
    return Recorded(last.repository.id, services.code_host.name_of(last.repository.id))


def _followed(
    snapshot: Snapshot, related: Mapping[Reference, RelatedState], services: Services
) -> dict[Reference, frozenset[Reference]]:
    """
    What is open elsewhere and is waited for here, with what that waits for, and so on; a request each time.

    It only serves to name a cycle, so that a long way is not followed to its end: whoever waits is held all the same.
    """
    found: dict[Reference, frozenset[Reference]] = {}
    ahead = {reference for reference, state in related.items() if state is RelatedState.OPEN}
    for _ in range(MOST_STEPS_ELSEWHERE):
        beyond = (one for one in ahead - found.keys() if one.repository.casefold() != snapshot.repository.casefold())
        asked = sorted(beyond)[:MOST_ASKED_AT_ONCE]
        if not asked:
            break
        bodies = services.code_host.bodies(asked)
        found |= {one: depended_on(bodies[one], one.repository) if one in bodies else frozenset() for one in asked}
        ahead = {needed for one in asked for needed in found[one]}
    return found
