"""What a run says of itself in the end: the public contract of `merge-hub run --json`, for one repository."""

from pydantic import JsonValue

from tasks.domain.errors import MergeHubError
from tasks.domain.journey import GateRun, Journey
from tasks.domain.land import Landed
from tasks.domain.model import PullRequest, RepositoryName
from tasks.domain.reasons import Outcome


def repository_result(journey: Journey) -> dict[str, JsonValue]:
    return {
        "repository": journey.snapshot.repository,
        "target": journey.rules.target,
        "base_before": journey.snapshot.base,
        "base_after": journey.base,
        "status": "ok",
        "error": None,
        "plan_digest": journey.plan.digest,
        "gate_runs": [_gate_run(run) for run in journey.runs],
        "pull_requests": [_pull_request(journey, pull) for pull in journey.snapshot.pull_requests],
    }


def failed_result(repository: RepositoryName, target: str, error: MergeHubError) -> dict[str, JsonValue]:
    """A repository that the world failed: nothing is said of its pull requests."""
    return {
        "repository": repository,
        "target": target,
        "base_before": None,
        "base_after": None,
        "status": "failed",
        "error": {"code": error.code, "message": error.message, "remedy": error.remedy},
        "plan_digest": None,
        "gate_runs": [],
        "pull_requests": [],
    }


def _gate_run(run: GateRun) -> JsonValue:
    return {
        "pull_requests": list(run.candidate.members),
        "candidate": run.candidate.commit,
        "tree": run.candidate.tree,
        "gate": run.result.gate,
        "verdict": run.result.verdict.value,
        "cached": run.result.cached,
        "exit_code": run.result.exit_code,
        "seconds": run.result.seconds,
        "log": run.result.log,
    }


def _pull_request(journey: Journey, pull: PullRequest) -> JsonValue:
    outcome = journey.outcome(pull.number)
    reasons = () if outcome is Outcome.MERGED else journey.reasons[pull.number]
    return {
        "number": pull.number,
        "title": pull.title,
        "head": pull.head,
        "outcome": outcome.value,
        "landed": _landed(journey.landed.get(pull.number)),
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
