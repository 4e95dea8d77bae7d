import json
import logging
import traceback
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from tasks.adapters.slack import SlackChat
from tasks.domain.errors import MergeHubError, MessageUnconfirmed, MessageUndelivered
from tasks.domain.notification import Post
from tasks.redaction import redacted
from tests.adapters.scripted_http import Reply, ScriptedServer, scripted_server

SECRET = "/services/T0/B0/hunter2"
BLOCK: dict[str, object] = {"type": "section", "text": {"type": "mrkdwn", "text": "*2 merged*"}}
POST = Post(channel="#deployments", text="2 merged — ✓", blocks=(BLOCK,))


@pytest.fixture
def slack() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        running.replies = [Reply(body=b"ok")]
        yield running


@pytest.fixture
def chat(slack: ScriptedServer) -> SlackChat:
    return SlackChat(SecretStr(slack.url + SECRET), timeout=1)


def undelivered(chat: SlackChat) -> MergeHubError:
    return failure_of(lambda: chat.send(POST))


def failure_of(act: Callable[[], object], kind: type[MergeHubError] = MessageUndelivered) -> MergeHubError:
    """The failure, which holds the secret nowhere, its traceback included."""
    with pytest.raises(kind) as failure:
        act()
    told = "".join(traceback.format_exception(failure.value)) + failure.value.remedy
    assert "hunter2" not in told
    return failure.value


def test_a_post_reaches_its_channel_with_text_and_blocks(chat: SlackChat, slack: ScriptedServer) -> None:
    chat.send(POST)

    (request,) = slack.requests
    assert (request.method, request.path) == ("POST", SECRET)
    assert json.loads(request.body) == {"channel": "#deployments", "text": "2 merged — ✓", "blocks": [BLOCK]}


def test_a_post_without_blocks_says_so_by_leaving_them_out(chat: SlackChat, slack: ScriptedServer) -> None:
    chat.send(Post(channel="#audit", text="recorded", blocks=()))

    assert json.loads(slack.requests[0].body) == {"channel": "#audit", "text": "recorded"}


@pytest.mark.parametrize(
    ("reply", "message", "remedy"),
    [
        (Reply(404, b"no_service"), "404 no_service", "make a new webhook"),
        (Reply(404, b"channel_not_found"), "404 channel_not_found", "notifications.slack.channels"),
        (Reply(403, b"action_prohibited"), "403 action_prohibited", "administrator"),
        (Reply(400, b"invalid_blocks\n"), "400 invalid_blocks", "a defect in merge-hub"),
        (Reply(200, b"<html>log in</html>"), "200 <html>log in</html>", "make a new webhook"),
        (Reply(200, b""), "refused the message: 200", "make a new webhook"),
        (Reply(500, b"rollup_error"), "out of order: 500 rollup_error", "tried again"),
        (Reply(429, b"", {"Retry-After": "30"}), "no more messages for 30 s", "tried again"),
        (Reply(429), "no more messages for a while", "tried again"),
    ],
)
def test_a_refusal_is_an_error_that_says_what_to_do(
    chat: SlackChat, slack: ScriptedServer, reply: Reply, message: str, remedy: str
) -> None:
    slack.replies = [reply]

    failure = undelivered(chat)
    assert message in str(failure)
    assert remedy in failure.remedy
    assert len(slack.requests) == 1


@pytest.mark.parametrize("reply", [Reply(hang=True), Reply(drop=True), Reply(body=b"\xff")])
def test_a_post_of_which_the_answer_is_lost_may_have_arrived_and_is_not_tried_again(
    chat: SlackChat, slack: ScriptedServer, reply: Reply
) -> None:
    slack.replies = [reply]

    failure = failure_of(lambda: chat.send(POST), MessageUnconfirmed)
    assert "its answer was lost" in str(failure)
    assert not failure.retryable
    assert len(slack.requests) == 1


def test_an_answer_that_repeats_the_address_does_not_spread_it(chat: SlackChat, slack: ScriptedServer) -> None:
    slack.replies = [Reply(404, f"nothing at {slack.url}{SECRET} or {SECRET}".encode())]

    assert "nothing at *** or /***" in str(undelivered(chat))


def test_nobody_who_listens_is_an_error() -> None:
    assert "ConnectionRefusedError" in str(undelivered(SlackChat(SecretStr("http://127.0.0.1:1/hunter2"))))


@pytest.mark.parametrize("url", ["", "hunter2", "ftp://x/hunter2", "http://x/hunter2 and", "hunter2\nhttp://x"])
def test_an_address_that_is_none_is_an_error_that_does_not_quote_it(url: str) -> None:
    assert "not an address" in str(failure_of(lambda: SlackChat(SecretStr(url))))


def test_an_address_that_nobody_can_parse_is_an_error_that_does_not_quote_it() -> None:
    undelivered(SlackChat(SecretStr("http://[x/hunter2")))


def test_a_line_end_behind_the_address_does_no_harm(slack: ScriptedServer) -> None:
    SlackChat(SecretStr(f"{slack.url}{SECRET}\n")).send(POST)

    assert slack.requests[0].path == SECRET


def test_the_address_is_not_logged_even_when_debugging(
    chat: SlackChat, slack: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    chat.send(POST)
    slack.replies = [Reply(drop=True)]
    failure_of(lambda: chat.send(POST), MessageUnconfirmed)

    assert "hunter2" not in caplog.text + repr(chat) + repr(vars(chat))


def test_the_address_is_a_secret_as_a_whole_and_in_its_parts_and_its_host_is_none() -> None:
    SlackChat(SecretStr("https://hooks.example.org/services/T01/B02/abcdefghijklmnopqrstuvwx"))
    SlackChat(SecretStr("https://chat.example.org"))

    assert redacted("services/T01/B02/abcdefghijklmnopqrstuvwx") == "***"
    assert redacted("the key abcdefghijklmnopqrstuvwx") == "the key ***"
    assert redacted("hooks.example.org and chat.example.org") == "hooks.example.org and chat.example.org"
