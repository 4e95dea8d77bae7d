"""
The shape of the records about rollbacks: announced before the target branch moves, told after it.

A landing is named by what was announced for it and what the branch took. Whatever is asked of the same members of the
same landing is one rollback, which comes about once.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType
from tasks.domain.bounds import bounded, listed
from tasks.domain.model import CommitSha
from tasks.domain.reasons import Outcome
from tasks.domain.records import Recorder
from tasks.domain.rollback import Made, NotRolledBack, RollbackOrder, RolledBack
from tasks.domain.rollback_words import reason_of


@dataclass(frozen=True, slots=True)
class PastAttempts:
    """What the log holds of one rollback: `announced` are the tips that were to be pushed, and what they take back."""

    completed: RolledBack | None
    announced: tuple[tuple[CommitSha, tuple[CommitSha, ...]], ...]
    failed_at: dict[CommitSha, NotRolledBack]


def rollback_intent(recorder: Recorder, order: RollbackOrder, made: Made, proof: str) -> Event:
    """`proof` says how the tree that will be there is known to be green."""
    data: dict[str, JsonValue] = {
        "incident": order.incident,
        "because": bounded(order.because),
        "target": order.landing.target,
        "base": made.base,
        "tree": made.tree,
        "proof": proof,
        **listed("reverted", list(made.reverted)),
    }
    return recorder.event(EventType.ROLLBACK_INTENT, {**_subject(order), "revert": made.commit}, data)


def rollback_completed(recorder: Recorder, rolled_back: RolledBack) -> list[Event]:
    """The rollback, and what became of each pull request by it."""
    order = rolled_back.order
    told = [(member, reason_of(rolled_back, member)) for member in order.taken_back]
    data: dict[str, JsonValue] = {
        "incident": order.incident,
        "because": bounded(order.because),
        "target": order.landing.target,
        "revert": rolled_back.commit,
        **listed("reverted", list(rolled_back.reverted)),
        "heads": [member.head for member, _ in told],
        "message": bounded(told[0][1].message),
    }
    return [
        recorder.event(EventType.ROLLBACK_COMPLETED, _subject(order), data),
        *(recorder.change_evaluated(member, Outcome.FAILED, (reason,), None) for member, reason in told),
    ]


def rollback_failed(recorder: Recorder, found: NotRolledBack) -> list[Event]:
    """The failure with the target branch as it is, and the incident that it is, which is one wherever the branch is."""
    message, remedy = bounded(found.message), bounded(found.remedy)
    commands = listed("commands", list(found.commands))
    data: dict[str, JsonValue] = {
        "incident": found.order.incident,
        "base": found.tip,
        "message": message,
        "remedy": remedy,
        "decided": found.decided,
        **commands,
    }
    alert: dict[str, JsonValue] = {
        "alert": "rollback-failed",
        "severity": "critical",
        "incident": found.order.incident,
        "message": message,
        "remedy": remedy,
        **commands,
    }
    subject = _subject(found.order)
    return [
        recorder.event(EventType.ROLLBACK_FAILED, subject, data, {"base": found.tip, "message": message}),
        recorder.event(EventType.ALERT_RAISED, subject, alert, {"alert": "rollback-failed", "message": message}),
    ]


def past_attempts(order: RollbackOrder, events: Iterable[Event]) -> PastAttempts:
    completed: RolledBack | None = None
    announced: list[tuple[CommitSha, tuple[CommitSha, ...]]] = []
    failed_at: dict[CommitSha, NotRolledBack] = {}
    subject = _subject(order)
    for event in events:
        data = event.data
        if {name: event.subject.get(name) for name in subject} != subject:
            continue
        if event.type is EventType.ROLLBACK_INTENT:
            announced.append((CommitSha(str(event.subject["revert"])), _commits(data["reverted"])))
        if event.type is EventType.ROLLBACK_COMPLETED:
            completed = RolledBack(order, CommitSha(str(data["revert"])), _commits(data["reverted"]))
        if event.type is EventType.ROLLBACK_FAILED and data["decided"]:
            tip = CommitSha(str(data["base"]))
            told = str(data["message"]), str(data["remedy"])
            failed_at[tip] = NotRolledBack(order, tip, *told, decided=True, commands=_texts(data["commands"]))
    return PastAttempts(completed, tuple(announced), failed_at)


def _subject(order: RollbackOrder) -> dict[str, JsonValue]:
    landing = order.landing
    return {
        "candidate": landing.candidate,
        "commit": landing.commit,
        "pull_requests": [member.number for member in order.taken_back],
    }


def _texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list) else ()


def _commits(value: JsonValue) -> tuple[CommitSha, ...]:
    return tuple(CommitSha(str(each)) for each in value) if isinstance(value, list) else ()
