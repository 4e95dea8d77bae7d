"""Pauses that people give and take back, from the command line or the Prefect UI: thin over `tasks/pausing.py`."""

import os
from datetime import datetime
from typing import Any

from config.loader import load
from config.schema import moment_of
from config.settings import read_settings
from flows.usage import UnusableRequest
from tasks.domain.dependencies import printable
from tasks.domain.pause import USUAL, Scope, Stop
from tasks.domain.reasons import told_moment
from tasks.domain.run import EVERY_TEAM, assignments

Json = dict[str, Any]


def pause(scope: Scope, reason: str, until: str | None, *, stated: str, owner: str | None = None) -> Json:
    """
    What is paused now, and whether that is new; without an `owner`, by who runs this.

    Raises UnusableRequest, UnknownTeam or UnknownRepository.
    """
    organization = _checked(scope)
    from flows.wiring import open_records  # noqa: PLC0415 -- adapters take a second to import
    from flows.wiring.signing import who_runs_this  # noqa: PLC0415
    from tasks import pausing  # noqa: PLC0415

    with open_records() as records:
        now = records.clock.now()
        known = pausing.pauses_now(records.log).stops.get(scope.key)
        end = _end(until, now)
        if known is not None and until is None and now < known.until and known.reason == reason:
            stop, recorded = known, False
        else:
            stop = Stop(scope, reason, owner or who_runs_this(), end)
            recorded = pausing.pause(stop, organization, stated, records.log)
        return {**stop.document(stated), "recorded": recorded}


def resume(scope: Scope, *, stated: str, owner: str | None = None) -> Json:
    """Takes back what was paused by command; what stands in a file is taken back there."""
    organization = _checked(scope)
    from flows.wiring import open_records  # noqa: PLC0415 -- adapters take a second to import
    from flows.wiring.signing import who_runs_this  # noqa: PLC0415
    from tasks import pausing  # noqa: PLC0415

    with open_records() as records:
        recorded = pausing.resume(scope, owner or who_runs_this(), organization, stated, records.log)
        return {"scope": scope.words, "team": scope.team, "repository": scope.repository, "recorded": recorded}


def _checked(scope: Scope) -> str:
    """The organization's name; raises where there is no such team or repository."""
    configuration = load(read_settings(os.environ).config_directory)
    if scope.team is not None and scope.repository is not None:
        raise UnusableRequest("a team and a repository are two pauses", "name one of them")
    assignments(configuration, scope.team or EVERY_TEAM, scope.repository)
    return configuration.organization.name


def _end(until: str | None, now: datetime) -> datetime:
    remedy = "write a moment to come, such as `2026-12-01T09:00:00+01:00`"
    if until is None:
        return now.replace(microsecond=0) + USUAL
    end = moment_of(until)
    if end is None or end <= now:
        raise UnusableRequest(f"{printable(until, 60)!r} is no moment to come", remedy)
    return datetime.fromisoformat(told_moment(end))
