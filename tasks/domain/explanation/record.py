"""
What a run keeps of every pull request that it saw open, so that anybody can be told why it is where it is.

One document a repository, which the next run writes anew; a condition stays as old as it is, whatever is pushed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import quantiles

from pydantic import JsonValue

from tasks.domain.explanation import KEPT_SCHEMA
from tasks.domain.journey import Journey
from tasks.domain.model import PullRequest
from tasks.domain.reasons import Outcome, Reason, told_moment

LEAST_FOR_MEDIAN = 5
LEAST_FOR_NINETIETH = 20
"""With fewer values a percentile says more about chance than about the queue."""
KEPT_LANDINGS = 200

Json = Mapping[str, JsonValue]


def repository_record(
    journey: Journey, before: Json | None, *, run: str, began: datetime, now: datetime
) -> dict[str, JsonValue]:
    """`before` is what the last run kept, None where none did; `began` is when this run did."""
    rules, snapshot = journey.rules, journey.snapshot
    earlier = entries(before)
    waiting = [member.number for member in journey.plan.members if _still_waits(member.number, journey)]
    landings = _landings(before, len(journey.landed), now - began)
    return {
        "schema": KEPT_SCHEMA,
        "repository": snapshot.repository,
        "repository_id": snapshot.repository_id,
        "team": rules.team,
        "target": rules.target,
        "stage": rules.stage.value,
        "policy": rules.policy_digest,
        "run": run,
        "judged_at": told_moment(now),
        "landings": list[JsonValue](landings),
        "until_landed": _within(landings),
        "waiting": list[JsonValue](waiting),
        "policies": [policy.model_dump(mode="json", by_alias=True, exclude_defaults=True) for policy in rules.policies],
        "pull_requests": {
            str(pull.number): _entry(pull, journey, earlier.get(str(pull.number)), now)
            for pull in snapshot.pull_requests
            if pull.number not in {*journey.landed, *journey.undecided}
        },
    }


def _still_waits(number: int, journey: Journey) -> bool:
    """Who is refused is out of the queue until something changes."""
    if number in {*journey.landed, *journey.undecided}:
        return False
    return journey.outcome(number) is Outcome.HELD


def entries(document: Json | None) -> Mapping[str, Json]:
    """By number; none where the document is none, or lacks what it should have."""
    found = None if document is None else document.get("pull_requests")
    return {number: each for number, each in found.items() if isinstance(each, dict)} if isinstance(found, dict) else {}


def _entry(pull: PullRequest, journey: Journey, earlier: Json | None, now: datetime) -> dict[str, JsonValue]:
    return {
        "title": pull.title,
        "author": pull.author,
        "url": pull.url,
        "head": pull.head,
        "opened_at": told_moment(pull.created_at),
        "outcome": journey.outcome(pull.number).value,
        "reasons": [_reason(reason, earlier, now) for reason in journey.reasons[pull.number]],
        "gates": list[JsonValue](_gates(pull, journey)),
    }


def _reason(reason: Reason, earlier: Json | None, now: datetime) -> dict[str, JsonValue]:
    return {
        "code": reason.code.value,
        "message": reason.message,
        "actor": reason.actor,
        "until": None if reason.until is None else told_moment(reason.until),
        "since": _since(reason, earlier) or told_moment(now),
    }


def _since(reason: Reason, earlier: Json | None) -> str | None:
    """Since when the same condition on the same person is not met: by its words where there are several."""
    told = earlier.get("reasons") if earlier is not None else None
    same = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    same = [each for each in same if (each.get("code"), each.get("actor")) == (reason.code.value, reason.actor)]
    exact = [each for each in same if each.get("message") == reason.message]
    found = [each["since"] for each in exact or same if isinstance(each.get("since"), str)]
    return min(map(str, found), default=None)


def _gates(pull: PullRequest, journey: Journey) -> Iterable[dict[str, JsonValue]]:
    """The last answer of each gate in this run to what held this pull request; none for what was not gated."""
    latest: dict[str, dict[str, JsonValue]] = {}
    for run in journey.runs:
        if pull.number in run.candidate.members:
            result = run.result
            latest[result.gate] = {
                "gate": result.gate,
                "required": result.required,
                "verdict": result.verdict.value,
                "seconds": result.seconds,
                "cached": result.cached,
                "log": result.log,
                "with": [number for number in run.group if number != pull.number],
            }
    return latest.values()


def _landings(before: Json | None, landed: int, took: timedelta) -> list[int]:
    """Of each landing the seconds since its run began, the newest last."""
    known = before.get("landings") if before is not None else None
    numbers = [each for each in known if isinstance(each, int)] if isinstance(known, list) else []
    return [*numbers, *[max(0, round(took.total_seconds()))] * landed][-KEPT_LANDINGS:]


def _within(landings: Sequence[int]) -> dict[str, JsonValue]:
    """In seconds from the beginning of a run, by linear interpolation; None for what so few do not tell."""
    cuts = quantiles(landings, n=10, method="inclusive") if len(landings) >= LEAST_FOR_MEDIAN else []
    return {
        "n": len(landings),
        "p50": round(cuts[4]) if cuts else None,
        "p90": round(cuts[8]) if len(landings) >= LEAST_FOR_NINETIETH else None,
    }
