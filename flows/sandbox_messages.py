"""What was said to people in the sandbox, kept where the sandbox leaves it: in one file, as they would have read it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Message = Mapping[str, Any]

FILE = "messages.txt"


def keep_messages(home: Path, mails: Sequence[Message], posts: Sequence[Message]) -> str:
    """Writes them under `home`; returns how many there are and where, for people."""
    path = home / FILE
    texts = [*map(_post, posts), *map(_mail, mails)]
    path.write_text("\n\n".join(texts) or "No message was sent.\n", encoding="utf-8")
    return f"{_counted(len(posts), 'Slack post')} and {_counted(len(mails), 'mail')}, in {path}"


def _post(post: Message) -> str:
    shown = "\n".join(_texts(post["blocks"])) or str(post["text"])
    return f"{_heading('Slack', str(post['channel']))}\n{shown}\n"


def _mail(mail: Message) -> str:
    return f"{_heading('Mail to', ', '.join(mail['to']))}\nSubject: {mail['subject']}\n\n{mail['text']}"


def _heading(kind: str, whom: str) -> str:
    return f"──── {kind} {whom} ────"


def _texts(blocks: Any) -> Iterator[str]:
    """What stands in Slack's blocks, as Slack was sent it."""
    for block in blocks or ():
        yield from (part["text"] for part in (block.get("text"), *block.get("elements", ())) if part)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
