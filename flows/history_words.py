"""What people read on a terminal of what is on record."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from flows.tables import table

Json = Mapping[str, Any]


def replayed(found: Json) -> list[str | Table]:
    counts = found["decisions"]
    again = f"{counts['recorded']} decisions judged again: {counts['flipped']} flipped, {counts['same']} the same"
    said: list[str | Table] = [f"{again}, {counts['unknown']} that cannot be judged on what was recorded"]
    if found["flips"]:
        rows = [_flip(flip) for flip in found["flips"]]
        said.append(table("Pull request", "Rule", "Flips", "Wait", "Why", rows=rows))
    if found["rules"]:
        heads = ("Rule", "pass to block", "block to pass", "not judged", "Wait", "of unknown length")
        said.append(table(*heads, rows=[_rule(rule) for rule in found["rules"]]))
    return said


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
        said.append(table("Pull request", "Hub", "People", "", rows=rows))
    return said


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
