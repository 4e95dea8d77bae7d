"""
The rows of one report: those of its scope, each population cut to the window by the end of its rows.

`together` makes of all teams one, so that a total is counted from the same rows by the same arithmetic.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from config.schema import Objectives
from tasks.frames.attribution import attributed, latest_names
from tasks.frames.backlog import backlog
from tasks.frames.controls import proven
from tasks.frames.facts import Frames
from tasks.frames.gate_runs import GateRuns, gate_runs_of
from tasks.frames.populations import population_of
from tasks.frames.queueing import clipped
from tasks.frames.schema import EVERY_TEAM
from tasks.frames.stability import Failures, failures_of
from tasks.frames.stages import Calendars, timed
from tasks.frames.tables import Scope, Window
from tasks.frames.times import seconds_between, weeks_of


@dataclass(frozen=True, slots=True)
class Reckoning:
    """By what is counted: teams' calendars, and the objectives."""

    calendars: Calendars = field(default_factory=dict)
    objectives: Objectives = field(default_factory=Objectives)


@dataclass(frozen=True, slots=True)
class Rows:
    """
    Each a frame with `team`, `repository_id`, `repository` and the `week` of its end.

    `pulls` and `stays` are of all times, `cohort` became ready, and `clips` were in the queue, in the window; `open`
    is at its end.
    """

    pulls: pd.DataFrame
    stays: pd.DataFrame
    merges: pd.DataFrame
    cohort: pd.DataFrame
    landings: pd.DataFrame
    controls: pd.DataFrame
    attempts: pd.DataFrame
    retries: pd.DataFrame
    contents: pd.DataFrame
    entered: pd.DataFrame
    left: pd.DataFrame
    clips: pd.DataFrame
    batches: pd.DataFrame
    failed: pd.DataFrame
    rollbacks: pd.DataFrame
    incidents: pd.DataFrame
    unrestored: pd.DataFrame
    forecasts: pd.DataFrame
    open: pd.DataFrame
    objective_seconds: float

    @property
    def gates(self) -> GateRuns:
        return GateRuns(self.attempts, self.retries, self.contents)

    @property
    def failures(self) -> Failures:
        return Failures(self.failed, self.rollbacks, self.incidents)

    def together(self) -> "Rows":
        everybody: dict[str, Any] = {
            each.name: frame.assign(team=pd.Series(EVERY_TEAM, index=frame.index, dtype="str"))
            for each in fields(self)
            if isinstance(frame := getattr(self, each.name), pd.DataFrame) and "team" in frame
        }
        return replace(self, **everybody)


@dataclass(frozen=True, slots=True)
class Known:
    """All populations of a scope, attributed; what of them a window has is `within`."""

    scope: Scope
    reckoning: Reckoning
    frames: Mapping[str, pd.DataFrame]

    def within(self, window: Window) -> Rows:
        known, by = self.frames, self.reckoning
        ended = {name: _inside(known[name], moment, window) for name, moment in _ENDS.items()}
        rollbacks = known["rollbacks"]
        over = rollbacks["restored_at"] < window.until
        unrestored = rollbacks[~over & ~(rollbacks["decided_at"] >= window.until)]
        return Rows(
            pulls=known["pulls"],
            stays=known["stays"],
            controls=known["controls"],
            cohort=_cohort(known["pulls"], window),
            clips=clipped(known["stays"], window.since, window.until),
            entered=_inside(known["stays"], "entered_at", window),
            left=_inside(known["stays"], "left_at", window),
            open=backlog(known["pulls"], known["stays"], window.until, by.calendars),
            unrestored=unrestored,
            objective_seconds=by.objectives.merge_seconds,
            **ended,
        )


_ENDS = {
    "merges": "merged_at",
    "landings": "landed_at",
    "attempts": "ended_at",
    "retries": "ended_at",
    "contents": "ended_at",
    "batches": "ended_at",
    "failed": "merged_at",
    "rollbacks": "restored_at",
    "incidents": "restored_at",
    "forecasts": "made_at",
}


def known_of(frames: Frames, scope: Scope, reckoning: Reckoning) -> Known:
    names, owners = latest_names(frames), frames.repository_team

    def told(table: str, moment: str) -> pd.DataFrame:
        return attributed(getattr(frames, table), moment, owners, names)

    population = population_of(frames)
    stays = told("queue_stay", "entered_at")
    stays = stays.assign(number=stays["number"].astype("Int64"))
    merges = proven(timed(population.merges, stays, frames.state_span, reckoning.calendars), frames.landing_control)
    failures = failures_of(merges, told("rollback", "decided_at"))
    runs = gate_runs_of(told("gate_result", "finished_at"), frames.evaluation)
    every = {
        "pulls": population.pulls,
        "stays": stays,
        "merges": merges,
        "landings": told("landing", "landed_at"),
        "attempts": runs.attempts,
        "retries": runs.retries,
        "contents": runs.contents,
        "batches": told("batch", "formed_at"),
        "failed": failures.merges,
        "rollbacks": failures.rollbacks,
        "incidents": failures.incidents,
        "forecasts": told("forecast", "made_at"),
    }
    kept = {name: _kept(frame, scope) for name, frame in every.items()}
    return Known(scope, reckoning, {**kept, "controls": frames.landing_control})


def _kept(frame: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    keep = np.ones(len(frame), np.bool_)
    if scope.team != EVERY_TEAM:
        keep &= (frame["team"] == scope.team).to_numpy(bool)
    if scope.repository != EVERY_TEAM:
        keep &= (frame["repository"] == scope.repository).to_numpy(bool)
    return frame[keep]


def _inside(frame: pd.DataFrame, moment: str, window: Window) -> pd.DataFrame:
    keep = (frame[moment] >= window.since) & (frame[moment] < window.until)
    rows = frame[keep.to_numpy(dtype=bool, na_value=False)]
    return rows.assign(week=weeks_of(rows[moment]))


def _cohort(pulls: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Of people's pull requests that became ready in the window: how long until the merge, or until seen last."""
    rows = pulls[pulls["person"] & pulls["ready_at"].notna()]
    rows = _inside(rows, "ready_at", window)
    end = pd.Timestamp(window.until)
    gone = rows["closed_at"].where(rows["merged_at"].isna() & (rows["state"] != "open"))
    merged = (rows["merged_at"] < end).astype(bool)
    last = rows["merged_at"].where(merged).fillna(gone.where(gone < end)).fillna(end)
    return rows.assign(lasted=seconds_between(rows["ready_at"], last), ended=merged)


def weeks_within(window: Window) -> pd.DataFrame:
    """`week`, every one that the window touches, and whether it is `complete`."""
    length = timedelta(weeks=1)
    first = weeks_of(pd.Series([pd.Timestamp(window.since)]).dt.as_unit("us")).iloc[0]
    weeks = pd.Series(pd.date_range(first, window.until, freq=length, inclusive="left", unit="us"), name="week")
    complete = (weeks >= window.since) & (weeks + length <= window.until)
    return pd.DataFrame({"week": weeks, "complete": complete})
