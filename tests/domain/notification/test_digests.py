"""Who is told what of a log, and when there is nothing to tell."""

import pytest
from syrupy.assertion import SnapshotAssertion

from tasks.domain.audit import EventType
from tasks.domain.messages import Scene
from tasks.domain.notification import Audience, Delivery, Mail, Post, digests
from tasks.domain.receipts import Channel, Receipts, intended, receipts_in, sent
from tasks.domain.records import Recorder
from tests.domain.chronicle import HOSTILE, Chronicle, Story, failed, held, refused

SCENE = Scene("AcmeCorp", "s3://acmecorp-audit-logs")
SLACK = {Channel.SUCCESS: "#deployments", Channel.FAILURE: "#incidents", Channel.AUDIT: "#compliance-audit"}
EVERYONE = Audience(SLACK, ("platform-team@acmecorp.com", "compliance@acmecorp.com"))
HUB = Recorder("AcmeCorp", None, None)


@pytest.fixture
def log() -> Chronicle:
    return Chronicle()


@pytest.fixture
def story(log: Chronicle) -> Story:
    return Story(log)


def news(log: Chronicle, audience: Audience = EVERYONE) -> dict[Channel, Delivery]:
    found = digests(log.events, audience, receipts_in(log.events), SCENE)
    return {delivery.channel: delivery for delivery in found}


def tell(log: Chronicle, audience: Audience = EVERYONE) -> None:
    """Everybody hears everything so far."""
    receipts = receipts_in(log.events)
    for delivery in digests(log.events, audience, receipts, SCENE):
        intent = intended(HUB, delivery.channel, delivery.matter, receipts, delivery.title)
        log.append([intent])
        log.append([sent(HUB, intent)])


def post(log: Chronicle, channel: Channel, audience: Audience = EVERYONE) -> Post:
    message = news(log, audience)[channel].message
    assert isinstance(message, Post)
    return message


def mail(log: Chronicle) -> Mail:
    message = news(log)[Channel.MAIL].message
    assert isinstance(message, Mail)
    return message


def an_eventful_day(log: Chronicle) -> None:
    web, api = Story(log), Story(log, "acme/api", "1002", "payments")
    web.runs_gate(42)
    web.lands(42, "Greet people by name", "alice")
    web.lands(43, "Remember who was greeted", None)
    api.lands(7, "Round to the cent", "bob")
    web.refuses(44)
    api.stops(8, failed(), title="Charge once", author="carol")
    web.stops(45, held(), title="Greet nobody", author="dave")
    log.append(
        [
            web.recorder.event(
                EventType.REPORT_GENERATED,
                {"report": "audit"},
                {"from_seq": 1, "to_seq": 9, "key": "reports/2026/03/02/platform/acme/web/r.md"},
            )
        ]
    )


def test_success_says_what_merged_by_repository(log: Chronicle, snapshot: SnapshotAssertion) -> None:
    an_eventful_day(log)

    assert post(log, Channel.SUCCESS) == snapshot


def test_failure_says_what_stopped_why_who_can_act_and_what_is_next(
    log: Chronicle, snapshot: SnapshotAssertion
) -> None:
    an_eventful_day(log)

    assert post(log, Channel.FAILURE) == snapshot


def test_audit_says_what_was_recorded_and_where(log: Chronicle, snapshot: SnapshotAssertion) -> None:
    an_eventful_day(log)

    assert post(log, Channel.AUDIT) == snapshot


def test_gates_that_decide_nothing_are_told_of_with_what_is_decided_next(log: Chronicle, story: Story) -> None:
    story.runs_gate(42)

    assert Channel.AUDIT not in news(log)

    story.lands(42)
    assert "1 gate result" in str(post(log, Channel.AUDIT).blocks)


def test_mail_says_everything_in_plain_text_and_in_html(log: Chronicle, snapshot: SnapshotAssertion) -> None:
    an_eventful_day(log)
    written = mail(log)

    assert written.subject == snapshot(name="subject")
    assert written.text == snapshot(name="text")
    assert written.html == snapshot(name="html")


def test_an_empty_log_tells_nobody_anything(log: Chronicle) -> None:
    assert news(log) == {}


def test_whoever_knows_everything_is_told_nothing(log: Chronicle) -> None:
    an_eventful_day(log)
    tell(log)

    assert news(log) == {}


def test_only_what_came_since_is_told(log: Chronicle, story: Story) -> None:
    story.lands(1, "The first")
    tell(log)
    story.lands(2, "The second")

    assert "The second" in str(post(log, Channel.SUCCESS))
    assert "The first" not in str(post(log, Channel.SUCCESS))


def test_a_pull_request_that_was_held_and_then_merged_is_told_as_merged_only(log: Chronicle, story: Story) -> None:
    story.stops(1, held())
    story.lands(1)

    assert "Held" not in mail(log).text
    assert "1 merged" in mail(log).subject


