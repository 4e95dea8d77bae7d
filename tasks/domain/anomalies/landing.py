"""
What a landing rested on, as far as rules judge it: written with the announcement, and read back with the outcome.

Logins and times, no text of a review. What an older record does not hold is None, and nothing is made of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from config.schema import moment_of as read_moment
from tasks.domain.anomalies.finding import Place
from tasks.domain.approvals import count_approvals
from tasks.domain.audit import Event
from tasks.domain.bounds import listed
from tasks.domain.compliance import ComplianceReport
from tasks.domain.gates import Evaluation
from tasks.domain.model import CommitSha, Login
from tasks.domain.reasons import told_moment
from tasks.domain.remembered import moment_of


@dataclass(frozen=True, slots=True)
class Approval:
    """`same` says that git proved the approved commit to bring what the head brings."""

    reviewer: str
    commit: str | None
    at: datetime | None
    same: bool


@dataclass(frozen=True, slots=True)
class GateTold:
    """A required gate; `cached`: its verdict is of an earlier run."""

    name: str
    verdict: str
    cached: bool


@dataclass(frozen=True, slots=True)
class Landing:
    """`approvers` None: nobody's approval was barred. `gates` are the required ones."""

    event: Event
    intent: Event
    at: datetime
    number: int
    head: str
    author: str | None
    approvals: tuple[Approval, ...] | None
    contributors: frozenset[str]
    approvers: frozenset[str] | None
    gates: tuple[GateTold, ...] | None
    skipping: tuple[str, ...]

    @property
    def place(self) -> Place:
        return Place.of(self.event)

    @property
    def name(self) -> str:
        return f"{self.place.name}#{self.number}"

    @property
    def emergency(self) -> bool:
        return self.intent.data.get("class") == "emergency"

    @property
    def events(self) -> tuple[str, ...]:
        return (self.intent.id, self.event.id)


def landing_facts(
    report: ComplianceReport,
    evaluation: Evaluation,
    approvers: frozenset[Login] | None,
    skipping: Iterable[CommitSha],
) -> dict[str, JsonValue]:
    """For the record of an intent; `skipping` are the commits whose message asks machines to skip their checks."""
    pull = report.pull_request
    given: list[JsonValue] = [
        {
            "reviewer": review.reviewer,
            "commit": review.commit,
            "at": None if review.submitted_at is None else told_moment(review.submitted_at),
            "same": review.commit in pull.same_content,
        }
        for review in count_approvals(pull, approvers=approvers).counted
    ]
    wrote: set[str] = {*pull.contributors, *([] if pull.last_pusher is None else [pull.last_pusher])}
    gates: list[JsonValue] = [
        [each.gate, each.verdict.value, each.cached] for each in evaluation.results if each.required
    ]
    return {
        **listed("approvals", given),
        **listed("contributors", list[JsonValue](sorted(wrote))),
        "required_gates": gates,
        **({} if approvers is None else listed("approvers", list[JsonValue](sorted(approvers)))),
        **listed("skipping", list[JsonValue](list(skipping))),
    }


def landing_of(event: Event, intent: Event) -> Landing:
    data = intent.data
    whole = "approvers_more" not in data
    author = data.get("author")
    return Landing(
        event=event,
        intent=intent,
        at=moment_of(event),
        number=int(str(event.subject["pull_request"])),
        head=str(event.subject["head"]),
        author=None if author is None else str(author),
        approvals=tuple(map(_approval, _dicts(data["approvals"]))) if "approvals" in data else None,
        contributors=frozenset(map(str, _items(data.get("contributors")))),
        approvers=frozenset(map(str, _items(data["approvers"]))) if "approvers" in data and whole else None,
        gates=tuple(map(_gate, _items(data["required_gates"]))) if "required_gates" in data else None,
        skipping=tuple(map(str, _items(data.get("skipping")))),
    )


def _approval(told: dict[str, JsonValue]) -> Approval:
    commit, at = told.get("commit"), told.get("at")
    return Approval(
        reviewer=str(told.get("reviewer")),
        commit=None if commit is None else str(commit),
        at=read_moment(at) if isinstance(at, str) else None,
        same=told.get("same") is True,
    )


def _gate(told: JsonValue) -> GateTold:
    name, verdict, *cached = _items(told)
    return GateTold(str(name), str(verdict), cached == [True])


def _items(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _dicts(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [each for each in _items(value) if isinstance(each, dict)]
