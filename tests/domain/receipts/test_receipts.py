"""What a channel was told, at most once: announced, then sent or failed, or interrupted in between."""

import pytest

from tasks.domain.audit import Event
from tasks.domain.receipts import (
    Channel,
    Matter,
    Receipts,
    failed,
    intended,
    lost_sight_of,
    message_key,
    receipts_in,
    sent,
    unknown,
)
from tasks.domain.records import Recorder
from tests.domain.chronicle import Chronicle

HUB = Recorder("AcmeCorp", None, None)
DIGEST = Matter("after 0", ("fact-1", "fact-2"), 1, 2)
LONGER = Matter("after 0", ("fact-1", "fact-2", "fact-3"), 1, 3)
ALERT = Matter("alert fact-9", ("fact-9",), 9, 9, alerts=("fact-9",))


@pytest.fixture
def log() -> Chronicle:
    return Chronicle()


def announce(log: Chronicle, matter: Matter = DIGEST, channel: Channel = Channel.SUCCESS) -> Event:
    (intent,) = log.append([intended(HUB, channel, matter, receipts_in(log.events), "1 pull request merged")])
    return intent


def test_a_message_that_was_sent_moves_the_place_up_to_which_its_channel_was_told(log: Chronicle) -> None:
    log.append([sent(HUB, announce(log))])

    assert receipts_in(log.events).until == {Channel.SUCCESS: 2}


def test_a_message_that_was_interrupted_counts_as_told(log: Chronicle) -> None:
    announce(log)

    assert receipts_in(log.events).until == {Channel.SUCCESS: 2}


def test_a_message_that_was_interrupted_is_listed_until_that_is_recorded(log: Chronicle) -> None:
    intent = announce(log)
    before = receipts_in(log.events)
    log.append([unknown(HUB, intent)])
    after = receipts_in(log.events)

    assert before.unconfirmed == (intent,)
    assert after.unconfirmed == ()
    assert after.until == before.until == {Channel.SUCCESS: 2}


def test_a_message_that_was_interrupted_is_named(log: Chronicle) -> None:
    assert lost_sight_of(announce(log)) == (
        'slack/success: whether the message "1 pull request merged" of events 1 to 2 arrived is unknown: it was '
        "announced at 2026-03-02T12:01:00.000Z (event 1) and never confirmed. It is not sent again: look for it there, "
        "and pass it on if it is missing."
    )


def test_a_message_that_failed_counts_as_untold(log: Chronicle) -> None:
    log.append([failed(HUB, announce(log), "message-undelivered")])

    assert receipts_in(log.events) == Receipts(failures={(Channel.SUCCESS, "after 0"): 1})


def test_a_message_that_failed_may_be_announced_again(log: Chronicle) -> None:
    log.append([failed(HUB, announce(log), "message-undelivered")])
    log.append([sent(HUB, announce(log))])

    assert receipts_in(log.events).until == {Channel.SUCCESS: 2}


def test_each_failure_is_counted(log: Chronicle) -> None:
    log.append([failed(HUB, announce(log), "message-undelivered")])
    log.append([failed(HUB, announce(log), "message-undelivered")])

    assert receipts_in(log.events).failures == {(Channel.SUCCESS, "after 0"): 2}


def test_two_who_tell_the_same_channel_from_the_same_place_announce_one_message() -> None:
    one = intended(HUB, Channel.SUCCESS, DIGEST, Receipts(), "One merged")
    other = intended(HUB, Channel.SUCCESS, LONGER, Receipts(), "Two merged")

    assert one.id == other.id


def test_the_same_matter_on_another_channel_is_another_message() -> None:
    assert message_key(Channel.SUCCESS, DIGEST) != message_key(Channel.AUDIT, DIGEST)


def test_another_set_of_facts_is_another_message() -> None:
    assert message_key(Channel.SUCCESS, DIGEST) != message_key(Channel.SUCCESS, LONGER)


def test_an_alert_moves_no_digest(log: Chronicle) -> None:
    log.append([sent(HUB, announce(log, ALERT, Channel.FAILURE))])
    found = receipts_in(log.events)

    assert found.until == {}
    assert found.alerts == {(Channel.FAILURE, "fact-9")}


def test_an_alert_whose_message_failed_is_untold(log: Chronicle) -> None:
    log.append([failed(HUB, announce(log, ALERT, Channel.FAILURE), "message-undelivered")])

    assert receipts_in(log.events).alerts == frozenset()


def test_no_text_of_an_error_is_recorded(log: Chronicle) -> None:
    receipt = failed(HUB, announce(log), "message-undelivered")

    assert set(receipt.data) == {"intent", "key", "code"}
