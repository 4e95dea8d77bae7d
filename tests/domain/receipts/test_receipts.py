"""What a channel was told, at most once: announced, then sent or failed, or interrupted in between."""

import pytest

from tasks.domain.audit import Event
from tasks.domain.receipts import Channel, Matter, Receipts, failed, intended, message_key, receipts_in, sent
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
    (intent,) = log.append([intended(HUB, channel, matter, receipts_in(log.events))])
    return intent


def test_a_message_that_was_sent_moves_the_place_up_to_which_its_channel_was_told(log: Chronicle) -> None:
    log.append([sent(HUB, announce(log))])

    assert receipts_in(log.events).until == {Channel.SUCCESS: 2}


def test_a_message_that_was_interrupted_counts_as_told(log: Chronicle) -> None:
    announce(log)

    assert receipts_in(log.events).until == {Channel.SUCCESS: 2}


def test_a_message_that_was_interrupted_is_listed(log: Chronicle) -> None:
    intent = announce(log)
    (found,) = receipts_in(log.events).unconfirmed

    assert (found.channel, found.key, found.seq) == (Channel.SUCCESS, message_key(Channel.SUCCESS, DIGEST), intent.seq)
    assert not found.stale


def test_an_interrupted_message_is_stale_once_a_later_one_got_through(log: Chronicle) -> None:
    announce(log)
    log.append([sent(HUB, announce(log, Matter("after 2", ("fact-3",), 3, 3)))])
    (found,) = receipts_in(log.events).unconfirmed

    assert found.stale


def test_a_later_message_elsewhere_makes_nothing_stale(log: Chronicle) -> None:
    announce(log)
    log.append([sent(HUB, announce(log, DIGEST, Channel.AUDIT))])
    (found,) = receipts_in(log.events).unconfirmed

    assert not found.stale


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
    one = intended(HUB, Channel.SUCCESS, DIGEST, Receipts())
    other = intended(HUB, Channel.SUCCESS, LONGER, Receipts())

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
