"""What the audit log says of a pull request that no run sees open: why it was allowed to land, or why it did not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType
from tasks.domain.explanation.answer import State, blank, conditions
from tasks.domain.remembered import parse_rolled_back

TOLD = frozenset(
    {
        EventType.CHANGE_EVALUATED,
        EventType.MERGE_INTENT,
        EventType.MERGE_COMPLETED,
        EventType.ROLLBACK_COMPLETED,
    }
)

Json = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class History:
    """The last record of each kind about one pull request, None where there is none."""

    evaluated: Event | None = None
    intent: Event | None = None
    completed: Event | None = None
    rolled_back: Event | None = None

    @property
    def grounds(self) -> str | None:
        """The digest of what the decision to land it rested on."""
        told = None if self.intent is None else self.intent.data.get("grounds")
        return told if isinstance(told, str) else None


def history_of(repository: str, number: int, events: Iterable[Event]) -> History:
    """`events` are those of `TOLD`, in the order of the log; the case of a repository's name does not count."""
    latest: dict[EventType, Event] = {}
    intents: dict[str, Event] = {}
    for event in events:
        if event.repository is None or event.repository.name.casefold() != repository.casefold():
            continue
        if number in _numbers(event):
            latest[event.type] = event
            intents |= {event.id: event} if event.type is EventType.MERGE_INTENT else {}
    completed = latest.get(EventType.MERGE_COMPLETED)
    rolled_back = latest.get(EventType.ROLLBACK_COMPLETED)
    stands = rolled_back is not None and completed is not None and rolled_back.seq > completed.seq
    return History(
        evaluated=latest.get(EventType.CHANGE_EVALUATED),
        intent=None if completed is None else intents.get(str(completed.data["intent"])),
        completed=completed,
        rolled_back=rolled_back if stands else None,
    )


def answer_from(history: History, repository: str, number: int, grounds: Json | None) -> dict[str, JsonValue]:
    """`grounds` are those that the landing cites, None where they are not at hand."""
    if history.completed is not None:
        return _landed(history.completed, history, repository, number, grounds)
    if history.evaluated is None:
        nobody = blank(repository, number, State.NEVER_SEEN)
        return nobody | {"said": "No run has ever seen it open: it was opened after the last one, or is none."}
    return _left(history.evaluated, repository, number)


def _landed(
    completed: Event, history: History, repository: str, number: int, grounds: Json | None
) -> dict[str, JsonValue]:
    data, back = completed.data, history.rolled_back
    where = f"{str(data['commit'])[:7]} at {completed.time}"
    said = f"It landed as {where}."
    if back is not None:
        said = f"It landed as {where}, and was taken back by {str(back.data['revert'])[:7]} at {back.time}."
    target = None if history.intent is None else history.intent.data.get("target")
    return {
        **blank(repository, number, State.MERGED if back is None else State.FAILED),
        "said": said,
        "title": data.get("title"),
        "author": data.get("author"),
        "team": completed.team,
        "target": target,
        "head": completed.subject["head"],
        "judged_at": completed.time,
        "met": None if grounds is None else list[JsonValue](_met(grounds)),
        "landed": {
            **{name: data[name] for name in ("commit", "tree", "gated_tree", "method")},
            "at": completed.time,
            "event": completed.id,
            "taken_back_by": None if back is None else back.data["revert"],
            "grounds": history.grounds,
            "approvals": [] if grounds is None else grounds["approvals"],
            "gates": [] if grounds is None else grounds["gates"],
            "sign_offs": [] if grounds is None else grounds["sign_offs"],
        },
    }


def _met(grounds: Json) -> Iterable[dict[str, JsonValue]]:
    findings = grounds["findings"]
    for finding in findings if isinstance(findings, list) else []:
        if isinstance(finding, dict):
            yield {"rule": finding["rule"], "title": finding["rule"], "because": finding["because"]}


def _left(evaluated: Event, repository: str, number: int) -> dict[str, JsonValue]:
    data = evaluated.data
    told = data["reasons"]
    reasons = (
        [{**each, "since": evaluated.time} for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    )
    said = f"The last run did not see it open: it was closed, or taken elsewhere. It had been {data['outcome']}."
    return {
        **blank(repository, number, State.LEFT),
        "said": said,
        "title": data.get("title"),
        "author": data.get("author"),
        "team": evaluated.team,
        "head": evaluated.subject["head"],
        "judged_at": evaluated.time,
        "policy": data.get("policy"),
        "unmet": list(conditions(reasons)),
    }


def _numbers(event: Event) -> set[JsonValue]:
    if event.type is EventType.ROLLBACK_COMPLETED:
        return {number for number, _ in parse_rolled_back(event)}
    return {event.subject["pull_request"]}
