"""
Notify: everyone is told each fact once, at most, and what cannot be delivered undoes nothing.

A message is announced in the audit log before it is sent, and receipted after; what that guards against stands in
`tasks.domain.receipts`.
"""

import logging
from collections.abc import Sequence
from typing import Protocol

from prefect.exceptions import MissingContextError
from prefect.logging import get_logger, get_run_logger

from config.schema import Configuration
from tasks.crash_points import CrashPoint, reached
from tasks.domain.errors import MergeHubError, MessageUndelivered
from tasks.domain.messages import Scene
from tasks.domain.notification import Audience, Delivery, Mail, Post, audience, digests, incidents
from tasks.domain.receipts import Channel, Receipts, Unconfirmed, failed, intended, receipts_in, sent
from tasks.domain.records import Recorder
from tasks.ports import Services
from tasks.retrying import step


class Deliver(Protocol):
    def __call__(self, delivery: Delivery, services: Services, /) -> None: ...


@step("notify {delivery.channel}", name="notify")
def deliver(delivery: Delivery, services: Services) -> None:
    """Raises MessageUndelivered where the other side did not take the message; another error may mean that it did."""
    match delivery.message:
        case Post() as post if services.chat is not None:
            services.chat.send(post)
        case Mail() as mail if services.mail is not None:
            services.mail.send(mail)
        case _:
            raise MessageUndelivered(
                f"nothing is connected that could deliver to {delivery.channel}",
                remedy="This is a defect in merge-hub: a channel without a service is not to be told. Report it.",
            )


def notify(configuration: Configuration, services: Services, *, send: Deliver = deliver) -> tuple[str, ...]:
    """
    Tells every channel what the log holds that it was not told yet; the problems met, empty where there were none.

    Belongs at the end of a run, behind the reports, which it names, and before the export, which takes its receipts.
    """
    teller = _Teller(configuration, services, send)
    problems = [*teller.tell_incidents(), *teller.tell_digests()]
    for message in unconfirmed(services):
        if not message.stale:
            _logger().warning(
                "A message to %s was announced at %s (event %d) and never confirmed: it may have arrived, so it is not "
                "sent again. Look for it there; its key is %s.",
                message.channel,
                message.time,
                message.seq,
                message.key,
            )
    return tuple(problems)


def notify_incidents(configuration: Configuration, services: Services, *, send: Deliver = deliver) -> tuple[str, ...]:
    """Tells the alerts of the log that were not told yet, at once; the problems met, as `notify` does."""
    return _Teller(configuration, services, send).tell_incidents()


def unconfirmed(services: Services) -> tuple[Unconfirmed, ...]:
    """Messages of which nobody knows whether they arrived: the process died between announcing and confirming them."""
    return receipts_in(services.log.events()).unconfirmed


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

    def tell_incidents(self) -> tuple[str, ...]:
        receipts = receipts_in(self._services.log.events())
        told = incidents(self._services.log.events(), self._audience, receipts)
        return self._tell(told, receipts)[1]

    def tell_digests(self) -> tuple[str, ...]:
        """Where another process was quicker, what it did not tell is told after it."""
        waiting = frozenset(self._audience.channels)
        problems: list[str] = []
        while waiting:
            receipts = receipts_in(self._services.log.events())
            known = min(receipts.until.get(channel, 0) for channel in waiting)
            facts = tuple(self._services.log.events(after=known))
            news = digests(facts, self._audience, receipts, self._scene)
            waiting, met = self._tell([each for each in news if each.channel in waiting], receipts)
            problems.extend(met)
        return tuple(problems)

    def _tell(self, deliveries: Sequence[Delivery], receipts: Receipts) -> tuple[frozenset[Channel], tuple[str, ...]]:
        """The channels that somebody else is telling, and the problems met."""
        others: set[Channel] = set()
        problems: list[str] = []
        for delivery in deliveries:
            intent = intended(self._recorder, delivery.channel, delivery.matter, receipts)
            if not self._services.log.append([intent]):
                others.add(delivery.channel)
                continue
            reached(CrashPoint.AFTER_MESSAGE_INTENT)
            try:
                self._send(delivery, self._services)
            except MessageUndelivered as error:
                self._services.log.append([failed(self._recorder, intent, error.code)])
                problems.append(f"{delivery.channel}: a message was not delivered: {error.message}. {error.remedy}")
            except MergeHubError as error:
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
