"""The end of a run: one table for the Prefect UI, one document for programs, and what failed on the record."""

import contextlib
import json

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from pydantic import JsonValue

from config.schema import Configuration
from tasks.checkpoints import last_checkpoint
from tasks.crash_points import CrashPoint, reached
from tasks.domain.audit import EventType, RepositoryIdentity
from tasks.domain.errors import AuditLogError, EvidenceError, MergeHubError
from tasks.domain.identity import UNKNOWN_ID, last_led_to
from tasks.domain.outcomes import outcome_rows, totals
from tasks.domain.records import Recorder
from tasks.domain.result import failed_result
from tasks.domain.run import Assignment, Result
from tasks.domain.search_report import in_words
from tasks.domain.signed_note import NoteRefused
from tasks.exposure import exposure_of
from tasks.files import write_whole
from tasks.ports import Services
from tasks.redaction import redacted_document

MAXIMUM_ROWS = 200
_ABOUT_THE_RUN = frozenset({EventType.ALERT_RAISED, EventType.REPORT_GENERATED})


@task(task_run_name="outcomes of the run", cache_policy=NO_CACHE)
def publish_outcomes(document: dict[str, JsonValue], services: Services) -> None:
    """Writes run.json into the run's folder and the artifact `merge-outcomes`."""
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    write_whole(services.run / "run.json", text)
    reached(CrashPoint.AFTER_RUN)
    rows = outcome_rows(redacted_document(document))
    description = totals(document) + (f"; the first {MAXIMUM_ROWS} of {len(rows)}" if len(rows) > MAXIMUM_ROWS else "")
    gated = in_words(document)
    create_table_artifact(
        table=rows[:MAXIMUM_ROWS], key="merge-outcomes", description=f"{description}; {gated}" if gated else description
    )
    reached(CrashPoint.AFTER_OUTCOMES_SHOWN)


def audit_summary(services: Services) -> dict[str, JsonValue]:
    """How far the log is, and what was signed of it last: None where nothing was, or the store does not tell."""
    signed = None
    with contextlib.suppress(EvidenceError, NoteRefused):
        signed = last_checkpoint(services)
    return {
        "store": services.evidence.location,
        "size": services.log.size(),
        "root": None if signed is None else signed.root.hex(),
        "checkpoint": None if signed is None else signed.key,
        **exposure_of(services).document(),
    }


def record_failure(
    configuration: Configuration, assignment: Assignment, error: MergeHubError, services: Services
) -> Result:
    """
    The result of a repository that failed, after raising the alert, once for as long as nothing else happens there.

    The record's identity is the failure and the last thing that happened before it; not its text, in which a time of
    day may stand. An audit log that cannot take the alert is told of in the result all the same.
    """
    about, since = _last_seen(assignment, services)
    recorder = Recorder(configuration.organization.name, assignment.team, about)
    with contextlib.suppress(AuditLogError):
        services.log.append([recorder.repository_failed(error, since)])
        reached(CrashPoint.AFTER_FAILURE_RECORD)
    return failed_result(assignment.repository, configuration.team(assignment.team).scope.target, error)


def _last_seen(assignment: Assignment, services: Services) -> tuple[RepositoryIdentity, int]:
    """The repository as records name it, and the last record that is not itself an alert or a report."""
    about, since = RepositoryIdentity(id=UNKNOWN_ID, name=assignment.repository), 0
    with contextlib.suppress(AuditLogError):
        named = services.log.events(mentioning=assignment.repository, newest_first=True)
        last = last_led_to(assignment.repository, named)
        about = about if last is None or last.repository is None else last.repository
        own = services.log.events(repository_id=about.id, newest_first=True)
        since = next((event.seq for event in own if event.type not in _ABOUT_THE_RUN), 0)
    return about, since
