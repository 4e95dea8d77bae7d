"""
Where a process may die between two effects: named, so that tests can have it die there and look at the rerun.

MERGE_HUB_CRASH_AT=NAME kills the process, as nothing can be caught or tidied, when it first comes to that point. With
the variable unset, which is always but in tests, nothing happens.
"""

import os
import signal
from enum import StrEnum

VARIABLE = "MERGE_HUB_CRASH_AT"


class CrashPoint(StrEnum):
    AFTER_SNAPSHOT = "after-snapshot"
    AFTER_RECOVERY = "after-recovery"
    AFTER_PLAN = "after-plan"
    AFTER_GATE_LOG = "after-gate-log"
    AFTER_GATE_RECORDS = "after-gate-records"
    AFTER_REFUSALS = "after-refusals"
    AFTER_COMPLIANCE = "after-compliance"
    AFTER_EVIDENCE = "after-evidence"
    AFTER_INTENT = "after-intent"
    AFTER_PUSH = "after-push"
    AFTER_LANDING_RECORD = "after-landing-record"
    AFTER_CLOSING = "after-closing"
    AFTER_POST_LANDING_RECORDS = "after-post-landing-records"
    AFTER_ROLLBACK_GATES = "after-rollback-gates"
    AFTER_ROLLBACK_INTENT = "after-rollback-intent"
    AFTER_ROLLBACK_PUSH = "after-rollback-push"
    AFTER_ROLLBACK_COMMENT = "after-rollback-comment"
    AFTER_ROLLBACK_RECORD = "after-rollback-record"
    AFTER_OUTCOME_RECORDS = "after-outcome-records"
    AFTER_REPORT_RECORD = "after-report-record"
    AFTER_MESSAGE_INTENT = "after-message-intent"
    AFTER_MESSAGE_SENT = "after-message-sent"
    AFTER_MESSAGE_RECORD = "after-message-record"
    AFTER_RUN = "after-run"


def reached(point: CrashPoint) -> None:
    if os.environ.get(VARIABLE) == point.value:
        os.kill(os.getpid(), signal.SIGKILL)
