"""What came of change sets, in the audit log: announced before anything lands, settled when nothing is left to do."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from tasks.crash_points import CrashPoint, reached
from tasks.domain.change_set_moves import Progress, Stop, remedy_for
from tasks.domain.change_set_records import (
    SET_EVENTS,
    Announcement,
    Part,
    Standing,
    announced,
    announcement_of,
    broken,
    compensated,
    completed,
    set_records,
    whereabouts,
)
from tasks.domain.change_sets import ChangeSet
from tasks.domain.gates import Companion
from tasks.domain.units import LANDED, companions_of
from tasks.ports import Services


@dataclass(frozen=True, slots=True)
class SetLedger:
    """
    `lands`: whether this run may change a target branch at all.

    `compensates`: whether the organization wants taken back what landed of a set that cannot land as a whole.
    """

    organization: str
    lands: bool
    compensates: bool
    services: Services

    def size(self) -> int:
        return self.services.log.size()

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """One set lands at a time on this machine: another process would take one in the middle for a broken one."""
        home: Path = self.services.home
        home.mkdir(parents=True, exist_ok=True)
        turn = os.open(home / "change-sets.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield
        finally:
            os.close(turn)

    def announce(self, change_set: ChangeSet, parts: Sequence[Part]) -> Announcement:
        """Every member is pinned."""
        announcement = announcement_of(change_set.name, parts, change_set.records)
        self.services.log.append(announced(self.organization, announcement))
        reached(CrashPoint.AFTER_SET_INTENT)
        return announcement

    def progress(self, announcement: Announcement) -> Progress:
        """As the log has it now."""
        log, key = self.services.log, announcement.name.casefold()
        events = [
            tuple(log.events(repository_id=part.repository_id, types=SET_EVENTS | LANDED))
            for part in announcement.parts
        ]
        records = [set_records(each).get(key) for each in events]
        current = [each is not None and each.holds(announcement) for each in records]
        first = records[0] if current[0] else None
        standing = Standing.INTENT if first is None else first.standing
        there = whereabouts(announcement, chain.from_iterable(events))
        return Progress(standing, there.landed, there.gone, apart=there.apart, superseded=not all(current))

    def companions(self, announcement: Announcement, part: Part) -> tuple[Companion, ...]:
        """What is beside one part: what has landed of the others, and what is to land of the rest."""
        others = (other for other in announcement.parts if other != part)
        logs = (self.services.log.events(repository_id=other.repository_id, types=LANDED) for other in others)
        return companions_of(announcement, part, tuple(chain.from_iterable(logs)))

    def tell_broken(self, announcement: Announcement, progress: Progress) -> None:
        gone = ", ".join(part.named for part in progress.gone)
        why = progress.failed[1] if progress.failed is not None else f"{gone} was taken back"
        remedy = remedy_for(progress.landed, compensate=self.compensates)
        self.services.log.append(broken(self.organization, announcement, progress.landed, why, remedy))
        reached(CrashPoint.AFTER_SET_BROKEN)

    def told(self, change_set: ChangeSet, announcement: Announcement, end: Stop) -> ChangeSet:
        """The end is on record; the set as it is after it."""
        match end:
            case Stop.COMPLETE:
                mended = [each.announcement for each in change_set.begun if each.standing is Standing.BROKEN]
                facts = [event for each in (announcement, *mended) for event in completed(self.organization, each)]
                self.services.log.append(facts)
                reached(CrashPoint.AFTER_SET_COMPLETED)
            case Stop.COMPENSATED:
                self.services.log.append(compensated(self.organization, announcement))
                reached(CrashPoint.AFTER_SET_COMPENSATED)
                return change_set.taken_back()
            case Stop.LEFT if self.compensates or self.progress(announcement).gone:
                return change_set.to_be_taken_back()
            case _:
                pass
        return change_set
