"""What people read on a terminal of what is on record."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table

from flows.terminal import plain

Json = Mapping[str, Any]


def replayed(found: Json) -> list[str | Table]:
    counts = found["decisions"]
    again = f"{counts['recorded']} decisions judged again: {counts['flipped']} flipped, {counts['same']} the same"
    said: list[str | Table] = [f"{again}, {counts['unknown']} that cannot be judged on what was recorded"]
    if found["flips"]:
        rows = [_flip(flip) for flip in found["flips"]]
        said.append(table(("Pull request", "Rule", "Flips", "Wait", "Why"), rows))
    if found["rules"]:
        heads = ("Rule", "pass to block", "block to pass", "not judged", "Wait", "of unknown length")
        said.append(table(heads, [_rule(rule) for rule in found["rules"]]))
    return said


def declared(found: Json) -> list[str | Table]:
    said = f"{found['pull_request']} is declared an emergency by {found['asked_by']}: {found['reason']}"
    return [said, "it needs its label, and the approval of somebody else who wrote no part of it"]


def owed(found: Json) -> list[str | Table]:
    if not found["owed"]:
        return ["No review is owed."]
    rows = [
        (
            f"{each['repository']}#{each['pull_request']}",
            each["landed_at"],
            f"{each['due']}{' (overdue)' if each['overdue'] else ''}",
            ", ".join(each["people"]),
            each["reason"],
        )
        for each in found["owed"]
    ]
    return [table(("Pull request", "Landed", "Review until", "Not by", "Why it was urgent"), rows)]


def promoted(found: Json) -> list[str | Table]:
    agreement = found["agreement"]
    share = "nothing to compare yet" if agreement["percent"] is None else f"{agreement['percent']} % agreement"
    period = f"since {found['since']}" if found["since"] else "since the beginning"
    said: list[str | Table] = [
        f"{found['team']}, at stage {found['stage']} {period}: {found['would_have_landed']} would have landed; {share}"
    ]
    if not found["long_enough"]:
        said.append("the stage has not lasted for two weeks yet, or nobody wrote `since` when it began")
    if found["pull_requests"]:
        rows = [
            (f"{each['repository']}#{each['number']}", each["hub"], each["people"], each["agreement"])
            for each in found["pull_requests"]
        ]
        said.append(table(("Pull request", "Hub", "People", ""), rows))
    return said


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    made = Table(box=box.SIMPLE_HEAD, expand=False, pad_edge=False, show_edge=False)
    for head in heads:
        made.add_column(head, overflow="fold")
    for row in rows:
        made.add_row(*map(plain, row))
    return made


def _flip(flip: Json) -> tuple[str, ...]:
    wait = "unknown" if flip["wait_seconds"] is None else duration(flip["wait_seconds"])
    name = f"{flip['repository']}#{flip['pull_request']}"
    return name, flip["rule"], f"{flip['from']} to {flip['to']}", wait, flip["because"]


def _rule(rule: Json) -> tuple[str, ...]:
    counts = (rule["pass_to_block"], rule["block_to_pass"], rule["not_judged"])
    return (rule["rule"], *map(str, counts), duration(rule["wait_seconds"]), str(rule["wait_unknown"]))


def duration(seconds: int) -> str:
    """In hours and minutes, with its sign."""
    minutes = round(abs(seconds) / 60)
    hours, rest = divmod(minutes, 60)
    told = f"{hours} h {rest:02} min" if hours else f"{minutes} min"
    return f"-{told}" if seconds < 0 else told
