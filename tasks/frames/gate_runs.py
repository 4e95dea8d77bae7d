"""
Gates: what was run, what came of it, and whether the same content was judged differently.

An attempt is judged if it passed, failed, timed out or errored and the infrastructure is not to blame; cancelled and
skipped attempts, and those that the infrastructure failed, are in no rate. A cached result is no attempt. Content is
the same where heads, base, tree and the gate's definition are: an attempt elsewhere says nothing about a flake.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tasks.frames.groups import grouped_counts, grouped_sums, groups_of
from tasks.frames.quantiles import grouped_quantiles
from tasks.frames.times import weeks_of

_ANSWERS = ("passed", "failed", "timed_out", "errored")
_GATE_OF_EVALUATION = ["evaluation_id", "gate"]
_CONTENT = ["repository_id", "gate", "definition", "base", "tree", "head_set", "alone"]
_STREAK = 3
"""So many failures in a row are no chance: the gate, or what it tests, is broken."""


@dataclass(frozen=True, slots=True)
class GateRuns:
    """
    `attempts`: all results, with truths `run`, `judged`, `passed`, `first` (of its evaluation) and `wasted`.

    `retries`: a row a gate of an evaluation that was run again, `recovered`; `contents`: a row a judged content of a
    gate, `flaky` and `passed_last`. Each has the time of its end as `ended_at`, and `week`.
    """

    attempts: pd.DataFrame
    retries: pd.DataFrame
    contents: pd.DataFrame


def gate_runs_of(results: pd.DataFrame, evaluations: pd.DataFrame) -> GateRuns:
    """`results` with team and latest repository name."""
    attempts = _attempts(results, evaluations)
    executed = attempts[attempts["run"]]
    contents = _contents(executed[executed["judged"]])
    flaky = executed["content"].isin(contents.loc[contents["flaky"], "content"]) & executed["judged"]
    wasted = (flaky & ~executed["passed"]) | (executed["status"] == "cancelled")
    attempts = attempts.assign(wasted=wasted.reindex(attempts.index, fill_value=False))
    return GateRuns(attempts, _retries(executed), contents)


def _attempts(results: pd.DataFrame, evaluations: pd.DataFrame) -> pd.DataFrame:
    rows = results.merge(evaluations[["evaluation_id", "head_set"]], on="evaluation_id", how="left")
    rows = rows.sort_values(["finished_at", "evaluation_id", "gate", "attempt"], ignore_index=True)
    run = ~rows["cached"] & (rows["status"] != "skipped")
    judged = run & rows["status"].isin(_ANSWERS) & (rows["cause"] != "infra").fillna(value=True)
    first = rows["attempt"].where(run).groupby([rows[name] for name in _GATE_OF_EVALUATION]).transform("min")
    rows = rows.assign(
        run=run,
        judged=judged.astype(bool),
        passed=rows["status"] == "passed",
        first=(rows["attempt"] == first).fillna(value=False).astype(bool),
        alone=rows["evaluation_id"].where(rows["tree"].fillna("") == "", ""),
        ended_at=rows["finished_at"],
        week=weeks_of(rows["finished_at"]),
    )
    return rows.assign(content=rows.groupby(_CONTENT, dropna=False).ngroup())


def _retries(executed: pd.DataFrame) -> pd.DataFrame:
    again = ~executed["first"]
    last = executed[again].drop_duplicates(_GATE_OF_EVALUATION, keep="last")
    recovered = (again & executed["passed"]).groupby([executed[name] for name in _GATE_OF_EVALUATION]).transform("any")
    return last.assign(recovered=recovered.reindex(last.index))


def _contents(judged: pd.DataFrame) -> pd.DataFrame:
    passed = judged.groupby("content")["passed"]
    last = judged.drop_duplicates("content", keep="last")
    flaky = passed.transform("any") & ~passed.transform("all")
    return last.assign(flaky=flaky.reindex(last.index).astype(bool), passed_last=last["passed"])


def gate_counts(runs: GateRuns, keys: Sequence[str]) -> pd.DataFrame:
    """`_n` and `_k` of the gates' rates, and runners' seconds."""
    attempts, retries, contents = runs.attempts, runs.retries, runs.contents
    first = attempts["first"] & attempts["judged"]
    groups = groups_of(attempts, keys)
    table = grouped_counts(groups, gate_success_n=first, gate_success_k=first & attempts["passed"])
    seconds = attempts["seconds"].where(attempts["run"])
    sums = grouped_sums(groups, runner_seconds=seconds, wasted_seconds=seconds.where(attempts["wasted"]))
    table = table.merge(sums, on=list(keys))
    every = np.ones(len(contents), np.bool_)
    judged = grouped_counts(
        groups_of(contents, keys),
        gate_eventual_n=every,
        gate_eventual_k=contents["passed_last"],
        flake_rate_n=every,
        flake_rate_k=contents["flaky"],
    )
    again = grouped_counts(
        groups_of(retries, keys),
        retry_recovery_n=np.ones(len(retries), np.bool_),
        retry_recovery_k=retries["recovered"],
    )
    return table.merge(judged, on=list(keys), how="outer").merge(again, on=list(keys), how="outer")


def gate_details(runs: GateRuns, keys: Sequence[str]) -> pd.DataFrame:
    """What is said of a gate beside its rates."""
    attempts = runs.attempts
    groups = groups_of(attempts, keys)
    run, status = attempts["run"], attempts["status"]
    answered = status.isin(_ANSWERS)
    table = grouped_counts(
        groups,
        attempts=run,
        cached=attempts["cached"],
        cancelled=run & (status == "cancelled"),
        skipped=~attempts["cached"] & (status == "skipped"),
        infra=run & answered & ~attempts["judged"],
    )
    duration = grouped_quantiles(groups, _judged(attempts, "seconds"), "duration", (0.5, 0.75, 0.9, 0.95))
    means = grouped_means(attempts, keys, duration_mean=_judged(attempts, "seconds"), queued_mean=_run(attempts))
    queued = grouped_quantiles(groups, _run(attempts), "queued")
    for part in (duration, queued, means, _flips(attempts, keys)):
        table = table.merge(part, on=list(keys), how="left")
    retried = grouped_counts(groups_of(runs.retries, keys), retried=np.ones(len(runs.retries), np.bool_))
    return table.merge(retried, on=list(keys), how="left")


def gate_weeks(runs: GateRuns, keys: Sequence[str]) -> pd.DataFrame:
    attempts = runs.attempts
    groups = groups_of(attempts, keys)
    first = attempts["first"] & attempts["judged"]
    table = grouped_counts(
        groups, attempts=attempts["run"], gate_success_n=first, gate_success_k=first & attempts["passed"]
    )
    seconds = _judged(attempts, "seconds")
    for part in (grouped_quantiles(groups, seconds, "duration"), grouped_means(attempts, keys, duration_mean=seconds)):
        table = table.merge(part, on=list(keys), how="left")
    return table


def grouped_means(frame: pd.DataFrame, keys: Sequence[str], **columns: "pd.Series[float]") -> pd.DataFrame:
    """The keys, and the mean of what is known of each column; NaN where nothing is."""
    groups = groups_of(frame, keys)
    sums = grouped_sums(groups, **columns)
    known = grouped_counts(groups, **{name: values.notna() for name, values in columns.items()})
    for name in columns:
        sums[name] = sums[name] / known[name].where(known[name] > 0)
    return sums


def _judged(attempts: pd.DataFrame, column: str) -> "pd.Series[float]":
    return attempts[column].where(attempts["judged"])


def _run(attempts: pd.DataFrame) -> "pd.Series[float]":
    return attempts["queued_seconds"].where(attempts["run"])


def _flips(attempts: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """First attempts of a gate in a repository in the order of their ends, streaks of failures left out."""
    rows = attempts[attempts["first"] & attempts["judged"]]
    gate = rows.groupby(["repository_id", "gate"])
    before = gate["passed"].shift()
    changed = (before != rows["passed"]) | before.isna()
    streak = changed.astype(int).groupby([rows["repository_id"], rows["gate"]]).cumsum()
    length = rows.groupby([rows["repository_id"], rows["gate"], streak])["passed"].transform("size")
    considered = rows["passed"] | (length < _STREAK)
    flipped = considered & ~rows["passed"] & (before == True).fillna(value=False)  # noqa: E712 -- the first has none before
    return grouped_counts(groups_of(rows, keys), flips_n=considered, flips_k=flipped)
