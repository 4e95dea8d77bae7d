"""
What runs leave behind for people to read is kept for the latest of them only: see `execution.keep_runs`.

Nothing rests on these documents. Evidence and the audit log are elsewhere, and nothing here comes near them.
"""

import shutil

from tasks.domain.retention import KeptRun, expired_runs
from tasks.ports import Services


def forget_old_runs(keep: int, services: Services) -> None:
    """What a process left half removed is removed by the next; what cannot be removed is in nobody's way."""
    runs = services.run.parent
    named = [
        KeptRun.named(folder.name, finished=(folder / "run.json").exists())
        for folder in (runs.iterdir() if runs.exists() else ())
    ]
    there = [run for run in named if run is not None]
    for run_id in expired_runs(there, keep, services.clock.now()):
        shutil.rmtree(runs / run_id, ignore_errors=True)
