"""
What to do next with a change set that was announced, given what of it has landed.

It lands part by part. Where one cannot land and another has, the set is broken: that is told first, and then, if the
organization wants that, what has landed is taken back, the newest part first. Whoever comes after a process that died
is given the same facts and so goes on where it was.
"""

from dataclasses import dataclass
from typing import TypeAlias

from tasks.domain.change_set_records import Announcement, Part, Standing


@dataclass(frozen=True, slots=True)
class LandPart:
    part: Part


@dataclass(frozen=True, slots=True)
class Complete:
    """All of it is there."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nothing of it has landed, and nothing of it does in this run."""


@dataclass(frozen=True, slots=True)
class Break:
    """Tell what has landed and what cannot."""

    landed: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class TakeBack:
    part: Part


@dataclass(frozen=True, slots=True)
class Compensate:
    """Nothing of it is there any more: say so."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Some of it has landed and stays: it is told, and for people to settle."""


Move: TypeAlias = LandPart | Complete | GiveUp | Break | TakeBack | Compensate | Leave


@dataclass(frozen=True, slots=True)
class Progress:
    """
    `landed` are the parts that are on their target branches now.

    `failed` is the part that could not land in this run, or could not be taken back, with a clause on why.
    """

    standing: Standing
    landed: tuple[Part, ...]
    failed: tuple[Part, str] | None = None


def next_move(announcement: Announcement, progress: Progress, *, compensate: bool) -> Move:
    landed = tuple(part for part in announcement.parts if part in progress.landed)
    rest = [part for part in announcement.parts if part not in landed]
    if not rest:
        return Complete()
    if progress.standing is Standing.BROKEN:
        return _after_the_break(landed, progress, compensate=compensate)
    if progress.failed is None:
        return LandPart(rest[0])
    return Break(landed) if landed else GiveUp()


def _after_the_break(landed: tuple[Part, ...], progress: Progress, *, compensate: bool) -> Move:
    stuck = progress.failed is not None and progress.failed[0] in landed
    if stuck or not compensate:
        return Leave()
    return TakeBack(landed[-1]) if landed else Compensate()


def remedy_for(landed: tuple[Part, ...], *, compensate: bool) -> str:
    """What a person does about a broken set."""
    order = ", then ".join(part.named for part in reversed(landed))
    if compensate:
        return f"What has landed is taken back: {order}. Propose it again under a new change set's name"
    return f"Land the rest, or take back what has landed, in this order: {order}"
