"""
Which change set a pull request says it belongs to, read from its body: a line `Change-set: NAME`.

Whoever names a set is in it. Somebody could so join a set to keep it from landing; that is told with the name of who
did, and taken rather than the opposite, since to leave a member out would land the others without it.
"""

import re
from dataclasses import dataclass

from tasks.domain.bodies import visible_lines
from tasks.domain.dependencies import printable

MAXIMUM_NAME = 100

_KEY = re.compile(r"\s*(?:[-*+]\s+)?[*_]{0,3}Change[- ]set[*_]{0,3}:[*_]{0,3}(?P<value>.*)", re.IGNORECASE)
_NAME = re.compile(rf"[A-Za-z0-9._-]{{1,{MAXIMUM_NAME}}}")
_LIST_ITEM = re.compile(r"[-*+]\s+")
_AROUND = " \t*`\"'"
_NOTHING = frozenset({"", "-", "n/a", "none", "none.", "_none_"})
_SETS_NAMED = 5


@dataclass(frozen=True, slots=True)
class Membership:
    """
    `name` is the set's, None where there is none; `problem` a clause on why what is written cannot be followed.

    Names that differ in case alone are the same: people who write them so mean one set.
    """

    name: str | None
    problem: str | None = None

    @property
    def key(self) -> str | None:
        return None if self.name is None else self.name.casefold()


ALONE = Membership(None)


def membership(body: str) -> Membership:
    """A body that names no set makes its pull request a member of none; nothing else that is written does."""
    values = _values(visible_lines(body))
    unreadable = [value for value in values if _NAME.fullmatch(value) is None]
    if unreadable:
        return Membership(None, f"names the change set “{printable(unreadable[0])}”, which cannot be one")
    names = {value.casefold(): value for value in reversed(values)}
    if len(names) > 1:
        named = ", ".join(sorted(names.values())[:_SETS_NAMED])
        return Membership(None, f"names {len(names)} change sets: {named}")
    return Membership(next(iter(names.values()), None))


def _values(lines: list[str]) -> list[str]:
    """What stands behind each key, or in the line below one without value if that is a name by itself."""
    found = []
    for position, line in enumerate(lines):
        if key := _KEY.fullmatch(line):
            below = lines[position + 1] if position + 1 < len(lines) else ""
            found.append(key["value"].strip(_AROUND) or _name_below(below))
    return [value for value in found if value.casefold() not in _NOTHING]


def _name_below(line: str) -> str:
    text = line.strip()
    value = (_LIST_ITEM.sub("", text, count=1) if _LIST_ITEM.match(text) else text).strip(_AROUND)
    return value if _NAME.fullmatch(value) else ""
