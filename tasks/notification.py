"""
Notify: everyone is told each fact once, at most, and what cannot be delivered undoes nothing.

A message is announced in the audit log before it is sent, and receipted after; what that guards against stands in
`tasks.domain.receipts`.
"""

import fcntl
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol, cast

from prefect.exceptions import MissingContextError
from prefect.logging import get_logger, get_run_logger
from pydantic import JsonValue

from config.schema import Configuration
from tasks.crash_points import CrashPoint, reached
from tasks.domain.audit import ABOUT_MESSAGES, Event, EventType
from tasks.domain.document import Block
from tasks.domain.errors import MergeHubError, MessageUndelivered
from tasks.domain.messages import Scene
from tasks.domain.notification import (
    Audience,
    Delivery,
    Mail,
    Post,
    audience,
    calls_to_sign,
    digests,
    incidents,
    reports,
)
from tasks.domain.receipts import Channel, Receipts, failed, intended, lost_sight_of, receipts_in, sent, unknown
from tasks.domain.records import Recorder
from tasks.ports import Services
from tasks.redaction import redacted, redacted_value
from tasks.retrying import step


class Deliver(Protocol):
    def __call__(self, delivery: Delivery, services: Services, /) -> None: ...


@step("notify {delivery.channel}", name="notify")
def deliver(delivery: Delivery, services: Services) -> None:
    """Raises MessageUndelivered where the other side did not take the message; another error may mean that it did."""
    match delivery.message:
        case Post() as post if services.chat is not None:
            services.chat.send(_post_without_secrets(post))
        case Mail() as mail if services.mail is not None:
            services.mail.send(_mail_without_secrets(mail))
        case _:
            raise MessageUndelivered(
                f"nothing is connected that could deliver to {delivery.channel}",
                remedy="This is a defect in merge-hub: a channel without a service is not to be told. Report it.",
            )


def _post_without_secrets(post: Post) -> Post:
    blocks = tuple(cast("Block", redacted_value(cast("JsonValue", block))) for block in post.blocks)
    return replace(post, text=redacted(post.text), blocks=blocks)


def _mail_without_secrets(mail: Mail) -> Mail:
    return replace(mail, subject=redacted(mail.subject), text=redacted(mail.text), html=redacted(mail.html))


def notify(configuration: Configuration, services: Services, *, send: Deliver = deliver) -> tuple[str, ...]:
    """
    Tells every channel what the log holds that it was not told yet; the problems met, empty where there were none.

    Belongs at the end of a run, behind the reports, which it names, and before the export, which takes its receipts.
    """
    teller = _Teller(configuration, services, send)
    lost = teller.tell_lost()
    with _telling(services.home):
        return (*lost, *teller.tell_incidents(), *teller.tell_digests())


def notify_incidents(configuration: Configuration, services: Services, *, send: Deliver = deliver) -> tuple[str, ...]:
    """Tells the alerts of the log that were not told yet, at once; the problems met, as `notify` does."""
    with _telling(services.home):
        return _Teller(configuration, services, send).tell_incidents()


def _abandoned(services: Services) -> tuple[Event, ...]:
    """
    What was announced by processes that died before they could confirm it; none while somebody is telling here.

    Another machine is not seen: what it is just sending may be taken for abandoned, until its receipt follows.
    """
    with _turn(services.home) as turn:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return ()
        return receipts_in(services.log.events(types=ABOUT_MESSAGES)).unconfirmed


@contextmanager
def _telling(home: Path) -> Iterator[None]:
    """As many as want to may tell at once; a lock ends with its process, however that ends."""
    with _turn(home) as turn:
        fcntl.flock(turn, fcntl.LOCK_SH)
        yield


