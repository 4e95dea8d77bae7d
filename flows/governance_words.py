"""What people read on a terminal of signatures and pauses."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table

from flows.terminal import plain

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


def signature_table(waiting: Sequence[Mapping[str, Any]]) -> Table:
    """A row a role of each plan; of what has signed, until when it holds."""
    table = Table(box=box.SIMPLE_HEAD, expand=False, pad_edge=False, show_edge=False)
    for head in ("Plan", "Repository", "Pull requests", "Since", "Role", "Who", "Until"):
        table.add_column(head, overflow="fold")
    for plan in waiting:
        numbers = " ".join(f"#{each['number']}" for each in plan["pull_requests"])
        for role in plan["roles"]:
            who = f"signed by {role['signed_by']}" if role["signed_by"] else f"waits for {', '.join(role['who'])}"
            cells = (
                plan["plan"][:19],
                plan["repository"],
                numbers,
                plan["since"],
                role["role"],
                who,
                role["until"] or "",
            )
            table.add_row(*map(plain, cells))
    return table
