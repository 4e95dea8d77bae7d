"""
What somebody should look at: read off the tables, so that each line can be found there again.

Action: somebody is to act now. Watch: it is worse than agreed, and that is no chance. Note: read the figures with this
in mind. Names are as the code host and the configuration have them: whoever shows a line escapes it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tasks.frames.counted import Reckoning, Rows
from tasks.frames.quantiles import LEAST_VALUES
from tasks.frames.schema import EVERY_TEAM, SEVERITIES

_HOUR = 3600.0
_DAY = 24 * _HOUR
_LEAST_FOR_NINETIETH = LEAST_VALUES[0.9]
_NAMED = 3
Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Line:
    severity: str
    team: str
    what: str
    who: str
    table: str
    row: str


def attention_table(tables: Tables, rows: Rows, reckoning: Reckoning) -> pd.DataFrame:
    """The most urgent first; within that by team, in the order of the rules."""
    found = [line for rule in _RULES for line in rule(tables, reckoning)]
    found[:0] = _unrestored(rows)
    ordered = sorted(found, key=lambda line: (SEVERITIES.index(line.severity), line.team))
    lines = [{name: getattr(line, name) for name in Line.__dataclass_fields__} for line in ordered]
    return pd.DataFrame(lines).assign(order=range(len(lines)))


def _unrestored(rows: Rows) -> Iterator[Line]:
    for (incident, team), each in rows.unrestored.groupby(["incident", "team"]):
        what = f"Incident {incident} is not over: {_many(len(each), 'merge')} to take back."
        yield Line("action", str(team), what, "Whoever is on call: roll back, or say that it is over.", "restores", "")


def _stuck_in_queue(tables: Tables, reckoning: Reckoning) -> Iterator[Line]:
    limit = reckoning.objectives.queue_seconds
    opened = tables["open"]
    for row in _dicts(opened[(opened["stage"] == "queue") & (opened["stage_seconds"] > limit)]):
        what = f"{_pull(row)} has been in the queue for {_span(row['stage_seconds'])}; the objective is {_span(limit)}."
        yield Line("action", row["team"], what, f"It waits for {row['waits_for']}.", "open", _key(row, *_PULL))


def _without_evidence(tables: Tables, _reckoning: Reckoning) -> Iterator[Line]:
    teams = tables["teams"]
    for row in _dicts(teams[teams["coverage_k"] < teams["coverage_n"]]):
        missing = row["coverage_n"] - row["coverage_k"]
        what = f"{_many(missing, 'merge')} of {row['coverage_n']} that the code host lists without evidence."
        yield Line("action", row["team"], what, "Compliance: find out who merged, and why.", "teams", row["team"])


def _not_proven(tables: Tables, _reckoning: Reckoning) -> Iterator[Line]:
    controls = tables["controls"]
    for row in _dicts(controls[controls["failed"] > 0]):
        what = f"{_many(row['failed'], 'merge')} of {row['met_n']} against control {row['control']}."
        who = "Compliance: look at the evidence of these."
        yield Line("action", row["team"], what, who, "controls", _key(row, "team", "control"))
    for row in _dicts(controls[controls["exception_approved"] > 0]):
        what = f"{_many(row['exception_approved'], 'merge')} with an approved exception from control {row['control']}."
        yield Line("watch", row["team"], what, "Compliance: review it.", "controls", _key(row, "team", "control"))


def _gates_below(tables: Tables, reckoning: Reckoning) -> Iterator[Line]:
    objective = reckoning.objectives.gate_success / 100
    gates = tables["gates"]
    for row in _dicts(gates[gates["gate_success_high"] < objective]):
        what = (
            f"Gate {row['gate']} passes {row['gate_success_k']} of {row['gate_success_n']} first attempts, the whole "
            f"interval under the objective of {reckoning.objectives.gate_success} %."
        )
        who = f"{row['team'] or 'Its owners'}: mend the gate, or what it finds."
        yield Line("watch", row["team"], what, who, "gates", _key(row, "team", "gate"))


def _past_objective(tables: Tables, reckoning: Reckoning) -> Iterator[Line]:
    opened = tables["open"]
    late = opened[(opened["stage"] != "queue") & opened["over_objective"]]
    for team, rows in late.groupby("team"):
        worst = rows.sort_values("ready_working_seconds", ascending=False)
        named = ", ".join(_pull(row) for row in _dicts(worst.head(_NAMED)))
        what = (
            f"{_many(len(rows), 'pull request')} open past the objective of "
            f"{_span(reckoning.objectives.merge_seconds)} of working time, the longest {named}."
        )
        first = _dicts(worst.head(1))[0]
        who = f"The longest waits for {first['waits_for']}."
        yield Line("watch", str(team), what, who, "open", _key(first, *_PULL))


def _worse(tables: Tables, _reckoning: Reckoning) -> Iterator[Line]:
    changes = tables["comparison"]
    if changes.empty:
        return
    clearly = changes[(changes["better"] == False).fillna(value=False) & (changes["team"] != EVERY_TEAM)]  # noqa: E712 -- may be missing
    for row in _dicts(clearly):
        what = f"{_metric(row['metric'])} is clearly worse: {_value(row, 'before')}, now {_value(row, 'after')}."
        who = f"{row['team'] or 'Its owners'}: see what changed."
        yield Line("watch", row["team"], what, who, "comparison", _key(row, "team", "metric"))


def _stale(tables: Tables, _reckoning: Reckoning) -> Iterator[Line]:
    fresh = tables["freshness"]
    for row in _dicts(fresh[fresh["stale"].fillna(value=True).astype(bool)]):
        reached = "never" if pd.isna(row["data_to"]) else f"to {row['data_to']:%Y-%m-%d %H:%M} UTC"
        what = f"Facts of {row['repository']} from {row['source']} were read {reached}."
        who = "Platform: see why the collection failed."
        yield Line("watch", "", what, who, "freshness", _key(row, "repository", "source"))


def _few(tables: Tables, _reckoning: Reckoning) -> Iterator[Line]:
    weeks = tables["weeks"]
    empty = weeks[weeks["complete"].astype(bool) & (weeks["merged"] == 0)].groupby("team").size()
    for row in _dicts(tables["teams"]):
        idle, known = int(empty.get(row["team"], 0)), row["merge_time_n"]
        if 0 < known < _LEAST_FOR_NINETIETH:
            weekly = f", {_many(idle, 'week')} without a merge" if idle else ""
            what = f"{_many(known, 'pull request')} of people merged{weekly}: too few for a p90."
            yield Line("note", row["team"], what, "Read its percentiles with care.", "teams", row["team"])


_RULES: tuple[Callable[[Tables, Reckoning], Iterator[Line]], ...] = (
    _stuck_in_queue,
    _without_evidence,
    _not_proven,
    _gates_below,
    _past_objective,
    _worse,
    _stale,
    _few,
)
_PULL = ("team", "repository", "number")


def _dicts(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict(orient="records")]


def _pull(row: Mapping[str, Any]) -> str:
    return f"{row['repository']}#{row['number']}"


def _key(row: Mapping[str, Any], *names: str) -> str:
    return "/".join(str(row[name]) for name in names)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _span(seconds: float) -> str:
    return f"{seconds / _HOUR:.0f} h" if seconds < 3 * _DAY else f"{seconds / _DAY:.0f} d"


def _metric(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _value(row: Mapping[str, Any], name: str) -> str:
    value = row[name]
    return f"{value:.1%}" if row["kind"] == "share" else f"{value / _HOUR:.1f} h"
