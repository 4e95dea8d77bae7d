"""Metrics: merge times, gate success and compliance a team, counted from the audit log."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tasks.ports import Services


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` on and before `until`; None: without that bound."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class MetricsReport:
    directory: Path
    dashboard: Path
    markdown: str


def make_metrics_report(services: Services, home: Path, team: str, window: Window) -> MetricsReport:
    """`team` is a name or `all`. Writes under `home`/metrics; the same log gives the same bytes."""
    raise NotImplementedError
