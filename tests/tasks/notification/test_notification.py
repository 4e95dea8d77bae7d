"""Everyone is told once, at most, however often and by however many it is tried."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tasks.domain.audit import ABOUT_MESSAGES, EventType
from tasks.domain.errors import AuditLogError, MessageUndelivered
from tasks.notification import deliver, notify, notify_incidents
from tests.domain.chronicle import Story, held, refused
from tests.tasks.office import Inbox, Killed, Office, acme


def tell(office: Office, *, quiet: bool = False) -> tuple[str, ...]:
    return notify(acme(quiet=quiet), office.services, send=deliver.fn)


def tell_incidents(office: Office) -> tuple[str, ...]:
    return notify_incidents(acme(), office.services, send=deliver.fn)


def raising(error: BaseException) -> Callable[[], None]:
    def raise_it() -> None:
        raise error

    return raise_it


DOWN = MessageUndelivered("Slack answered 500", remedy="It is tried again at the next run.")
UNCLEAR = AuditLogError("the answer never came", remedy="Look there.")


def test_everybody_hears_of_a_run(office: Office, story: Story) -> None:
    story.lands(1)
    story.stops(2, refused())

    assert tell(office) == ()
    assert office.posts == ["#deployments", "#incidents", "#compliance-audit"]
    assert office.mails == ["[merge-hub] AcmeCorp: 1 merged, 1 refused"]


def test_telling_twice_sends_nothing_and_records_nothing(office: Office, story: Story) -> None:
    story.lands(1)
    tell(office)
    sent, size = list(office.posts), office.services.log.size()

    assert tell(office) == ()
    assert office.posts == sent
    assert office.services.log.size() == size


def test_an_empty_log_is_left_empty(office: Office) -> None:
    assert tell(office) == ()
    assert office.services.log.size() == 0


def test_every_message_is_announced_before_it_is_sent_and_receipted_after(office: Office, story: Story) -> None:
    story.lands(1)
    seen: list[EventType] = []
    office.chat.on_arrival = lambda: seen.append(office.events()[-1].type)
    tell(office)

    assert set(seen) == {EventType.MESSAGE_INTENDED}
    assert len(office.events(EventType.MESSAGE_SENT)) == 3


def test_a_death_between_announcing_and_sending_sends_no_second_message(office: Office, story: Story) -> None:
    story.lands(1)
    office.chat.on_arrival = raising(Killed())
    with pytest.raises(Killed):
        tell(office)
    office.chat.on_arrival = lambda: None
    tell(office)

    assert office.posts == ["#compliance-audit"]


@pytest.fixture
def interrupted(office: Office, story: Story) -> Office:
    """The process that told the success channel of a landing died while it did."""
    story.lands(1)
    office.chat.on_arrival = raising(Killed())
    with pytest.raises(Killed):
        tell(office)
    office.chat.on_arrival = lambda: None
    return office


def test_that_nobody_knows_whether_a_message_arrived_is_told_and_recorded(
    interrupted: Office, caplog: pytest.LogCaptureFixture
) -> None:
    (intent,) = interrupted.events(EventType.MESSAGE_INTENDED)

    (problem,) = tell(interrupted)

    assert problem.startswith('slack/success: whether the message "1 pull request merged" of events 1 to 3 arrived is')
    assert problem in caplog.text
    (unknown,) = interrupted.events(EventType.MESSAGE_UNKNOWN)
    assert (unknown.subject, unknown.data["intent"]) == ({"channel": "slack/success"}, intent.id)


def test_that_nobody_knows_whether_a_message_arrived_is_told_once(
    interrupted: Office, caplog: pytest.LogCaptureFixture
) -> None:
    tell(interrupted)
    caplog.clear()
    size = interrupted.services.log.size()

    assert tell(interrupted) == ()
    assert caplog.text == ""
    assert interrupted.services.log.size() == size


def test_who_can_tell_nobody_looks_for_no_message(interrupted: Office) -> None:
    observing = replace(interrupted.services, chat=None, mail=None)

    assert notify(acme(), observing, send=deliver.fn) == ()
    assert interrupted.events(EventType.MESSAGE_UNKNOWN) == []


def test_what_another_is_just_sending_is_not_called_unknown(office: Office, story: Story) -> None:
    story.lands(1)
    met: list[tuple[str, ...]] = []

    def another_tells_meanwhile() -> None:
        office.chat.on_arrival = lambda: None
        met.append(tell(office))

    office.chat.on_arrival = another_tells_meanwhile
    tell(office)

    assert met == [()]
    assert office.events(EventType.MESSAGE_UNKNOWN) == []


def test_a_message_that_was_declined_is_a_problem_and_is_sent_by_the_next_run(office: Office, story: Story) -> None:
    story.lands(1)
    office.chat.on_arrival = raising(DOWN)
    problems = tell(office)
    office.chat.on_arrival = lambda: None

    assert len(problems) == 2
    assert "Slack answered 500" in problems[0]
    assert len(office.mails) == 1
    assert tell(office) == ()
    assert office.posts == ["#deployments", "#compliance-audit"]
    assert len(office.mails) == 1


def test_a_message_that_is_declined_again_and_again_is_recorded_each_time(office: Office, story: Story) -> None:
    story.lands(1)
    office.chat.on_arrival = raising(DOWN)
    tell(office)
    tell(office)
    tell(office)

    assert len(office.events(EventType.MESSAGE_FAILED)) == 6


def test_what_came_meanwhile_is_told_with_what_was_declined(office: Office, story: Story) -> None:
    story.lands(1, "The first")
    office.chat.on_arrival = raising(DOWN)
    tell(office)
    office.chat.on_arrival = lambda: None
    story.lands(2, "The second")
    tell(office)

    assert office.posts.count("#deployments") == 1
    assert office.chat.taken[0].text == "2 pull requests merged"


def test_a_message_whose_end_is_unclear_is_a_problem_and_is_not_sent_again(office: Office, story: Story) -> None:
    story.lands(1)
    office.chat.on_arrival = raising(UNCLEAR)
    problems = tell(office)
    office.chat.on_arrival = lambda: None

    assert "unknown" in problems[0]
    assert len(office.events(EventType.MESSAGE_UNKNOWN)) == len(problems)
    assert tell(office) == ()
    assert office.posts == []


def test_no_text_of_an_error_reaches_the_log(office: Office, story: Story) -> None:
    story.lands(1)
    office.chat.on_arrival = raising(MessageUndelivered("https://hooks.example/SECRET said no", remedy="Wait."))
    tell(office)

    assert b"SECRET" not in office.services.log.lines(1, office.services.log.size())


def test_an_alert_is_told_at_once_and_not_again_at_the_end(office: Office, story: Story) -> None:
    story.turns_red()
    tell_incidents(office)
    at_once = list(office.posts)
    tell(office)

    assert at_once == ["#incidents"]
    assert office.posts == ["#incidents", "#compliance-audit"]
    assert len(office.mails) == 1


def test_an_alert_that_was_not_told_at_once_is_told_at_the_end(office: Office, story: Story) -> None:
    story.turns_red()
    tell(office)

    assert office.posts == ["#incidents", "#compliance-audit"]


def test_an_alert_whose_message_was_declined_is_told_by_the_next(office: Office, story: Story) -> None:
    story.turns_red()
    office.chat.on_arrival = raising(DOWN)
    tell_incidents(office)
    office.chat.on_arrival = lambda: None
    tell_incidents(office)

    assert office.posts == ["#incidents"]
    assert len(office.mails) == 1


def test_a_quiet_team_keeps_the_failure_channel_quiet(office: Office, story: Story) -> None:
    story.stops(1, refused())
    tell(office, quiet=True)

    assert office.posts == ["#compliance-audit"]


def test_without_chat_or_mail_nothing_is_announced(office: Office, story: Story) -> None:
    story.lands(1)
    services = replace(office.services, chat=None, mail=None)

    assert notify(acme(), services, send=deliver.fn) == ()
    assert office.events(*ABOUT_MESSAGES) == []


def test_two_processes_that_tell_at_once_send_each_message_once(office: Office, story: Story) -> None:
    for number in range(1, 4):
        story.lands(number)
    story.turns_red()
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: tell(office), range(4)))

    assert told == [()] * 4
    assert sorted(office.posts) == ["#compliance-audit", "#deployments", "#incidents"]
    assert len(office.mails) == 2


def test_what_a_quicker_process_left_untold_is_told_after_it(office: Office, story: Story) -> None:
    story.stops(1, held())
    story.lands(2)

    def another_is_quicker_and_something_happens() -> None:
        office.chat.on_arrival = lambda: None
        tell(office)
        story.lands(3)

    office.chat.on_arrival = another_is_quicker_and_something_happens
    tell(office)
    told = [mail.text for mail in office.mail.taken]

    assert office.posts == ["#compliance-audit", "#deployments", "#compliance-audit"]
    assert sum("#2 " in text for text in told) == 1
    assert sum("#3 " in text for text in told) == 1


def test_a_delivery_without_a_service_is_declined(office: Office, story: Story) -> None:
    story.lands(1)
    sent = Inbox()
    services = replace(office.services, chat=sent, mail=None)

    def without_chat(delivery: object, _services: object) -> None:
        deliver.fn(delivery, replace(services, chat=None))  # type: ignore[arg-type]  # it is a delivery

    problems = notify(acme(), services, send=without_chat)

    assert len(problems) == 2
    assert sent.taken == []
