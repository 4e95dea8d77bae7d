"""Flows, started from the command line: everything that can be refused is refused before Prefect is even imported."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from config.check import check
from config.loader import load
from config.needs import demand_what_is_needed
from config.schema import Configuration, Stage
from config.settings import read_settings
from flows import prefect_environment
from flows.usage import UnusableRequest
from tasks.crash_points import unknown_point
from tasks.domain.compliance_report.period import asked_for
from tasks.domain.dependencies import printable
from tasks.domain.doctor import Check
from tasks.domain.run import RunIncomplete, assignments


@dataclass(frozen=True, slots=True)
class Finished:
    """`problems` are what the world failed at; empty means that all was done."""

    document: Mapping[str, Any]
    problems: tuple[str, ...]


def run_teams(team: str, repository: str | None, stage: Stage, *, all_gates: bool = False) -> Finished:
    """Raises ConfigurationError, UnknownTeam, UnknownRepository or UnusableRequest before anything is done."""
    if (named := unknown_point(os.environ)) is not None:
        raise UnusableRequest(
            f"MERGE_HUB_CRASH_AT is `{printable(named, 60)}`, which is no crash point",
            "unset it, or name one that `merge-hub doctor --crash-points` lists",
        )
    settings = read_settings(os.environ)
    configuration = load(settings.config_directory)
    assignments(configuration, team, repository)
    demand_what_is_needed(configuration, stage, os.environ)
    _demand_what_gates_need(configuration, stage)
    prefect_environment.prepare(settings.home, configuration.global_.execution.keep_runs)
    from flows import wiring  # noqa: PLC0415 -- Prefect reads its environment when imported
    from flows.enterprise_merge import enterprise_merge  # noqa: PLC0415

    if prefect_environment.server_process() is not None:
        wiring.load_meanwhile(configuration)
    prefect_environment.wait_until_ready()
    try:
        with prefect_environment.without_heartbeat():
            found = enterprise_merge(team=team, repository=repository, stage=stage.value, all_gates=all_gates)
            return Finished(found, ())
    except RunIncomplete as incomplete:
        return Finished(incomplete.document, incomplete.problems)


def reconcile_teams(team: str, repository: str | None) -> Finished:
    """Raises ConfigurationError, UnknownTeam or UnknownRepository before anything is done."""
    settings = read_settings(os.environ)
    configuration = load(settings.config_directory)
    assignments(configuration, team, repository)
    demand_what_is_needed(configuration, Stage.MERGE, os.environ)
    prefect_environment.prepare(settings.home, configuration.global_.execution.keep_runs)
    from flows.reconciliation import reconciliation  # noqa: PLC0415 -- Prefect reads its environment when imported

    prefect_environment.wait_until_ready()
    try:
        with prefect_environment.without_heartbeat():
            return Finished(reconciliation(team=team, repository=repository), ())
    except RunIncomplete as incomplete:
        return Finished(incomplete.document, incomplete.problems)


def _demand_what_gates_need(configuration: Configuration, stage: Stage) -> None:
    if configuration.without_network:
        from flows import wiring  # noqa: PLC0415 -- adapters take a second to import

        wiring.demand_what_gates_need(configuration, stage)


def examine_all() -> tuple[Check, ...]:
    """Raises ConfigurationError before anything is looked at."""
    from flows import wiring  # noqa: PLC0415 -- adapters take a second to import
    from tasks.doctor import examine  # noqa: PLC0415

    warnings = check(read_settings(os.environ).config_directory, os.environ).warnings
    with wiring.open_for_examination() as (configuration, examiner):
        return examine(configuration, len(warnings), examiner)


def look_at_store() -> Finished:
    """Raises ConfigurationError before anything is looked at."""
    settings = read_settings(os.environ)
    configuration = load(settings.config_directory)
    demand_what_is_needed(configuration, Stage.MERGE, os.environ)
    prefect_environment.prepare(settings.home, configuration.global_.execution.keep_runs)
    from flows.storage_posture import storage_posture  # noqa: PLC0415 -- Prefect reads its environment when imported

    prefect_environment.wait_until_ready()
    with prefect_environment.without_heartbeat():
        found = storage_posture()
    return Finished(found, tuple(found.pop("unfinished")))


def report_metrics(team: str) -> Finished:
    """Raises ConfigurationError or UnknownTeam before anything is done."""
    settings = read_settings(os.environ)
    configuration = load(settings.config_directory)
    assignments(configuration, team, None)
    prefect_environment.prepare(settings.home, configuration.global_.execution.keep_runs)
    from flows.metrics_report import metrics_report  # noqa: PLC0415 -- Prefect reads its environment when imported

    prefect_environment.wait_until_ready()
    with prefect_environment.without_heartbeat():
        return Finished(metrics_report(team=team), ())


def report_compliance(team: str, period: str, since: str | None, until: str | None) -> Finished:
    """Raises ConfigurationError, UnknownTeam or UnusablePeriod before anything is done."""
    settings = read_settings(os.environ)
    configuration = load(settings.config_directory)
    assignments(configuration, team, None)
    asked_for(period, since, until, datetime.now(UTC))
    demand_what_is_needed(configuration, Stage.MERGE, os.environ)
    prefect_environment.prepare(settings.home, configuration.global_.execution.keep_runs)
    from flows.compliance_report import compliance_report  # noqa: PLC0415 -- Prefect reads its environment when imported

    prefect_environment.wait_until_ready()
    with prefect_environment.without_heartbeat():
        found = compliance_report(team=team, period=period, since=since, until=until)
    return Finished(found, tuple(found["undelivered"]))
