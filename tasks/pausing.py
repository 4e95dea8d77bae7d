"""The one way to what is paused: the rules, and what the log holds at this moment."""

from collections.abc import Collection

from tasks.crash_points import CrashPoint, reached
from tasks.domain.model import PullRequest
from tasks.domain.pause import (
    PAUSE_EVENTS,
    PauseLedger,
    Scope,
    Stop,
    paused_event,
    pauses_in,
    reasons_of_pauses,
    resumed_event,
)
from tasks.domain.reasons import Reason
from tasks.domain.records import Recorder
from tasks.domain.rules import Rules
from tasks.ports import AuditLog, Services


def pauses_now(log: AuditLog) -> PauseLedger:
    return pauses_in(log.events(types=PAUSE_EVENTS))


def held_by_pauses(pulls: Collection[PullRequest], rules: Rules, services: Services) -> dict[int, tuple[Reason, ...]]:
    """All of `pulls`, or nobody."""
    told = reasons_of_pauses(rules, pauses_now(services.log), services.clock.now())
    return {pull.number: told for pull in pulls} if told else {}


def pause(stop: Stop, organization: str, stated: str, log: AuditLog) -> bool:
    """Whether that was new."""
    event = paused_event(Recorder(organization, stop.scope.team, None), stop, pauses_now(log), stated)
    taken = bool(event and log.append([event]))
    reached(CrashPoint.AFTER_PAUSE)
    return taken


def resume(scope: Scope, owner: str, organization: str, stated: str, log: AuditLog) -> bool:
    """Whether anything was paused by command."""
    event = resumed_event(Recorder(organization, scope.team, None), scope, owner, pauses_now(log), stated)
    taken = bool(event and log.append([event]))
    reached(CrashPoint.AFTER_PAUSE)
    return taken
