"""Report: what was decided about one repository, for an auditor."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, Protocol

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import CacheKeyFnPolicy
from prefect.context import TaskRunContext

from tasks.crash_points import CrashPoint, reached
from tasks.domain.audit import Event, EventType
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
from tasks.domain.dossier import concerning
from tasks.domain.model import Snapshot
from tasks.domain.rules import Rules
from tasks.evidence import load_by_digest
from tasks.ports import Services
from tasks.recording import recorder_for
from tasks.redaction import without_secrets
from tasks.retrying import RETRIES


class Store(Protocol):
    def __call__(self, report: AuditReport, services: Services, /) -> str: ...


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
    **RETRIES,
)
@without_secrets
def store_report(report: AuditReport, services: Services) -> str:
    """Writes it once, under lock where the store has one; the same report again is found there already."""
    address = services.evidence.put(report.key, report.content, media_type=MEDIA_TYPE)
    reached(CrashPoint.AFTER_REPORT_KEPT)
    return address


def store_and_show(report: AuditReport, services: Services) -> str:
    """The address. What Prefect remembers as stored and the store does not have is stored again."""
    storing = store_report.with_options(result_storage=services.results)
    address = storing(report, services)
    if not _is_stored(report.key, services):
        address = storing.with_options(refresh_cache=True)(report, services)
    reached(CrashPoint.AFTER_REPORT_STORED)
    create_markdown_artifact(
        markdown=report.content.decode(), key=_artifact_key(report), description=f"Audit report, kept at {address}"
    )
    return address


def publish_report(
    rules: Rules, snapshot: Snapshot, services: Services, *, store: Store = store_and_show
) -> str | None:
    """
    The address of the audit report on what happened since the last one; None where nothing did.

    A report that an earlier run recorded and did not live to store is made again and stored first.
    """
    address, windows = None, tuple(_open_windows(snapshot.repository_id, services))
    events = _concerning(windows[0].first, snapshot.repository_id, services) if windows else ()
    for window in windows:
        report = _written(rules, snapshot, services, events, window)
        services.log.append([report_generated(recorder_for(rules, snapshot), report)])
        reached(CrashPoint.AFTER_REPORT_RECORD)
        address = store(report, services)
        reached(CrashPoint.AFTER_REPORT)
    return address


def _concerning(first: int, repository_id: str, services: Services) -> tuple[Event, ...]:
    """What reports need that begin with `first` or later."""

    def earlier(types: frozenset[EventType] | None) -> Iterator[Event]:
        read = services.log.events(repository_id=repository_id, types=types)
        return takewhile(lambda event: event.seq < first, read)

    return concerning(tuple(services.log.events(repository_id=repository_id, after=first - 1)), earlier)


def _open_windows(repository_id: str, services: Services) -> Iterator[Window]:
    recorded = recorded_report(services.log.events(repository_id=repository_id, types={EventType.REPORT_GENERATED}))
    covered = None if recorded is None else window_of(recorded)
    if recorded is not None and covered is not None and not _is_stored(str(recorded.data["key"]), services):
        yield covered
    last = covered.last if covered is not None else 0
    news = window_after(services.log.events(repository_id=repository_id, after=last), last)
    if news is not None:
        yield news


def _is_stored(key: str, services: Services) -> bool:
    return key in services.evidence.keys(key)


def _written(
    rules: Rules, snapshot: Snapshot, services: Services, events: Sequence[Event], window: Window
) -> AuditReport:
    subject = Subject(
        organization=rules.organization,
        team=rules.team,
        repository=snapshot.repository,
        evidence=services.evidence.location,
        security_gates=gates_for_security(rules.policies, (*rules.gates, *rules.post_landing)),
    )
    grounds: Grounds = {
        digest: json.loads(load_by_digest(digest, services)) for digest in grounds_cited(events, window)
    }
    return audit_report(events, window, subject, grounds)


def _artifact_key(report: AuditReport) -> str:
    """`audit-report-owner-name`: Prefect takes small letters, digits and dashes only."""
    owner, name = report.key.split("/")[-3:-1]
    spelled = f"audit-report-{owner}-{name}".lower()
    return "".join(character if character.isascii() and character.isalnum() else "-" for character in spelled)
