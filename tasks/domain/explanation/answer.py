"""
What one person is told of one pull request: one document, which every face shows alike.

States are three answers to "it is not in the queue" that are never made one: it `left`, nobody ever saw it
(`never-seen`), or that cannot be found out (`unknown`).
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from tasks.domain.advice import advice_on
from tasks.domain.reasons import SEVERITY, TABLE, Outcome, ReasonCode

if TYPE_CHECKING:
    from pydantic import JsonValue

    Json = Mapping[str, JsonValue]

SCHEMA = "explain/1"


class State(StrEnum):
    """`MERGED`, `HELD`, `REFUSED` and `FAILED` are the outcomes; the others are of what is not in the queue."""

    MERGED = "merged"
    HELD = "held"
    REFUSED = "refused"
    FAILED = "failed"
    LEFT = "left"
    NEVER_SEEN = "never-seen"
    UNKNOWN = "unknown"


_ORDER = {code.value: position for position, code in enumerate(ReasonCode)}
_SEVERITY = {outcome.value: position for position, outcome in enumerate(SEVERITY)}
_OF_THE_STAGE = {ReasonCode.STAGE_OBSERVE.value, ReasonCode.STAGE_GATE.value}


def answer(document: "Json", number: int) -> "dict[str, JsonValue] | None":
    """Of a pull request that the last run saw open, from what that run kept; None where it did not see it."""
    found = document["pull_requests"]
    entry = found.get(str(number)) if isinstance(found, dict) else None
    if not isinstance(entry, dict):
        return None
    unmet = conditions(_dicts(entry["reasons"]))
    return {
        **blank(str(document["repository"]), number, State(str(entry["outcome"]))),
        **{name: entry[name] for name in ("title", "author", "url", "head", "gates")},
        **{name: document[name] for name in ("team", "target", "run", "judged_at", "policy")},
        "unmet": list(unmet),
        "queue": _place(document, number, unmet),
    }


def blank(repository: str, number: int, state: State) -> "dict[str, JsonValue]":
    """What every answer has, with nothing in it; `said` is a sentence where the state alone does not tell all."""
    return {
        "schema": SCHEMA,
        "repository": repository,
        "pull_request": number,
        "state": state.value,
        "said": None,
        "title": None,
        "author": None,
        "url": None,
        "team": None,
        "target": None,
        "head": None,
        "run": None,
        "judged_at": None,
        "policy": None,
        "unmet": [],
        "met": None,
        "gates": [],
        "queue": None,
        "landed": None,
        "assumed": None,
    }


def conditions(reasons: "Iterable[Json]") -> "tuple[dict[str, JsonValue], ...]":
    """Every unmet condition with who can change it and how, the most severe first."""
    told = [_condition(reason) for reason in reasons]
    return tuple(
        sorted(told, key=lambda each: (_SEVERITY.get(str(each["outcome"]), 0), _ORDER.get(str(each["code"]), 0)))
    )


def _condition(reason: "Json") -> "dict[str, JsonValue]":
    code = str(reason["code"])
    advice = advice_on(code)
    outcome = TABLE[ReasonCode(code)].outcome if code in _ORDER else Outcome.FAILED
    return {
        "code": code,
        "outcome": outcome.value,
        "message": reason["message"],
        "who": reason.get("actor") or advice.who,
        "step": advice.step,
        "since": reason.get("since"),
        "until": reason.get("until"),
    }


def _place(document: "Json", number: int, unmet: "Sequence[Json]") -> "dict[str, JsonValue]":
    """
    `position` counts from 1: where it stands, or would stand behind all that are planned now once the rest is met.

    `until_landed` is in seconds from the beginning of a run, None where too few landings tell.
    """
    told = document["waiting"]
    waiting = told if isinstance(told, list) else []
    planned = number in waiting
    return {
        "planned": planned,
        "position": waiting.index(number) + 1 if planned else len(waiting) + 1,
        "waiting": len(waiting),
        "ready": all(each["code"] in _OF_THE_STAGE for each in unmet),
        "until_landed": document["until_landed"],
    }


def _dicts(value: "JsonValue") -> "list[dict[str, JsonValue]]":
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
