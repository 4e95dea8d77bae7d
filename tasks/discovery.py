"""Discover: one snapshot of a repository that all later decisions use."""

from dataclasses import replace

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from tasks.crash_points import CrashPoint, reached
from tasks.domain.discovery import in_short
from tasks.domain.model import Snapshot, owner_of
from tasks.domain.plan import references_to_resolve
from tasks.domain.rules import Rules
from tasks.ports import Services
from tasks.retrying import DELAYS, worth_retrying


@task(
    task_run_name="discover {rules.repository}",
    cache_policy=NO_CACHE,
    retries=len(DELAYS),
    retry_delay_seconds=DELAYS,
    retry_condition_fn=worth_retrying,
)
def discover(rules: Rules, services: Services) -> Snapshot:
    """Every open pull request, with the state of what it refers to and the members of the teams that rules name."""
    snapshot = services.code_host.snapshot(rules.repository, rules.target)
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
