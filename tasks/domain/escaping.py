"""
Text from outside on its way into somebody's markup: it is shown, and means nothing there.

Titles, logins and reasons are written by people we do not know. First they become one line of printable characters,
then what the place they go to would read as markup is escaped or, where it knows no escape, written with a look-alike.
"""

import html
import re

_SLACK = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "*": "\N{ASTERISK OPERATOR}",
        "`": "\N{MODIFIER LETTER GRAVE ACCENT}",
        "~": "\N{TILDE OPERATOR}",
    }
)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~!&@$])")
_LINKED = re.compile(r"(?i)(https?|ftp)://|\bwww\.")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH COMMERCIAL AT}")


def one_line(text: str) -> str:
    """Without line ends, control characters and marks that turn the direction of what follows."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())


def shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def for_slack(text: str) -> str:
    """For mrkdwn with `verbatim`: nobody is mentioned, nothing is linked or set in another face."""
    return one_line(text).translate(_SLACK)


def for_html(text: str) -> str:
    return html.escape(one_line(text), quote=True)


def for_markdown(text: str) -> str:
    """For running text and table cells."""
    escaped = _MARKDOWN.sub(r"\\\1", one_line(text))
    return _LINKED.sub(lambda found: re.sub(r"[:.]", r"\\\g<0>", found[0]), escaped)


def for_spreadsheet(text: str) -> str:
    """A cell that a spreadsheet takes for text, not for a formula; a CSV writer still has to quote it."""
    line = "".join(character if character.isprintable() else " " for character in text)
    return f"'{line}" if line.lstrip().startswith(_FORMULA) else line
