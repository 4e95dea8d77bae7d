"""
One run of the hub in a process of its own, to be killed or raced: `python -m tests.flows.hub_process STAGE`.

In place of a stage it takes `metrics` or `reconcile`, for those flows, or `command` and the arguments of the command
`merge-hub`.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any


def main() -> None:
    if sys.argv[1] == "command":
        from flows.cli import app  # noqa: PLC0415 -- the command needs nothing of Prefect

        app(sys.argv[2:], standalone_mode=False)
        return
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings  # noqa: PLC0415

    from flows.enterprise_merge import enterprise_merge  # noqa: PLC0415
    from flows.metrics_report import metrics_report  # noqa: PLC0415
    from flows.reconciliation import reconciliation  # noqa: PLC0415
    from tasks.domain.run import RunIncomplete  # noqa: PLC0415

    others: dict[str, Callable[[], dict[str, Any]]] = {"metrics": metrics_report, "reconcile": reconciliation}
    chosen: dict[str, Any] = {"stage": sys.argv[1]}
    out = os.dup(1)
    os.dup2(2, 1)
    problems: tuple[str, ...] = ()
    # The heartbeat makes each flow wait up to a second at its end; nobody watches for zombies here.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        try:
            document = others[sys.argv[1]]() if sys.argv[1] in others else enterprise_merge(**chosen)
        except RunIncomplete as incomplete:
            document, problems = incomplete.document, incomplete.problems
    os.write(out, json.dumps({"document": document, "problems": problems}).encode())


if __name__ == "__main__":
    main()