@contextmanager
def _turn(home: Path) -> Iterator[int]:
    home.mkdir(parents=True, exist_ok=True)
    turn = os.open(home / "telling.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield turn
    finally:
        os.close(turn)


def _logger() -> logging.Logger | logging.LoggerAdapter[logging.Logger]:
    """The run's, whose lines the Prefect UI shows, where there is one."""
    try:
        return get_run_logger()
    except MissingContextError:
        return get_logger(__name__)


class _Teller:
    def __init__(self, configuration: Configuration, services: Services, send: Deliver) -> None:
        self._services = services
        self._send = send
        self._recorder = Recorder(configuration.organization.name, None, None)
        self._scene = Scene(configuration.organization.name, services.evidence.location)
        self._audience = _reachable(configuration, services)

    def tell_lost(self) -> tuple[str, ...]:
        """Says of which messages nobody knows whether they arrived, once: it is said before that is recorded."""
        problems: list[str] = []
        for intent in _abandoned(self._services) if self._audience.channels else ():
            problem = lost_sight_of(intent)
            _logger().warning("%s", problem)
            if self._services.log.append([unknown(self._recorder, intent)]):
                reached(CrashPoint.AFTER_LOST_MESSAGE)
                problems.append(problem)
        return tuple(problems)

    def tell_incidents(self) -> tuple[str, ...]:
        receipts = self._receipts()
        told = incidents(self._services.log.events(types={EventType.ALERT_RAISED}), self._audience, receipts)
        asked = {EventType.SIGNATURE_ASKED, EventType.SIGNATURE_VOIDED}
        calls = calls_to_sign(self._services.log.events(types=asked), self._audience, receipts)
        made = reports(self._services.log.events(types={EventType.REPORT_GENERATED}), self._audience, receipts)
        return self._tell((*told, *calls, *made), receipts)[1]

    def tell_digests(self) -> tuple[str, ...]:
        """Where another process was quicker, what it did not tell is told after it."""
        waiting = frozenset(self._audience.channels)
        problems: list[str] = []
        while waiting:
            receipts = self._receipts()
            known = min(receipts.until.get(channel, 0) for channel in waiting)
            facts = tuple(self._services.log.events(after=known))
            news = digests(facts, self._audience, receipts, self._scene)
            waiting, met = self._tell([each for each in news if each.channel in waiting], receipts)
            problems.extend(met)
        return tuple(problems)

    def _receipts(self) -> Receipts:
        return receipts_in(self._services.log.events(types=ABOUT_MESSAGES))

    def _tell(self, deliveries: Sequence[Delivery], receipts: Receipts) -> tuple[frozenset[Channel], tuple[str, ...]]:
        """The channels that somebody else is telling, and the problems met."""
        others: set[Channel] = set()
        problems: list[str] = []
        for delivery in deliveries:
            intent = intended(self._recorder, delivery.channel, delivery.matter, receipts, delivery.title)
            if not self._services.log.append([intent]):
                others.add(delivery.channel)
                continue
            reached(CrashPoint.AFTER_MESSAGE_INTENT)
            try:
                self._send(delivery, self._services)
            except MessageUndelivered as error:
                self._services.log.append([failed(self._recorder, intent, error.code)])
                reached(CrashPoint.AFTER_MESSAGE_FAILURE)
                problems.append(f"{delivery.channel}: a message was not delivered: {error.message}. {error.remedy}")
            except MergeHubError as error:
                self._services.log.append([unknown(self._recorder, intent)])
                reached(CrashPoint.AFTER_MESSAGE_UNKNOWN)
                problems.append(f"{delivery.channel}: whether a message arrived is unknown: {error.message}")
            else:
                reached(CrashPoint.AFTER_MESSAGE_SENT)
                self._services.log.append([sent(self._recorder, intent)])
                reached(CrashPoint.AFTER_MESSAGE_RECORD)
        return frozenset(others), tuple(problems)


def _reachable(configuration: Configuration, services: Services) -> Audience:
    quiet = (team.name for team in configuration.teams if not team.policies.notify_on_failure)
    everyone = audience(configuration.global_.notifications, quiet)
    return Audience(
        slack={} if services.chat is None else everyone.slack,
        recipients=() if services.mail is None else everyone.recipients,
        quiet_teams=everyone.quiet_teams,
    )
