"""
Where a process may die between two effects: named, so that tests can have it die there and look at the rerun.

MERGE_HUB_CRASH_AT=NAME kills the process, as nothing can be caught or tidied, when it first comes to that point. With
the variable unset, which is always but in tests, nothing happens. A point inside a loop stands behind one of several
effects of the same kind, so that the first of them has happened and the second has not.
"""

import os
import signal
from collections.abc import Mapping
from enum import StrEnum
from typing import Self

VARIABLE = "MERGE_HUB_CRASH_AT"


class CrashPoint(StrEnum):
    """In the order in which a run comes to them; `done` is the last effect before the point, `undone` the next one."""

    _value_: str
    done: str
    undone: str

    def __new__(cls, value: str, done: str, undone: str) -> Self:
        point = str.__new__(cls, value)
        point._value_ = value
        point.done = done
        point.undone = undone
        return point

    AFTER_NAME_RECORD = (
        "after-name-record",
        "that the repository has another name now is in the audit log",
        "nothing was planned",
    )
    AFTER_SNAPSHOT = ("after-snapshot", "the open pull requests were read", "nothing was written")
    AFTER_MIRROR_BEGUN = (
        "after-mirror-begun",
        "an empty mirror was made beside its place",
        "there is no mirror in its place",
    )
    AFTER_MIRROR_MADE = ("after-mirror-made", "an empty mirror is in its place", "nothing was fetched into it")
    AFTER_FETCH = ("after-fetch", "commits were fetched into the mirror", "nothing was made of them")
    AFTER_RECOVERED_LANDING = (
        "after-recovered-landing",
        "one landing that a dead run announced is recorded as landed or as given up",
        "the next one is not",
    )
    AFTER_COMMENT = (
        "after-comment",
        "a pull request that was squashed or rebased has the comment that it landed",
        "it is not closed",
    )
    AFTER_CLOSED = ("after-closed", "one pull request that was squashed or rebased is closed", "the next one is not")
    AFTER_ABANDONED_WORKSPACE = (
        "after-abandoned-workspace",
        "one workspace of a dead process is removed",
        "the next one is not",
    )
    AFTER_RECOVERY = ("after-recovery", "what dead runs left is put in order", "nothing was planned")
    AFTER_CANDIDATE_COMMIT = (
        "after-candidate-commit",
        "the commit of one candidate is in the mirror",
        "those of the others are not",
    )
    AFTER_PLAN_FILE = ("after-plan-file", "plan.json is written", "lex-pr-plan.json is not")
    AFTER_PLAN = ("after-plan", "both plans are written", "no batch was formed")
    AFTER_BATCH = ("after-batch", "a batch is merged in the mirror", "nothing of it was gated")
    AFTER_WORKSPACE = ("after-workspace", "a workspace for gates is made and held", "nothing is checked out in it")
    AFTER_CHECKOUT = ("after-checkout", "a candidate is checked out", "no gate has begun")
    AFTER_GATE_RUN = ("after-gate-run", "a gate has ended", "its output is not kept as evidence")
    AFTER_EVIDENCE_BYTES = (
        "after-evidence-bytes",
        "the bytes of one piece of evidence are on disk without a name",
        "they have no name, so they are not there",
    )
    AFTER_GATE_LOG = ("after-gate-log", "a gate's output is kept as evidence", "its result is remembered nowhere")
    AFTER_GATE_RESULT = (
        "after-gate-result",
        "a gate's pass is in Prefect's cache of results",
        "it is not in the audit log",
    )
    AFTER_WORKSPACE_REMOVED = (
        "after-workspace-removed",
        "the workspace of a gated candidate is removed",
        "the results of its gates are not in the audit log",
    )
    AFTER_GATE_RECORDS = (
        "after-gate-records",
        "the results of all gates on one candidate are in the audit log",
        "nothing was concluded from them",
    )
    AFTER_RED_BASE_RECORD = (
        "after-red-base-record",
        "that the target branch itself does not pass is in the audit log",
        "the outcomes are not",
    )
    AFTER_REFUSALS = ("after-refusals", "who is refused by which gate is in the audit log", "nobody was cleared")
    AFTER_EMERGENCY_REVIEW = (
        "after-emergency-review",
        "what became of a review that an emergency owes is in the audit log",
        "the other ones were not looked for",
    )
    AFTER_FACTS = (
        "after-facts",
        "the facts that controls judge are kept as evidence",
        "what they say is not in the audit log",
    )
    AFTER_COMPLIANCE = ("after-compliance", "what each control says is in the audit log", "no grounds are kept")
    AFTER_GROUNDS = (
        "after-grounds",
        "the grounds for landing one pull request are kept as evidence",
        "those of the next one are not",
    )
    AFTER_EVIDENCE = ("after-evidence", "all grounds are kept as evidence", "the landing is not announced")
    AFTER_INTENT = ("after-intent", "the landing is announced in the audit log", "nothing has landed")
    AFTER_PUSH = ("after-push", "the target branch has moved, or the move was declined", "no outcome is recorded")
    AFTER_LANDING_FAILURE = (
        "after-landing-failure",
        "that a landing was declined is in the audit log",
        "it was not tried again",
    )
    AFTER_TREE_ALERT = (
        "after-tree-alert",
        "that the branch carries another tree than the gated one is in the audit log",
        "the repository is not stopped, and nobody was told",
    )
    AFTER_LANDING_RECORD = ("after-landing-record", "what landed is in the audit log", "nothing was closed")
    AFTER_CLOSING = ("after-closing", "everything that landed is closed", "the next round has not begun")
    AFTER_POST_LANDING_RECORDS = (
        "after-post-landing-records",
        "what gates say of what landed is in the audit log, with the incidents that it is",
        "nothing is taken back",
    )
    AFTER_RECONCILIATION = (
        "after-reconciliation",
        "who answers for each commit of a target branch is in the audit log, with what went around the hub",
        "nobody was told",
    )
    AFTER_ROLLBACK_GATES = (
        "after-rollback-gates",
        "what gates say of a revert is in the audit log",
        "the revert is not announced",
    )
    AFTER_ROLLBACK_INTENT = ("after-rollback-intent", "a revert is announced in the audit log", "it is not pushed")
    AFTER_ROLLBACK_PUSH = ("after-rollback-push", "the target branch carries the revert", "nobody was told")
    AFTER_ROLLBACK_COMMENT = (
        "after-rollback-comment",
        "one pull request that was taken back has its comment",
        "the next one has none, and the rollback is not recorded as done",
    )
    AFTER_ROLLBACK_RECORD = (
        "after-rollback-record",
        "the rollback is recorded as done",
        "the next round has not begun",
    )
    AFTER_ROLLBACK_FAILURE = (
        "after-rollback-failure",
        "that something cannot be taken back is in the audit log, with the incident that it is",
        "the next round has not begun, and nobody was told",
    )
    AFTER_SET_INTENT = (
        "after-set-intent",
        "a change set is announced in the audit log, every member pinned",
        "nothing of it has landed",
    )
    AFTER_SET_BROKEN = (
        "after-set-broken",
        "that a change set landed in part is in the audit log",
        "nothing of it is taken back",
    )
    AFTER_SET_COMPENSATED = (
        "after-set-compensated",
        "that all that had landed of a broken change set is taken back is in the audit log",
        "its repositories are not reported on",
    )
    AFTER_SET_COMPLETED = (
        "after-set-completed",
        "that all of a change set has landed is in the audit log",
        "its repositories are not reported on",
    )
    AFTER_SIGN_OFF_ASKED = (
        "after-sign-off-asked",
        "that a plan waits for signatures is in the audit log",
        "the outcomes are not",
    )
    AFTER_SIGN_OFF_GIVEN = (
        "after-sign-off-given",
        "a signature is in the audit log",
        "the person who signed was not told so",
    )
    AFTER_PAUSE = (
        "after-pause",
        "that landings are paused, or go on, is in the audit log",
        "the person who said it was not told so",
    )
    AFTER_OUTCOME_RECORDS = (
        "after-outcome-records",
        "why the others did not land is in the audit log",
        "no report is recorded",
    )
    AFTER_CREDENTIAL_RECORD = (
        "after-credential-record",
        "what was found of the credential is recorded",
        "nobody was told",
    )
    AFTER_REPORT_RECORD = ("after-report-record", "the audit report is announced in the log", "it is not stored")
    AFTER_REPORT_KEPT = ("after-report-kept", "the audit report is stored", "Prefect does not know that")
    AFTER_REPORT_STORED = ("after-report-stored", "Prefect remembers the report as stored", "it shows no artifact")
    AFTER_REPORT = ("after-report", "the audit report is stored and shown", "nobody was told anything")
    AFTER_FAILURE_RECORD = (
        "after-failure-record",
        "that a repository failed is in the audit log",
        "nobody was told",
    )
    AFTER_ALERTS = (
        "after-alerts",
        "what is out of the ordinary in the audit log is in it as alerts",
        "how far it was judged is not written down, and nobody is told",
    )
    AFTER_LOST_MESSAGE = (
        "after-lost-message",
        "that nobody knows whether a message arrived is in the audit log",
        "no new message was sent",
    )
    AFTER_MESSAGE_INTENT = ("after-message-intent", "a message is announced in the audit log", "it was not sent")
    AFTER_MESSAGE_SENT = ("after-message-sent", "a message was sent", "it has no receipt")
    AFTER_MESSAGE_RECORD = ("after-message-record", "a message has its receipt", "the next one was not announced")
    AFTER_MESSAGE_FAILURE = (
        "after-message-failure",
        "that a message was not taken is in the audit log",
        "it was not sent again",
    )
    AFTER_MESSAGE_UNKNOWN = (
        "after-message-unknown",
        "that a message was handed over and its answer lost is in the audit log",
        "the next one was not announced",
    )
    AFTER_SEGMENT = (
        "after-segment",
        "one segment of the audit log is in the evidence store",
        "the next one is not",
    )
    AFTER_EXPORT = ("after-export", "the whole audit log is in the evidence store", "nothing of it was signed")
    AFTER_ATTESTATION = ("after-attestation", "one landing is attested", "it is not proven to be in the log")
    AFTER_PROOF = ("after-proof", "one landing is proven to be in the log", "the checkpoint of the proof is not kept")
    AFTER_CHECKPOINT = ("after-checkpoint", "a checkpoint signs all that the log holds", "nobody outside has seen it")
    AFTER_COPY = ("after-copy", "a checkpoint is copied to the second store", "it is not stamped")
    AFTER_ANCHOR = ("after-anchor", "an authority has stamped a checkpoint", "run.json is not written")
    AFTER_UNFINISHED_FILE = (
        "after-unfinished-file",
        "a document is written under a name of its own",
        "it has not taken the place of the one before",
    )
    AFTER_RUN = ("after-run", "run.json is written", "Prefect does not show the outcomes")
    AFTER_OUTCOMES_SHOWN = ("after-outcomes-shown", "Prefect shows the outcomes", "the process has not ended")
    AFTER_METRICS_FILE = ("after-metrics-file", "one file of a metrics report is written", "the next one is not")
    AFTER_METRICS = ("after-metrics", "all files of a metrics report are written", "Prefect does not show them")


def unknown_point(environ: Mapping[str, str]) -> str | None:
    """What the variable names that is no point: whoever set it believes that the process dies, and it would not."""
    named = environ.get(VARIABLE)
    return named if named and named not in set(CrashPoint) else None


def reached(point: CrashPoint) -> None:
    if os.environ.get(VARIABLE) == point.value:
        os.kill(os.getpid(), signal.SIGKILL)
