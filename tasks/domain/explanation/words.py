"""An answer in words: a line for a commit status, sentences for a terminal, a page for a check run."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tasks.domain.escaping import for_markdown, one_line, shortened

if TYPE_CHECKING:
    Json = Mapping[str, Any]

STATUS_LENGTH = 140
"""What GitHub shows of a commit status's description."""
_TITLES = {
    "merged": "Merged",
    "held": "Held",
    "refused": "Refused",
    "failed": "Failed",
    "left": "Not in the queue",
    "never-seen": "Not in the queue",
    "unknown": "Unknown",
}
_UNITS = ((2 * 86_400, 86_400, "d"), (2 * 3600, 3600, "h"), (2 * 60, 60, "min"), (0, 1, "s"))


def status_line(found: "Json") -> str:
    """At most 140 characters: the most severe condition, and how many there are beside it."""
    unmet, title = found["unmet"], _TITLES[found["state"]]
    if not unmet:
        return shortened(one_line(f"{title}: {found['said']}" if found["said"] else title), STATUS_LENGTH)
    rest = f" (+{len(unmet) - 1} more)" if len(unmet) > 1 else ""
    return shortened(one_line(f"{title}: {unmet[0]['message']}"), STATUS_LENGTH - len(rest)) + rest


def headline(found: "Json") -> str:
    about = f"{found['repository']}#{found['pull_request']}"
    where = [each for each in (found["team"], found["target"], (found["head"] or "")[:7]) if each]
    return "  ".join(
        each for each in (about, one_line(found["title"] or ""), found["state"], " · ".join(where)) if each
    )


def needs(found: "Json") -> str:
    """How many things are wanting, and of whom; what happens next where nothing is."""
    unmet, queue = found["unmet"], found["queue"]
    if found["said"]:
        return str(found["said"])
    if queue is not None and queue["ready"] and unmet:
        return "Nothing else keeps it: " + "; ".join(str(each["message"]) for each in unmet) + "."
    if not unmet:
        return "Nothing would keep it: the next run gates it."
    people = sorted({one_line(str(each["who"])) for each in unmet})
    return f"Needs {len(unmet)} {'thing' if len(unmet) == 1 else 'things'}, of {', '.join(people)}."


def outlook(found: "Json") -> str | None:
    """Where it would stand and how long that takes; None where nothing was planned or it is no longer open."""
    queue = found["queue"]
    if queue is None:
        return None
    place = f"position {queue['position']} of {max(queue['waiting'], queue['position'])}"
    within = queue["until_landed"]
    half = "" if within["p50"] is None else f"; half land within {span(within['p50'])} of the beginning of a run"
    most = "" if within["p90"] is None else f", nine in ten within {span(within['p90'])}"
    few = f" (n = {within['n']})" if half else f"; {within['n']} landings are too few to tell how long that takes"
    met = "In the queue" if queue["planned"] or not found["unmet"] else "If these are met"
    return f"{met}: {place}{half}{most}{few}."


def judged(found: "Json", now: datetime) -> str | None:
    if found["judged_at"] is None or found["run"] is None:
        return None
    policy = "" if found["policy"] is None else f" by policy {str(found['policy']).removeprefix('sha256:')[:7]}"
    return f"Judged {span(age(found['judged_at'], now))} ago{policy}, in run {found['run']}."


def age(moment: str, now: datetime) -> float:
    """In seconds, never below zero: clocks of two machines differ."""
    return max(0.0, (now - datetime.fromisoformat(moment)).total_seconds())


def span(seconds: float) -> str:
    """In the largest unit of which there are at least two."""
    return next(f"{int(seconds // unit)} {name}" for least, unit, name in _UNITS if seconds >= least)


def page(found: "Json", now: datetime) -> str:
    """The answer in Markdown, as a check run shows it."""
    return "\n\n".join(_paragraphs(found, now)) + "\n"


def _paragraphs(found: "Json", now: datetime) -> "Iterator[str]":
    yield f"## {for_markdown(status_line(found))}"
    yield for_markdown(needs(found))
    if found["unmet"]:
        heads = ["| Not met | For | Who | What to do |", "| --- | --- | --- | --- |"]
        yield "\n".join([*heads, *(_row(each, now) for each in found["unmet"])])
    if found["met"]:
        rows = [f"- {for_markdown(each['title'])}: {for_markdown(each['because'])}" for each in found["met"]]
        yield "\n".join(["Met:", "", *rows])
    if found["gates"]:
        rows = [
            f"| {for_markdown(each['gate'])} | {each['verdict']} | {each['seconds']:.1f} s |" for each in found["gates"]
        ]
        yield "\n".join(["| Gate | Verdict | Took |", "| --- | --- | ---: |", *rows])
    for sentence in (outlook(found), judged(found, now)):
        if sentence is not None:
            yield for_markdown(sentence)


def _row(condition: "Json", now: datetime) -> str:
    since = "" if condition["since"] is None else span(age(condition["since"], now))
    cells = (condition["message"], since, condition["who"], condition["step"])
    return "| " + " | ".join(for_markdown(str(each)) for each in cells) + " |"
