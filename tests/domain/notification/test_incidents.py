"""Alerts are told one by one, at once, to those who can do something about them."""

import pytest
from syrupy.assertion import SnapshotAssertion

from tasks.domain.audit import EventType
from tasks.domain.notification import Audience, Delivery, Mail, incidents
from tasks.domain.receipts import Channel, intended, receipts_in, sent
from tasks.domain.records import Recorder
from tests.domain.chronicle import HOSTILE, Chronicle, Story

SLACK = {Channel.SUCCESS: "#deployments", Channel.FAILURE: "#incidents", Channel.AUDIT: "#compliance-audit"}
EVERYONE = Audience(SLACK, ("oncall@acmecorp.com",))
HUB = Recorder("AcmeCorp", None, None)


@pytest.fixture
def log() -> Chronicle:
    return Chronicle()


@pytest.fixture
def story(log: Chronicle) -> Story:
    return Story(log)


def pending(log: Chronicle, audience: Audience = EVERYONE) -> tuple[Delivery, ...]:
    return incidents(log.events, audience, receipts_in(log.events))


def tell(log: Chronicle) -> None:
    receipts = receipts_in(log.events)
    for delivery in incidents(log.events, EVERYONE, receipts):
        intent = intended(HUB, delivery.channel, delivery.matter, receipts, delivery.title)
        log.append([intent])
        log.append([sent(HUB, intent)])


def written(log: Chronicle) -> list[object]:
    """What each message says: a mail by subject and text, a post by its blocks."""
    messages = [delivery.message for delivery in pending(log)]
    return [(each.subject, each.text) if isinstance(each, Mail) else each for each in messages]


def test_a_red_target_branch_is_told_with_what_to_do(log: Chronicle, story: Story, snapshot: SnapshotAssertion) -> None:
    story.turns_red()

    assert written(log) == snapshot


def test_a_landing_of_another_tree_is_told_with_what_to_do(
    log: Chronicle, story: Story, snapshot: SnapshotAssertion
) -> None:
    story.differs(4)

    assert written(log) == snapshot


def test_a_repository_that_failed_is_told_with_its_own_remedy(
    log: Chronicle, story: Story, snapshot: SnapshotAssertion
) -> None:
    story.is_unreachable()

    assert written(log) == snapshot


def test_a_hostile_alert_does_nothing(log: Chronicle, story: Story, snapshot: SnapshotAssertion) -> None:
    story.is_unreachable(HOSTILE)

    assert written(log) == snapshot


def test_an_alert_of_a_kind_that_has_no_words_yet_is_told_all_the_same(log: Chronicle, story: Story) -> None:
    data = {"alert": "log-forked", "severity": "critical", "message": "two logs say different things"}
    log.append([story.recorder.event(EventType.ALERT_RAISED, {}, dict(data))])

    assert "two logs say different things" in str(written(log))


def test_an_alert_reaches_the_failure_channel_and_mail(log: Chronicle, story: Story) -> None:
    story.turns_red()

    assert [delivery.channel for delivery in pending(log)] == [Channel.FAILURE, Channel.MAIL]


def test_an_alert_that_was_told_is_not_told_again(log: Chronicle, story: Story) -> None:
    story.turns_red()
    tell(log)

    assert pending(log) == ()


def test_each_alert_has_its_own_message(log: Chronicle, story: Story) -> None:
    story.turns_red()
    story.differs(4)

    assert len(pending(log)) == 4


def test_gates_that_are_red_on_one_commit_are_one_incident(log: Chronicle, story: Story) -> None:
    story.turns_red("unit", "e2e")
    first = pending(log)
    tell(log)

    assert len(first) == 2
    assert pending(log) == ()


def test_a_quiet_team_is_not_told_of_in_the_failure_channel(log: Chronicle, story: Story) -> None:
    story.turns_red()
    quiet = Audience(SLACK, ("oncall@acmecorp.com",), frozenset({"platform"}))

    assert [delivery.channel for delivery in pending(log, quiet)] == [Channel.MAIL]


def test_what_is_critical_is_told_of_a_quiet_team_too(log: Chronicle, story: Story) -> None:
    story.differs(4)
    quiet = Audience(SLACK, quiet_teams=frozenset({"platform"}))

    assert [delivery.channel for delivery in pending(log, quiet)] == [Channel.FAILURE]


def test_no_failure_channel_and_no_mail_means_that_nobody_is_told(log: Chronicle, story: Story) -> None:
    story.turns_red()

    assert pending(log, Audience({Channel.SUCCESS: "#deployments"})) == ()
