"""
Who is told what, and when there is nothing new to tell.

A digest tells one channel what the audit log took since that channel was last told; of a pull request only the last
word counts. An alert is told by itself, at once. All of it is computed from events, so that the same log tells the same
and a channel that knows everything is told nothing. The sentences are in `messages`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from config.schema import Channels, Notifications
from tasks.domain.audit import ABOUT_MESSAGES, Event, EventType
from tasks.domain.compliance_report.announcement import is_compliance, report_document
from tasks.domain.document import Document, to_html, to_slack, to_text
from tasks.domain.escaping import for_slack, one_line
from tasks.domain.messages import (
    Scene,
    audit_document,
    failure_document,
    incident_document,
    mail_document,
    merged_document,
    signature_document,
)
from tasks.domain.reasons import Outcome
from tasks.domain.receipts import Channel, Matter, Receipts, message_key
from tasks.domain.standing import Standing, only, standings

_CRITICAL = "critical"
_WORK = frozenset(
    {EventType.GATE_FINISHED, EventType.LANDING_TESTED, EventType.REPORT_GENERATED, EventType.STORAGE_POSTURE}
)


@dataclass(frozen=True, slots=True)
class Post:
    """A chat message; `blocks` are Slack's Block Kit, `text` says the same for those who see no blocks."""

    channel: str
    text: str
    blocks: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class Mail:
    """`message_id` is the same for the same facts, so that a mail that arrives twice can be told to be one."""

    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Delivery:
    channel: Channel
    matter: Matter
    message: Post | Mail

    @property
    def title(self) -> str:
        return self.message.subject if isinstance(self.message, Mail) else self.message.text


@dataclass(frozen=True, slots=True)
class Audience:
    """
    Everyone who is to be told: `slack` by the role that each channel has, and the recipients of mail.

    The failure channel hears nothing of `quiet_teams` but what is critical.
    """

    slack: Mapping[Channel, str]
    recipients: tuple[str, ...] = ()
    quiet_teams: frozenset[str] = frozenset()

    @property
    def channels(self) -> tuple[Channel, ...]:
        return (*self.slack, Channel.MAIL) if self.recipients else tuple(self.slack)


def audience(notifications: Notifications, quiet_teams: Iterable[str]) -> Audience:
    slack, email = notifications.slack, notifications.email
    named = slack.channels if slack is not None else Channels()
    roles = {Channel.SUCCESS: named.success, Channel.FAILURE: named.failure, Channel.AUDIT: named.audit}
    return Audience(
        slack={channel: name for channel, name in roles.items() if name is not None},
        recipients=() if email is None else email.recipients,
        quiet_teams=frozenset(quiet_teams),
    )


def digests(facts: Sequence[Event], told: Audience, receipts: Receipts, scene: Scene) -> tuple[Delivery, ...]:
    """
    One message for each channel that has something new to hear, none for the others.

    `facts` are events in the order of the log, from the lowest place that any channel has been told up to.
    """
    compose: Mapping[Channel, Callable[[Sequence[Event]], _Told | None]] = {
        Channel.SUCCESS: _success,
        Channel.FAILURE: lambda news: _failure(news, told.quiet_teams),
        Channel.AUDIT: lambda news: _audit(news, scene),
        Channel.MAIL: lambda news: _mail(news, scene),
    }
    found = []
    for channel in told.channels:
        after = receipts.until.get(channel, 0)
        news = [event for event in facts if event.seq > after and event.type not in ABOUT_MESSAGES]
        composed = compose[channel](news) if news else None
        if composed is not None:
            matter = Matter(f"after {after}", composed.facts, news[0].seq, news[-1].seq)
            found.append(_delivery(channel, matter, composed.document, told))
    return tuple(found)


