from pathlib import Path
from typing import Any

from flows.sandbox_messages import keep_messages

POST: dict[str, Any] = {
    "channel": "#deployments",
    "text": "1 pull request merged",
    "blocks": [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*1 pull request merged*"}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "Why, in full"}]},
    ],
}
MAIL: dict[str, Any] = {"to": ["a@example.org", "b@example.org"], "subject": "[merge-hub] 1 merged", "text": "Merged\n"}


def test_messages_are_kept_as_they_would_have_been_read(tmp_path: Path) -> None:
    keep_messages(tmp_path, [MAIL], [POST])

    assert (tmp_path / "messages.txt").read_text("utf-8").splitlines() == [
        "──── Slack #deployments ────",
        "*1 pull request merged*",
        "Why, in full",
        "",
        "",
        "──── Mail to a@example.org, b@example.org ────",
        "Subject: [merge-hub] 1 merged",
        "",
        "Merged",
    ]


def test_a_post_without_blocks_is_kept_by_its_text(tmp_path: Path) -> None:
    keep_messages(tmp_path, [], [POST | {"blocks": None}])

    assert "1 pull request merged" in (tmp_path / "messages.txt").read_text("utf-8").splitlines()


def test_how_many_there_are_and_where_is_told(tmp_path: Path) -> None:
    assert keep_messages(tmp_path, [MAIL], [POST, POST]) == f"2 Slack posts and 1 mail, in {tmp_path}/messages.txt"


def test_that_there_is_none_is_told_too(tmp_path: Path) -> None:
    assert keep_messages(tmp_path, [], []).startswith("0 Slack posts and 0 mails")
