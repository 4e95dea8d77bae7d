"""
What is said, apart from where: one document, rendered for Slack, as plain text and as HTML.

Every word in a document is plain text, from us or from outside, and is escaped where it is rendered. What is too long
for a place ends in "and N more".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tasks.domain.escaping import for_html, for_slack, one_line, shortened

Block = dict[str, object]

SLACK_SECTION = 3000
SLACK_BLOCKS = 50
SLACK_TOTAL = 12_000
"""Slack refuses messages of about 13,200 characters, wherever they stand in it; documented nowhere."""

MAIL_ITEMS = 200
MAXIMUM_TEXT = 280
MAXIMUM_DETAIL = 400
MAXIMUM_DETAILS = 5


@dataclass(frozen=True, slots=True)
class Item:
    """`unlisted` details are known to be, and not what they say."""

    text: str
    details: tuple[str, ...] = ()
    unlisted: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Document:
    title: str
    sections: tuple[Section, ...]
    footer: tuple[str, ...] = ()


def to_slack(document: Document) -> tuple[Block, ...]:
    """Block Kit within Slack's limits; the title and the footer are always there."""
    title, footer = _section(f"*{for_slack(_short(document.title))}*"), [_context(line) for line in document.footer]
    room = SLACK_TOTAL - _length([title, *footer]) - len(_more(10**6))
    blocks, left = _fitted(document.sections, room, SLACK_BLOCKS - 2 - len(footer))
    rest = [_section(_more(left))] if left else []
    return (title, *blocks, *rest, *footer)


def to_text(document: Document) -> str:
    lines = [one_line(document.title), ""]
    for section in document.sections:
        lines += [one_line(section.heading)]
        for item in _capped(section.items):
            lines += [f"  - {_short(item.text)}", *(f"      {detail}" for detail in _details(item))]
        lines += [f"  {line}" for line in _rest(section.items)] + [""]
    return "\n".join([*lines, *map(one_line, document.footer)]).rstrip() + "\n"


def to_html(document: Document) -> str:
    """Says what `to_text` says; no image, no script, nothing loaded from anywhere."""
    title = for_html(document.title)
    parts = [f"<h1>{title}</h1>"]
    for section in document.sections:
        items = "".join(_html_item(item) for item in _capped(section.items))
        rest = "".join(f"<p>{for_html(line)}</p>" for line in _rest(section.items))
        parts.append(f"<h2>{for_html(section.heading)}</h2><ul>{items}</ul>{rest}")
    parts += [f"<p>{for_html(line)}</p>" for line in document.footer]
    body = "\n".join(parts)
    head = f'<meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{title}</title>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{body}\n</body></html>\n'


def _fitted(sections: Iterable[Section], room: int, places: int) -> tuple[list[Block], int]:
    """The blocks that fit, and how many items did not: whatever comes after the first that does not fit is left out."""
    blocks: list[Block] = []
    left = 0
    for section in sections:
        for text, count in _texts(section):
            if left or len(blocks) >= places or len(text) > room:
                left += count
            else:
                blocks.append(_section(text))
                room -= len(text)
    return blocks, left


def _texts(section: Section) -> Iterator[tuple[str, int]]:
    """The section in pieces that a block can hold, each with the number of its items."""
    text, count = f"*{for_slack(shortened(section.heading, MAXIMUM_TEXT))}*", 0
    for item in section.items:
        line = _slack_item(item)
        if count and len(text) + 1 + len(line) > SLACK_SECTION:
            yield text, count
            text, count = line, 1
        else:
            text, count = f"{text}\n{line}", count + 1
    yield text, count


def _slack_item(item: Item) -> str:
    """Escaping makes text longer, so an item that is too long even so is told without its details."""
    text = f"• {for_slack(_short(item.text))}"
    details = "".join(f"\n      {for_slack(detail)}" for detail in _details(item))
    return text + details if len(text + details) <= SLACK_SECTION // 2 else text


def _html_item(item: Item) -> str:
    details = "".join(f"<br>{for_html(detail)}" for detail in _details(item))
    return f"<li>{for_html(_short(item.text))}{details}</li>"


def _short(text: str) -> str:
    return shortened(one_line(text), MAXIMUM_TEXT)


def _details(item: Item) -> tuple[str, ...]:
    shown = tuple(shortened(one_line(detail), MAXIMUM_DETAIL) for detail in item.details[:MAXIMUM_DETAILS])
    left = len(item.details) - len(shown) + item.unlisted
    return (*shown, _more(left)) if left else shown


def _capped(items: tuple[Item, ...]) -> tuple[Item, ...]:
    return items[:MAIL_ITEMS]


def _rest(items: tuple[Item, ...]) -> tuple[str, ...]:
    left = len(items) - MAIL_ITEMS
    return (_more(left),) if left > 0 else ()


def _more(count: int) -> str:
    return f"and {count} more"


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _context(line: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(for_slack(shortened(line, MAXIMUM_DETAIL)))]}


def _mrkdwn(text: str) -> dict[str, object]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _length(blocks: Iterable[Block]) -> int:
    return sum(len(str(block)) for block in blocks)
