"""The chat receives what a Slack webhook would, and misbehaves when told."""

import httpx
import pytest

from deployments.sandbox.process import Sandbox


def send(sandbox: Sandbox, text: str) -> httpx.Response:
    return httpx.post(sandbox.endpoints.slack_url, json={"channel": "#deployments", "text": text})


def test_a_message_is_answered_as_slack_answers(sandbox: Sandbox) -> None:
    answer = send(sandbox, "three pull requests landed")

    assert (answer.status_code, answer.text) == (200, "ok")


def test_a_message_is_listed_with_its_channel_and_text(sandbox: Sandbox) -> None:
    send(sandbox, "three pull requests landed")

    (message,) = sandbox.ask("GET", "/_sandbox/slack")
    assert (message["hook"], message["channel"], message["text"]) == (
        "enterprise",
        "#deployments",
        "three pull requests landed",
    )


def test_blocks_are_listed(sandbox: Sandbox) -> None:
    blocks = [{"type": "divider"}]
    httpx.post(sandbox.endpoints.slack_url, json={"blocks": blocks})

    assert sandbox.ask("GET", "/_sandbox/slack")[0]["blocks"] == blocks


@pytest.mark.parametrize("status", [403, 404, 500])
def test_an_error_is_answered_once_when_told(sandbox: Sandbox, status: int) -> None:
    sandbox.ask("POST", "/_sandbox/slack/script", [{"status": status}])

    assert [send(sandbox, "one").status_code, send(sandbox, "two").status_code] == [status, 200]


def test_a_rate_limit_says_when_to_come_back(sandbox: Sandbox) -> None:
    sandbox.ask("POST", "/_sandbox/slack/script", [{"status": 429, "retry_after": 7}])

    answer = send(sandbox, "one")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


def test_answers_are_given_in_the_order_of_the_script(sandbox: Sandbox) -> None:
    sandbox.ask("POST", "/_sandbox/slack/script", [{"status": 500}, {"status": 200}, {"status": 429}])

    assert [send(sandbox, "again").status_code for _ in range(4)] == [500, 200, 429, 200]


def test_a_message_that_was_refused_is_not_listed(sandbox: Sandbox) -> None:
    sandbox.ask("POST", "/_sandbox/slack/script", [{"status": 500}])
    send(sandbox, "lost")

    assert sandbox.ask("GET", "/_sandbox/slack") == []


@pytest.mark.parametrize("content", [b"payload", b"[]", b"{}", b'{"channel": "#deployments"}'])
def test_a_message_without_anything_to_show_is_refused(sandbox: Sandbox, content: bytes) -> None:
    answer = httpx.post(sandbox.endpoints.slack_url, content=content)

    assert (answer.status_code, answer.text) == (400, "invalid_payload")


@pytest.mark.parametrize("script", [{}, [1], [{"status": "bad"}], [{"retry_after": 1}]])
def test_a_script_that_is_none_is_refused(sandbox: Sandbox, script: object) -> None:
    with pytest.raises(ValueError, match="not a script"):
        sandbox.ask("POST", "/_sandbox/slack/script", script)
