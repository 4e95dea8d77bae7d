"""What people read on a terminal of signatures, pauses and emergencies."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from flows.tables import table

Json = Mapping[str, Any]


def signed(found: Json) -> list[str]:
    done = "signed" if found["recorded"] else "had signed already"
    missing = [each["title"] for each in found["roles"] if each["signed_by"] is None]
    rest = f"still missing: {', '.join(missing)}" if missing else "complete: the next run goes on"
    return [f"{found['person']} {done} plan {found['plan']} as {found['role']}", rest]


def awaited(found: Json) -> list[str | Table]:
    return [signature_table(found["waiting"])] if found["waiting"] else ["No plan waits for a signature."]


def paused(found: Json) -> list[str]:
    done = "is paused" if found["recorded"] else "was paused already"
    return [f"{found['scope']} {done} until {found['until']} by {found['owner']}: {found['reason']}"]


def resumed(found: Json) -> list[str]:
    return [f"{found['scope']} {'is resumed' if found['recorded'] else 'was not paused by command'}"]


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
    return [table("Pull request", "Landed", "Review until", "Not by", "Why it was urgent", rows=rows)]


def signature_table(waiting: Sequence[Json]) -> Table:
    """A row a role of each plan; of what has signed, until when it holds."""
    rows = [_signature(plan, role) for plan in waiting for role in plan["roles"]]
    return table("Plan", "Repository", "Pull requests", "Since", "Role", "Who", "Until", rows=rows)


def _signature(plan: Json, role: Json) -> tuple[str, ...]:
    numbers = " ".join(f"#{each['number']}" for each in plan["pull_requests"])
    who = f"signed by {role['signed_by']}" if role["signed_by"] else f"waits for {', '.join(role['who'])}"
    return plan["plan"][:19], plan["repository"], numbers, plan["since"], role["role"], who, role["until"] or ""