def incidents(events: Iterable[Event], told: Audience, receipts: Receipts) -> tuple[Delivery, ...]:
    """One message for each alert and channel; alerts that say the same of the same commit are one."""
    alerts = _distinct(event for event in events if event.type is EventType.ALERT_RAISED)
    channels = [channel for channel in told.channels if channel in {Channel.FAILURE, Channel.MAIL}]
    return tuple(
        _delivery(channel, _matter_of(alike), incident_document(alike[0]), told)
        for alike in alerts
        for channel in channels
        if not any((channel, alert.id) in receipts.alerts for alert in alike)
        and not (channel is Channel.FAILURE and _muted(alike[0], told.quiet_teams))
    )


def calls_to_sign(events: Iterable[Event], told: Audience, receipts: Receipts) -> tuple[Delivery, ...]:
    """One message for each plan and channel: that people are to sign it, and that what they signed is void."""
    return tuple(
        _delivery(channel, _matter_of((event,)), signature_document(event), told)
        for event in events
        for channel in told.channels
        if channel in {Channel.AUDIT, Channel.MAIL} and (channel, event.id) not in receipts.alerts
    )


def reports(events: Iterable[Event], told: Audience, receipts: Receipts) -> tuple[Delivery, ...]:
    """One message for each compliance report and channel."""
    return tuple(
        _delivery(channel, _matter_of((event,)), report_document(event), told)
        for event in events
        for channel in told.channels
        if is_compliance(event)
        and channel in {Channel.AUDIT, Channel.MAIL}
        and (channel, event.id) not in receipts.alerts
    )


@dataclass(frozen=True, slots=True)
class _Told:
    facts: tuple[str, ...]
    document: Document


def _success(news: Sequence[Event]) -> _Told | None:
    merged = only(Outcome.MERGED, standings(news))
    return _Told(_ids(merged), merged_document(merged)) if merged else None


def _failure(news: Sequence[Event], quiet_teams: frozenset[str]) -> _Told | None:
    stopped = [
        each
        for each in standings(news)
        if each.outcome in {Outcome.REFUSED, Outcome.FAILED} and each.team not in quiet_teams
    ]
    return _Told(_ids(stopped), failure_document(stopped)) if stopped else None


def _audit(news: Sequence[Event], scene: Scene) -> _Told | None:
    """That gates were tried again, or the store looked at, is in the log, and is told with what is decided next."""
    if all(event.type in _WORK for event in news):
        return None
    return _Told(tuple(event.id for event in news), audit_document(news, standings(news), scene))


def _mail(news: Sequence[Event], scene: Scene) -> _Told | None:
    latest = standings(news)
    return _Told(_ids(latest), mail_document(latest, scene)) if latest else None


def _ids(among: Iterable[Standing]) -> tuple[str, ...]:
    return tuple(each.fact for each in among)


def _delivery(channel: Channel, matter: Matter, document: Document, told: Audience) -> Delivery:
    if channel is not Channel.MAIL:
        return Delivery(channel, matter, Post(told.slack[channel], for_slack(document.title), to_slack(document)))
    mail = Mail(
        recipients=told.recipients,
        subject=f"[merge-hub] {one_line(document.title)}",
        text=to_text(document),
        html=to_html(document),
        message_id=f"<{message_key(channel, matter)}@merge-hub>",
    )
    return Delivery(channel, matter, mail)


def _distinct(alerts: Iterable[Event]) -> list[tuple[Event, ...]]:
    """Several gates that are red on one commit raise an alert each, with one sentence."""
    alike: dict[tuple[object, ...], tuple[Event, ...]] = {}
    for alert in alerts:
        about = None if alert.repository is None else alert.repository.id
        sentence = (about, alert.data["alert"], str(alert.subject), alert.data["message"])
        alike[sentence] = (*alike.get(sentence, ()), alert)
    return list(alike.values())


def _matter_of(alike: Sequence[Event]) -> Matter:
    ids = tuple(alert.id for alert in alike)
    return Matter(f"alert {ids[0]}", ids, alike[0].seq, alike[-1].seq, alerts=ids)


def _muted(alert: Event, quiet_teams: frozenset[str]) -> bool:
    return alert.team in quiet_teams and alert.data["severity"] != _CRITICAL
