"""Who is told what, and every sentence that the hub says to people."""

from dataclasses import dataclass


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
