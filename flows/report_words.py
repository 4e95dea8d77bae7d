"""What people read on a terminal of reports and their signatures."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from flows.tables import table

Json = Mapping[str, Any]


def reported(found: Json) -> list[str | Table]:
    report = found["report"]
    said: list[str | Table] = [report["message"], *found["score"]["explained"]]
    rows = [(each["kind"], each["where"], each["what"], each["closed_by"]) for each in found["open_findings"]]
    if rows:
        said.append(table("Open finding", "Where", "What", "Closed when", rows=rows))
    return [
        *said,
        *map(_signature, report["signatures"]),
        f"Digest:    {report['report']}",
        f"Files:     {found['directory']}",
    ]


def listed(found: Json) -> list[str | Table]:
    if not found["reports"]:
        return ["No compliance report was made yet."]
    rows = [
        (each["report"][:19], each["period"], each["team"], each["message"], ", ".join(each["missing"]) or "nobody")
        for each in found["reports"]
    ]
    return [table("Report", "Period", "Team", "What it says", "Signature missing of", rows=rows)]


def signed(found: Json) -> list[str]:
    done = "signed" if found["recorded"] else "had signed already"
    missing = f"still missing: {', '.join(found['missing'])}" if found["missing"] else "all roles have signed"
    return [f"{found['person']} {done} {found['report']} ({found['period']}) as {found['role']}", missing]


def _signature(role: Json) -> str:
    refused = "".join(f"; refused of {each['person']}: {each['because']}" for each in role["refused"])
    by = f"signed by {role['signed_by']} at {role['at']}" if role["signed_by"] else "not signed"
    return f"{role['title']}: {by}{refused}"
