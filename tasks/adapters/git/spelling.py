"""What may stand in a git command or a commit: names are checked, free text is made one harmless line."""

import re
import unicodedata

from tasks.domain.errors import GitError

TITLE_LIMIT = 256
_OBJECT_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REPOSITORY = re.compile(r"(?!.*(?:^|/)\.{1,2}(?:/|$))(?!-)[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)+")
# git's own rules, `git check-ref-format --branch`.
_NOT_IN_A_BRANCH = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[-/.]|/\.|[/.]$|\.lock(?:/|$)|^@$|^HEAD$")
# They turn the direction of the text after them, so that a line reads as what it does not say.
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_TRAILER = re.compile(r"[A-Za-z0-9-]+\s*:")


def checked_object_id(text: str) -> str:
    if _OBJECT_ID.fullmatch(text) is None:
        raise GitError(
            f"{single_line(text, 80)!r} is no full object id.",
            remedy="Report this as a defect of merge-hub: only full ids of commits may come this far.",
        )
    return text


def checked_branch(name: str) -> str:
    if not name or _NOT_IN_A_BRANCH.search(name):
        raise GitError(
            f"{single_line(name, 80)!r} cannot be the name of a branch.",
            remedy="Correct the target branch in the configuration of the team.",
        )
    return name


def checked_repository(name: str) -> str:
    if _REPOSITORY.fullmatch(name) is None:
        raise GitError(
            f"{single_line(name, 80)!r} cannot be the name of a repository.",
            remedy="Write repositories as `owner/name` in the configuration.",
        )
    return name


def single_line(text: str, limit: int = TITLE_LIMIT) -> str:
    """`text` without control characters and without what turns its direction, its white space made single blanks."""
    harmless = (_harmless(character) for character in text)
    return " ".join("".join(harmless).split())[:limit].rstrip()


def _harmless(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cs":
            return ""
        case _:
            return "" if character in _TURNING else character


def paragraph(title: str) -> str:
    """A title as a paragraph of a commit message; quoted if git would otherwise read a trailer in it."""
    line = single_line(title)
    return f'"{line}"' if _TRAILER.match(line) or line.startswith("(cherry picked from") else line
