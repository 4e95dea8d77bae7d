"""
The records of emergencies: who declared one, what it let pass, and the review that is owed once it has landed.

A review is owed from the landing on. It is open until somebody independent has reviewed the head that landed, after it
had: neither who wrote a part of it, nor who asked or approved, nor a bot.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType
from tasks.domain.bounds import bounded
from tasks.domain.checks.judgement import Waived
from tasks.domain.compliance import ComplianceReport
from tasks.domain.emergency import BY, Emerged
from tasks.domain.model import CommitSha, Declared, PullRequest, Reference, RepositoryName, Review, ReviewState
from tasks.domain.reasons import told_moment
from tasks.domain.records import Recorder, subject_of
from tasks.domain.remembered import moment_of

OF_REVIEWS = frozenset({EventType.EMERGENCY_USED, EventType.EMERGENCY_REVIEWED, EventType.MERGE_COMPLETED})
_OPINIONS = frozenset({ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED})


@dataclass(frozen=True, slots=True)
class OpenReview:
    """A landing that nobody independent has looked at yet."""

    team: str
    repository: str
    number: int
    head: CommitSha
    reason: str
    people: frozenset[str]
    landed_at: datetime
    due: datetime

    def document(self, at: datetime) -> dict[str, JsonValue]:
        return {
            "team": self.team,
            "repository": self.repository,
            "pull_request": self.number,
            "head": self.head,
            "reason": self.reason,
            "people": list[JsonValue](sorted(self.people)),
            "landed_at": told_moment(self.landed_at),
            "due": told_moment(self.due),
            "overdue": at > self.due,
        }


def declared_in(events: Iterable[Event]) -> dict[Reference, Declared]:
    """The latest of each pull request, by its repository's name in small letters."""
    return {
        Reference(RepositoryName(str(event.subject["repository"])), int(str(event.subject["pull_request"]))): Declared(
            str(event.data["asked_by"]), str(event.data["reason"]), moment_of(event)
        )
        for event in events
        if event.type is EventType.EMERGENCY_DECLARED
    }


def declared_event(recorder: Recorder, about: Reference, declared: Declared, turn: int) -> Event:
    """`turn` is how often that was declared of it before."""
    subject: dict[str, JsonValue] = {"repository": about.repository.casefold(), "pull_request": about.number}
    data: dict[str, JsonValue] = {"asked_by": bounded(declared.by), "reason": bounded(declared.reason), "turn": turn}
    return recorder.event(EventType.EMERGENCY_DECLARED, subject, data, {"turn": turn})


def used_event(recorder: Recorder, report: ComplianceReport, emerged: Emerged | None, due: timedelta) -> Event | None:
    """None where no rule was let pass for it."""
    passed = [each.rule for each in report.findings if isinstance(each.judgement, Waived) and each.judgement.by == BY]
    if emerged is None or not passed:
        return None
    data: dict[str, JsonValue] = {
        "asked_by": emerged.asked_by,
        "others": list[JsonValue](list(emerged.others)),
        "reason": bounded(emerged.reason),
        "rules": list[JsonValue](passed),
        "contributors": list[JsonValue](sorted(report.pull_request.contributors)),
        "review_within_seconds": int(due.total_seconds()),
    }
    return recorder.event(EventType.EMERGENCY_USED, subject_of(report.pull_request), data)


def reviews_owed(events: Iterable[Event]) -> tuple[OpenReview, ...]:
    """Of one repository or of many; `events` are those of `OF_REVIEWS`, in the order of the log."""
    used: dict[tuple[str, int, str], Event] = {}
    owed: dict[tuple[str, int, str], OpenReview] = {}
    for event in events:
        if event.repository is None:
            continue
        key = (event.repository.id, int(str(event.subject["pull_request"])), str(event.subject["head"]))
        if event.type is EventType.EMERGENCY_USED:
            used[key] = event
        elif event.type is EventType.EMERGENCY_REVIEWED:
            owed.pop(key, None)
        elif event.type is EventType.MERGE_COMPLETED and key in used:
            owed[key] = owed_for(used[key], event, event.repository.name)
    return tuple(owed.values())


def owed_for(used: Event, landed: Event, repository: str) -> OpenReview:
    data, at = used.data, moment_of(landed)
    people = [data["asked_by"], *_items(data["others"]), *_items(data["contributors"])]
    return OpenReview(
        team=used.team or "",
        repository=repository,
        number=int(str(used.subject["pull_request"])),
        head=CommitSha(str(used.subject["head"])),
        reason=str(data["reason"]),
        people=frozenset(str(each).casefold() for each in people if each is not None),
        landed_at=at,
        due=at + timedelta(seconds=int(str(data["review_within_seconds"]))),
    )


def review_of(owed: OpenReview, pull: PullRequest) -> Review | None:
    """The first one that settles it."""
    involved = owed.people | {login.casefold() for login in pull.contributors}
    settling = [
        (review.submitted_at, review)
        for review in pull.reviews
        if review.submitted_at is not None
        and review.submitted_at > owed.landed_at
        and review.state in _OPINIONS
        and review.commit == owed.head
        and _is_independent(review, involved)
    ]
    return min(settling, key=lambda each: each[0])[1] if settling else None


def _is_independent(review: Review, involved: frozenset[str]) -> bool:
    who = review.reviewer
    return who is not None and who.casefold() not in involved and review.may_write and not review.by_bot | review.by_hub


def reviewed_event(recorder: Recorder, owed: OpenReview, review: Review) -> Event:
    data: dict[str, JsonValue] = {"reviewer": review.reviewer, "review": review.identifier, "state": review.state.value}
    return recorder.event(EventType.EMERGENCY_REVIEWED, {"pull_request": owed.number, "head": owed.head}, data)


def _items(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