def test_a_pull_request_that_was_refused_and_then_held_does_not_reach_the_failure_channel(
    log: Chronicle, story: Story
) -> None:
    story.stops(1, refused())
    story.stops(1, held(), head=77)

    assert Channel.FAILURE not in news(log)


def test_what_is_held_only_reaches_mail_and_audit(log: Chronicle, story: Story) -> None:
    story.stops(1, held())

    assert set(news(log)) == {Channel.AUDIT, Channel.MAIL}


def test_what_merged_does_not_reach_the_failure_channel(log: Chronicle, story: Story) -> None:
    story.lands(1)

    assert Channel.FAILURE not in news(log)


def test_failures_of_a_quiet_team_do_not_reach_the_failure_channel(log: Chronicle, story: Story) -> None:
    story.stops(1, refused())
    quiet = Audience(SLACK, quiet_teams=frozenset({"platform"}))

    assert Channel.FAILURE not in news(log, quiet)


def test_a_quiet_team_does_not_silence_the_others(log: Chronicle, story: Story) -> None:
    story.stops(1, refused())
    Story(log, "acme/api", "1002", "payments").stops(2, refused())
    quiet = Audience(SLACK, quiet_teams=frozenset({"platform"}))
    text = str(post(log, Channel.FAILURE, quiet))

    assert "acme/api" in text
    assert "acme/web" not in text


def test_a_channel_without_a_name_is_told_nothing(log: Chronicle) -> None:
    an_eventful_day(log)

    assert set(news(log, Audience({Channel.AUDIT: "#audit"}))) == {Channel.AUDIT}


def test_messages_about_messages_are_not_sent(log: Chronicle, story: Story) -> None:
    story.lands(1)
    tell(log)
    tell(log)

    assert news(log) == {}


def test_a_message_is_the_same_however_often_it_is_computed(log: Chronicle) -> None:
    an_eventful_day(log)

    assert news(log) == news(log)


def test_the_id_of_a_mail_comes_from_what_it_tells(log: Chronicle, story: Story) -> None:
    story.lands(1)
    before = mail(log).message_id
    story.lands(2)

    assert before.startswith("<")
    assert before.endswith("@merge-hub>")
    assert mail(log).message_id != before


def test_a_hostile_title_is_shown_and_does_nothing(log: Chronicle, story: Story, snapshot: SnapshotAssertion) -> None:
    story.stops(1, refused(HOSTILE, HOSTILE), title=HOSTILE, author=HOSTILE)
    written = mail(log)

    assert post(log, Channel.FAILURE) == snapshot(name="slack")
    assert written.html == snapshot(name="html")
    assert written.text == snapshot(name="text")
    assert len(written.subject.splitlines()) == 1


def test_every_reason_of_a_pull_request_is_told(log: Chronicle, story: Story) -> None:
    story.stops(1, refused("gate unit failed"), refused("gate e2e failed"))
    text = str(post(log, Channel.FAILURE))

    assert "gate unit failed" in text
    assert "gate e2e failed" in text


def test_reasons_that_had_no_room_in_the_record_are_counted(log: Chronicle, story: Story) -> None:
    story.stops(1, *(refused(f"{number} " + "x" * 1900) for number in range(30)))

    assert "and 25 more" in mail(log).text


@pytest.mark.long
def test_slack_takes_the_message_however_much_there_is_to_tell(log: Chronicle) -> None:
    for number in range(1, 400):
        Story(log, f"acme/r{number % 60}", f"{number % 60}").stops(number, refused("&" * 2000), title="<" * 200)
    message = post(log, Channel.FAILURE)
    texts = [str(block["text"]["text"]) for block in message.blocks if isinstance(block.get("text"), dict)]  # type: ignore[index]

    assert len(message.blocks) <= 50
    assert max(map(len, texts)) <= 3000
    assert sum(map(len, texts)) <= 12_000
    assert texts[-1].startswith("and ")
    assert message.text == "399 pull requests did not land: 399 refused"


@pytest.mark.long
def test_what_is_left_unsaid_is_counted(log: Chronicle, story: Story) -> None:
    for number in range(1, 400):
        story.lands(number, "t" * 100)
    texts = [str(block["text"]["text"]) for block in post(log, Channel.SUCCESS).blocks]  # type: ignore[index]
    told = sum(text.count("•") for text in texts)

    assert texts[-1] == f"and {399 - told} more"


@pytest.mark.long
def test_mail_ends_its_lists_too(log: Chronicle, story: Story) -> None:
    for number in range(1, 400):
        story.lands(number)

    assert "and 199 more" in mail(log).text
    assert "and 199 more" in mail(log).html


def test_a_channel_that_was_renamed_hears_nothing_again(log: Chronicle, story: Story) -> None:
    story.lands(1)
    tell(log)

    assert news(log, Audience({Channel.SUCCESS: "#elsewhere"})) == {}


def test_receipts_of_nothing_know_of_nothing() -> None:
    assert receipts_in([]) == Receipts()
