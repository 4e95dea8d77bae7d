"""What people read on a terminal of alerts."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from flows.tables import table

Json = Mapping[str, Any]


def listed(found: Json) -> list[str | Table]:
    if not found["alerts"]:
        return ["No alert is open."]
    return [table("Alert", "Since", "Severity", "What happened", "Next", "Who", rows=[*map(_row, found["alerts"])])]


def acknowledged(found: Json) -> list[str]:
    closed = found["acknowledged"]
    done = "is acknowledged" if found["recorded"] else "was acknowledged already"
    return [f"{found['alert'][:12]} {done} by {closed['by']}: {closed['reason']}"]


def replayed(found: Json) -> list[str | Table]:
    if not found["alerts"]:
        return ["Nothing on record is out of the ordinary."]
    rows = [(each["rule"], each["severity"], each["at"], each["message"]) for each in found["alerts"]]
    return [table("Rule", "Severity", "When", "What happened", rows=rows)]


def _row(alert: Json) -> tuple[str, ...]:
    closed = alert["acknowledged"]
    step = alert["next"] if closed is None else f"acknowledged by {closed['by']}: {closed['reason']}"
    return alert["alert"][:12], alert["since"], alert["severity"], alert["message"], step, alert["who"]
