"""
What to do next with a change set that was announced, given what of it has landed.

It lands part by part. Where one cannot land and another has, the set is broken: that is told first, and then, if the
organization wants that, what has landed is taken back, the newest part first. Whoever comes after a process that died
is given the same facts and so goes on where it was.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias

from tasks.domain.change_set_records import Announcement, Part, Standing


@dataclass(frozen=True, slots=True)
class LandPart:
    part: Part


@dataclass(frozen=True, slots=True)
class TakeBack:
    part: Part


@dataclass(frozen=True, slots=True)
class Break:
    """Tell what has landed and what cannot."""


class Stop(Enum):
    """Nothing more is to be done in this run."""

    COMPLETE = "all of it is there"
    GIVEN_UP = "nothing of it has landed"
    COMPENSATED = "nothing of it is there any more"
    LEFT = "some of it has landed and stays, for people to settle"


Move: TypeAlias = LandPart | TakeBack | Break | Stop


@dataclass(frozen=True, slots=True)
class Progress:
    """
    `landed` are the parts that are on their target branches now; of those, the ones `apart` landed by themselves.

    `gone` are those that were there, and were taken back. `failed` is the part that could not land in this run, or
    could not be taken back, with a clause on why. `superseded`: in some repository of it something else was announced
    under its name since, which is never done before it is broken or void.
    """

    standing: Standing
    landed: tuple[Part, ...]
    gone: tuple[Part, ...] = ()
    failed: tuple[Part, str] | None = None
    apart: tuple[Part, ...] = ()
    superseded: bool = False

    @property
    def void(self) -> bool:
        """Whether the announcement binds nobody: nothing came of it, and what has landed since is of another one."""
        nothing = set(self.landed) <= set(self.apart) and not self.gone
        return self.standing is Standing.INTENT and (self.superseded or nothing)

    def after(self, move: "LandPart | TakeBack", why: str) -> "Progress":
        """`self` is what is so after the move, which failed for `why` unless it can be seen."""
        done = (move.part in self.landed) == isinstance(move, LandPart)
        return self if done else replace(self, failed=(move.part, why))


def next_move(announcement: Announcement, progress: Progress, *, compensate: bool) -> Move:
    landed = tuple(part for part in announcement.parts if part in progress.landed)
    rest = [part for part in announcement.parts if part not in landed]
    if not rest:
        return Stop.COMPLETE
    if progress.standing is Standing.COMPENSATED:
        return Stop.COMPENSATED
    if progress.standing is Standing.BROKEN:
        return _after_the_break(landed, progress, compensate=compensate)
    if progress.failed is None and not progress.gone:
        return LandPart(rest[0])
    return Break() if landed or progress.gone else Stop.GIVEN_UP


def _after_the_break(landed: tuple[Part, ...], progress: Progress, *, compensate: bool) -> Move:
    if not landed:
        return Stop.COMPENSATED
    stuck = progress.failed is not None and progress.failed[0] in landed
    return TakeBack(landed[-1]) if compensate and not stuck else Stop.LEFT


def remedy_for(landed: tuple[Part, ...], *, compensate: bool) -> str:
    """What a person does about a broken set."""
    if not landed:
        return "Nothing of it is there any more. Propose it again under a new change set's name"
    order = ", then ".join(part.named for part in reversed(landed))
    if compensate:
        return f"What has landed is taken back: {order}. Propose it again under a new change set's name"
    return f"Land the rest, or take back what has landed, in this order: {order}"
