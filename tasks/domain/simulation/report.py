"""A comparison as programs read it, and as rows that people read."""

from typing import Any

from tasks.domain.simulation.comparison import Comparison, Figures, Measure, Parameters

COLUMNS = (
    "Strategy",
    "Evaluations",
    "Of optimum",
    "Makespan",
    "Median wait",
    "Merged",
    "Refused",
    "Falsely",
)


def document(comparison: Comparison) -> dict[str, Any]:
    """As `simulate --json` prints it; times are in gate times, an error is None where there is one repetition only."""
    return {
        "strategies": [_strategy(figures) for figures in comparison.strategies],
        "entropy_bound": comparison.entropy_bound,
        "optimal_nested": comparison.optimal_nested,
        "repetitions": comparison.parameters.repetitions,
        "seed": comparison.parameters.seed,
        "load": _load(comparison.parameters),
    }


def _load(asked: Parameters) -> dict[str, Any]:
    """What was simulated; arrivals are None where all wait from the beginning."""
    return {
        "recorded": asked.recorded,
        "count": asked.count,
        "bad": asked.bad,
        "flake": asked.flake,
        "interaction": asked.interaction,
        "arrivals": asked.arrivals,
        "day": None if asked.peak is None else _day(asked),
        "gate_time_spread": asked.spread,
    }


def _day(asked: Parameters) -> dict[str, float]:
    begins, ends = asked.peak_hours
    return {"gate_times": asked.day, "peak_begins": begins, "peak_ends": ends, "peak": float(asked.peak or 1)}


def rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """A row a strategy, and below them what the best that is possible would cost; empty cells do not apply."""
    optimal, entropy = comparison.optimal_nested, comparison.entropy_bound
    best = [("optimal nested", optimal), ("entropy bound", entropy)]
    beside = [(name, f"{value:.3f}", _of(value, optimal)) for name, value in best if value is not None]
    strategies = [_row(figures, optimal) for figures in comparison.strategies]
    return [*strategies, *(row + ("",) * (len(COLUMNS) - len(row)) for row in beside)]


def caption(comparison: Comparison) -> str:
    """What the rows are about."""
    asked = comparison.parameters
    counts = (
        f"{asked.count} pull requests, {percent(asked.bad)} of them bad, batches of {asked.batch}, slots: {asked.slots}"
    )
    if asked.recorded is not None:
        counts = f"As on record of {asked.recorded}: {counts}{_pace(asked)}"
    elif asked.peak is not None:
        counts = f"{counts}{_pace(asked)}"
    if asked.repetitions == 1:
        return f"{counts}; one population of seed {asked.seed}: take the mean of more with --repetitions"
    return f"{counts}; means of {asked.repetitions} populations; times in gate times"


def _pace(asked: Parameters) -> str:
    shares = {"of the runs flake": asked.flake, "of the pairs clash": asked.interaction}
    told = "".join(f"; {percent(share)} {what}" for what, share in shares.items() if share)
    return told if asked.arrivals is None else f"{told}; {asked.arrivals:.2g} arrive in a gate time{_by_day(asked)}"


def _by_day(asked: Parameters) -> str:
    if asked.peak is None:
        return ""
    begins, ends = asked.peak_hours
    return f", {asked.peak:g} times as many from {begins:g} to {ends:g} o'clock of a day of {asked.day:g}"


def percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _strategy(figures: Figures) -> dict[str, Any]:
    return {
        "name": figures.name,
        "evaluations_per_pull_request": figures.evaluations.mean,
        "evaluations_error": figures.evaluations.error,
        "confirmations_per_pull_request": figures.confirmations.mean,
        "makespan": figures.makespan.mean,
        "makespan_error": figures.makespan.error,
        "merged": _counted(figures.merged),
        "refused": _counted(figures.refused),
        "false_refusals": _counted(figures.false_refusals),
        "wait_median": figures.wait.mean,
        "wait_95": figures.long_wait.mean,
    }


def _row(figures: Figures, optimal: float | None) -> tuple[str, ...]:
    cost = figures.evaluations.mean
    confirmed = f" + {figures.confirmations.mean:.3f}" if figures.confirmations.mean else ""
    return (
        figures.name,
        f"{cost:.3f}{confirmed}",
        _of(cost, optimal),
        f"{figures.makespan.mean:.1f}",
        f"{figures.wait.mean:.1f}",
        *(
            f"{measure.mean:.1f}".removesuffix(".0")
            for measure in (figures.merged, figures.refused, figures.false_refusals)
        ),
    )


def _of(cost: float, optimal: float | None) -> str:
    return "" if not optimal else f"{cost / optimal:.2f}"


def _counted(measure: Measure) -> float:
    return int(measure.mean) if measure.mean.is_integer() else measure.mean
