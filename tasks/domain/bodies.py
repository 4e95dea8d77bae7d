"""
Which lines of a pull request's body say something.

A comment or a code fence hides what is in it, as examples are, but only when it ends: what a line demands must not
vanish behind something that was never closed.
"""

import re

_LINE_END = re.compile(r"\r\n|\r|\n")
_FENCE = re.compile(r"\s*(?P<marks>`{3,})[^`]*|\s*(?P<tildes>~{3,}).*")


def visible_lines(body: str) -> list[str]:
    """The lines outside of comments and fenced code. A failed search for an end is not repeated: linear time."""
    lines = _LINE_END.split(body)
    shown: list[str] = []
    fences = comments = True
    position = 0
    while position < len(lines):
        line = _without_inline_comments(lines[position])
        if comments and line.lstrip().startswith("<!--"):
            end = _comment_end(lines, position + 1)
            comments = end is not None
            if end is not None:
                lines[end] = lines[end].partition("-->")[2]
                position = end
                continue
        if fences and (opening := _FENCE.fullmatch(line)):
            end = _fence_end(lines, position + 1, opening["marks"] or opening["tildes"])
            fences = end is not None
            if end is not None:
                position = end + 1
                continue
        shown.append(line)
        position += 1
    return shown


def _without_inline_comments(line: str) -> str:
    kept: list[str] = []
    position = 0
    while (start := line.find("<!--", position)) >= 0 and (end := line.find("-->", start + 2)) >= 0:
        kept.append(line[position:start])
        position = end + 3
    return "".join(kept) + line[position:]


def _comment_end(lines: list[str], start: int) -> int | None:
    return next((position for position in range(start, len(lines)) if "-->" in lines[position]), None)


def _fence_end(lines: list[str], start: int, opening: str) -> int | None:
    for position in range(start, len(lines)):
        line = lines[position].strip()
        if line.startswith(opening) and not line.strip(opening[0]):
            return position
    return None
