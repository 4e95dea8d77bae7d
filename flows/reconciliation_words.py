"""What people read on a terminal of reconciliation and of the bypass ledger."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table

from flows.tables import table
from tasks.domain.reconciliation_report import named

Json = Mapping[str, Any]


def reconciled(document: Json) -> list[str | Table]:
    heads = ("Repository", "Branch", "From", "To", "Commits", "Hub", "People", "Robots", "Emergency", "Nobody", "Chain")
    told = table(*heads, rows=map(_row, document["refs"]))
    waiting = [one for each in document["refs"] if each["status"] == "ok" for one in each["bypasses"]["open"]]
    begun = [
        f"{each['repository']}: looked at for the first time, {each['begun']}"
        for each in document["refs"]
        if each["status"] == "ok" and each["total"]["reconciliations"] == 1
    ]
    return [told, *([_ledger(waiting)] if waiting else []), *begun, document["headline"]]


def listed(found: Json) -> list[str | Table]:
    if not found["open"] and not found["justified"]:
        return ["Nothing is known to have gone around the hub."]
    waiting = len(found["open"])
    return [_ledger([*found["open"], *found["justified"]]), f"{waiting} to be justified, by somebody who did not do it"]


def justified(found: Json) -> list[str]:
    told = found["justified"]
    done = "is justified" if found["recorded"] else "was justified already"
    return [f"{named(found)} on {found['ref']} of {found['repository']} {done} by {told['by']}: {told['reason']}"]


def _row(each: Json) -> tuple[object, ...]:
    branch = each["ref"].removeprefix("refs/heads/")
    if each["status"] == "failed":
        return (each["repository"], branch, "", "", "", "", "", "", "", "", each["error"]["message"])
    counts = each["accounted"]
    numbers = (
        counts["hub"],
        counts["compliant_human"],
        counts["robot"],
        counts["emergency"],
        each["unaccounted_count"],
    )
    chain = "whole" if each["chain_ok"] else each["chain_gap"]
    return (each["repository"], branch, each["from"][:7], each["to"][:7], each["commits"], *numbers, chain)


def _ledger(bypasses: Iterable[Json]) -> Table:
    rows = [
        (
            each["repository"],
            named(each),
            each["kind"],
            each["actor"] or "unknown",
            each["reason"],
            "nobody yet" if each["justified"] is None else f"{each['justified']['by']}: {each['justified']['reason']}",
        )
        for each in bypasses
    ]
    return table("Repository", "What", "Kind", "Who did it", "Found", "Who answers for it", rows=rows)
