"""What a run says of itself in the end: the public contract of `merge-hub run --json`, for one repository."""

from collections.abc import Iterable

from pydantic import JsonValue

from tasks.domain.change_set_documents import change_set_document
from tasks.domain.errors import MergeHubError, RepositoryStopped, Unforeseen
from tasks.domain.journey import GateRun, Journey
from tasks.domain.land import Landed
from tasks.domain.model import PullRequest, RepositoryName, Snapshot
from tasks.domain.reasons import Outcome, Reason, ReasonCode, outcome_of
from tasks.domain.search_report import searches_of


def repository_result(journey: Journey) -> dict[str, JsonValue]:
    return {
        "repository": journey.snapshot.repository,
        "target": journey.rules.target,
        "base_before": journey.snapshot.base,
        "base_after": journey.base,
        "status": "ok",
        "error": None,
        "plan_digest": journey.plan.digest,
        "gate_runs": [gate_run_document(run) for run in journey.runs],
        "searches": searches_of(journey),
        "pull_requests": [pull_request_document(journey, pull) for pull in journey.snapshot.pull_requests],
        "change_sets": [change_set_document(each) for each in journey.change_sets],
    }


def stopped(snapshot: Snapshot, journey: Journey | None, error: Exception) -> RepositoryStopped:
    """What landed has landed and what was decided is decided; every other pull request waits for the next run."""
    told = error if isinstance(error, MergeHubError) else unforeseen(error)
    undecided = Reason(ReasonCode.REPOSITORY_FAILED, "not decided, since its repository failed")
    if journey is None:
        known: dict[str, JsonValue] = {
            "base_before": snapshot.base,
            "base_after": snapshot.base,
            "pull_requests": [_undecided(pull, undecided) for pull in snapshot.pull_requests],
            "change_sets": [],
        }
    else:
        known = repository_result(journey.stopped(undecided))
        del known["status"], known["error"]
    return RepositoryStopped(known, told)


def unforeseen(error: Exception) -> Unforeseen:
    return Unforeseen(f"{type(error).__name__}: {error}", remedy="Read the log of the run; a rerun is safe.")


def failed_result(repository: RepositoryName, target: str, error: MergeHubError) -> dict[str, JsonValue]:
    """A repository that the world failed before anything was known of its pull requests."""
    return {
        "repository": repository,
        "target": target,
        "base_before": None,
        "base_after": None,
        "status": "failed",
        "error": {"code": error.code, "message": error.message, "remedy": error.remedy},
        "plan_digest": None,
        "gate_runs": [],
        "searches": [],
        "pull_requests": [],
        "change_sets": [],
    }


def gate_run_document(run: GateRun) -> JsonValue:
    return {
        "phase": run.phase.value,
        "pull_requests": list(run.candidate.members),
        "ahead": list(run.ahead),
        "purpose": run.purpose.value,
        "candidate": run.candidate.commit,
        "tree": run.candidate.tree,
        "gate": run.result.gate,
        "verdict": run.result.verdict.value,
        "cached": run.result.cached,
        "exit_code": run.result.exit_code,
        "seconds": run.result.seconds,
        "log": run.result.log,
    }


def pull_request_document(journey: Journey, pull: PullRequest) -> JsonValue:
    outcome = journey.outcome(pull.number)
    reasons = () if outcome is Outcome.MERGED else journey.reasons[pull.number]
    return _told(pull, outcome, journey.landed.get(pull.number), reasons)


def _undecided(pull: PullRequest, reason: Reason) -> JsonValue:
    return _told(pull, outcome_of((reason,)), None, (reason,))


def _told(pull: PullRequest, outcome: Outcome, landed: Landed | None, reasons: Iterable[Reason]) -> JsonValue:
    return {
        "number": pull.number,
        "title": pull.title,
        "head": pull.head,
        "outcome": outcome.value,
        "landed": _landed(landed),
        "reasons": [
            {"code": reason.code.value, "message": reason.message, "actor": reason.actor} for reason in reasons
        ],
    }


def _landed(landed: Landed | None) -> JsonValue:
    if landed is None:
        return None
    return {
        "commit": landed.commit,
        "tree": landed.tree,
        "gated_tree": landed.gated_tree,
        "method": landed.method.value,
    }
