"""Report: what was decided about one repository, for an auditor, and the log itself as evidence."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE, CacheKeyFnPolicy
from prefect.context import TaskRunContext

from tasks.crash_points import CrashPoint, reached
from tasks.domain.audit import Event
from tasks.domain.audit_report import (
    MEDIA_TYPE,
    AuditReport,
    Grounds,
    Subject,
    Window,
    audit_report,
    gates_for_security,
    grounds_cited,
    recorded_report,
    report_generated,
    window_after,
    window_of,
)
from tasks.domain.canonical import digest_of
from tasks.domain.model import Snapshot
from tasks.domain.rules import Rules
from tasks.domain.segments import MEDIA_TYPE as SEGMENT_MEDIA_TYPE
from tasks.domain.segments import PREFIX, exported_until, next_segments, segment_key
from tasks.evidence import key_of
from tasks.ports import Services
from tasks.recording import recorder_for
from tasks.retrying import DELAYS, worth_retrying


def publish_report(rules: Rules, snapshot: Snapshot, services: Services) -> str | None:
    """
    The address of the audit report on what happened since the last one; None where nothing did.

    A report that an earlier run recorded and did not live to store is stored first.
    """
    events = tuple(services.log.events(repository_id=snapshot.repository_id))
    recorded = recorded_report(events)
    last = 0
    if recorded is not None:
        last = window_of(recorded).last
        if not services.evidence.keys(str(recorded.data["key"])):
            _store(_written(rules, snapshot, services, events, window_of(recorded)), services)
    window = window_after(events, last)
    if window is None:
        return None
    report = _written(rules, snapshot, services, events, window)
    services.log.append([report_generated(recorder_for(rules, snapshot), report)])
    reached(CrashPoint.AFTER_REPORT_RECORD)
    return _store(report, services)


def _written(
    rules: Rules, snapshot: Snapshot, services: Services, events: Sequence[Event], window: Window
) -> AuditReport:
    subject = Subject(
        organization=rules.organization,
        team=rules.team,
        repository=snapshot.repository,
        evidence=services.evidence.location,
        security_gates=gates_for_security(rules.policies),
    )
    grounds: Grounds = {
        digest: json.loads(services.evidence.get(key_of(digest))) for digest in grounds_cited(events, window)
    }
    return audit_report(events, window, subject, grounds)


def _cache_key(_context: TaskRunContext, parameters: Mapping[str, Any]) -> str:
    report: AuditReport = parameters["report"]
    services: Services = parameters["services"]
    about = f"{services.evidence.location}\n{report.key}\n{report.digest}"
    return f"report-{digest_of(about.encode()).removeprefix('sha256:')}"


@task(
    name="store report",
    task_run_name="store {report.key}",
    cache_policy=CacheKeyFnPolicy(cache_key_fn=_cache_key),
    persist_result=True,
    result_serializer="json",
    retries=len(DELAYS),
    retry_delay_seconds=DELAYS,
    retry_condition_fn=worth_retrying,
)
def store_report(report: AuditReport, services: Services) -> str:
    """Writes it once, under lock where the store has one; the same report again is found there already."""
    return services.evidence.put(report.key, report.content, media_type=MEDIA_TYPE)


def _store(report: AuditReport, services: Services) -> str:
    address = store_report(report, services)
    create_markdown_artifact(
        markdown=report.content.decode(), key=_artifact_key(report), description=f"Audit report, kept at {address}"
    )
    return address


def _artifact_key(report: AuditReport) -> str:
    """`audit-report-owner-name`: Prefect takes small letters, digits and dashes only."""
    owner, name = report.key.split("/")[-3:-1]
    spelled = f"audit-report-{owner}-{name}".lower()
    return "".join(character if character.isascii() and character.isalnum() else "-" for character in spelled)


@task(
    name="export the audit log",
    cache_policy=NO_CACHE,
    retries=len(DELAYS),
    retry_delay_seconds=DELAYS,
    retry_condition_fn=worth_retrying,
)
def export_segments(services: Services) -> tuple[str, ...]:
    """Brings what the log holds and the evidence store lacks there; the addresses. The last thing of a run."""
    exported = exported_until(services.evidence.keys(PREFIX))
    return tuple(
        services.evidence.put(segment_key(first, last), services.log.lines(first, last), media_type=SEGMENT_MEDIA_TYPE)
        for first, last in next_segments(exported, services.log.size())
    )
