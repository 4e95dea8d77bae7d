"""An answer on a terminal: what is not met, who can change it and how, and what is met where that is asked for."""

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.tables import STYLES, plain, table
from tasks.domain.explanation.words import age, headline, judged, needs, outlook, span

WIDTH_WITHOUT_TERMINAL = 160

Json = Mapping[str, Any]


def shown(found: Json, now: datetime, *, verbose: bool) -> None:
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL)
    for each in _parts(found, now, verbose=verbose):
        console.print(plain(each) if isinstance(each, str) else each, soft_wrap=not isinstance(each, Table))


def _parts(found: Json, now: datetime, *, verbose: bool) -> Iterator[str | Text | Table]:
    line = plain(headline(found))
    line.highlight_words([found["state"]], STYLES.get(found["state"], "bold"))
    yield line
    yield needs(found)
    if found["unmet"]:
        yield ""
        rows = [
            (f"{_mark(each)} {each['message']}", _for(each, now), each["who"], each["step"]) for each in found["unmet"]
        ]
        yield table("Not met", "For", "Who", "What to do", rows=rows)
    if found["landed"] is not None:
        yield from _landing(found["landed"])
    if found["met"] is not None:
        yield ""
        yield table("Met", "Because", rows=[(f"✓ {each['title']}", each["because"]) for each in found["met"]])
    if verbose and found["gates"]:
        yield ""
        gates = [(each["gate"], each["verdict"], f"{each['seconds']:.1f} s") for each in found["gates"]]
        yield table("Gate", "Verdict", "Took", rows=gates)
    if found["assumed"] is not None:
        yield ""
        yield f"Supposing {_supposed(found['assumed'])}; nothing was changed."
    said = [each for each in (outlook(found), judged(found, now)) if each is not None]
    yield from ("", *said) if said else ()


def _mark(condition: Json) -> str:
    return {"failed": "!", "refused": "✗"}.get(condition["outcome"], "…")


def _for(condition: Json, now: datetime) -> str:
    return "" if condition["since"] is None else span(age(condition["since"], now))


def _landing(landed: Json) -> Iterator[str | Table]:
    approvals = [f"{each['reviewer']} on {each['commit'][:7]}" for each in landed["approvals"]]
    signed = [f"{each['person']} as {each['role']}" for each in landed["sign_offs"]]
    proven = "the one that was gated" if landed["tree"] == landed["gated_tree"] else "NOT the one that was gated"
    rows = [
        ("commit", landed["commit"]),
        ("tree", f"{landed['tree']}, {proven}"),
        ("method", landed["method"]),
        ("approved by", ", ".join(approvals) or "nobody"),
        *([("signed off by", ", ".join(signed))] if signed else []),
        ("gates", ", ".join(f"{each['gate']} {each['verdict']}" for each in landed["gates"])),
        ("record", landed["event"]),
    ]
    yield ""
    yield table("Landed", "", rows=rows)


def _supposed(assumed: Json) -> str:
    told = [f"{login} approved it" for login in assumed["approvals"]]
    told += [f"it had label {label}" for label in assumed["labels"]]
    told += ["it was judged by the policies that were named"] if assumed["policies"] else []
    return " and ".join(told)
