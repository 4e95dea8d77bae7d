"""
One repository at run time: its records, its git side, and the lock that every request to it holds.

The collections here are indexes over the store. `add` and `save` are the only ways in, and both write to disk first.
"""

import threading
from collections import defaultdict
from pathlib import Path
from typing import TypeAlias

from .clock import now
from .git.diffs import Diffs
from .git.merging import Merger
from .git.repository import HEADS, GitRepository
from .model import (
    CheckRun,
    CheckSuite,
    Comment,
    Delivery,
    Entity,
    Event,
    Hook,
    Issue,
    Json,
    Label,
    Push,
    RepositoryRecord,
    Review,
    Status,
)
from .store import Store

Content: TypeAlias = Label | Issue | Review | Comment | Event | Status | CheckSuite | CheckRun | Push | Hook | Delivery
CONTENTS: tuple[type[Content], ...] = (
    Label,
    Issue,
    Review,
    Comment,
    Event,
    Status,
    CheckSuite,
    CheckRun,
    Push,
    Hook,
    Delivery,
)


class HostedRepository:
    def __init__(self, record: RepositoryRecord, directory: Path, store: Store) -> None:
        self.record = record
        self.git = GitRepository(directory)
        self.diffs = Diffs(self.git)
        self.merger = Merger(self.git)
        self.store = store
        self.lock = threading.RLock()
        self.references: dict[str, str] = {}
        self.labels: dict[str, Label] = {}
        self.issues: dict[int, Issue] = {}
        self.open_pulls: dict[int, Issue] = {}
        self.reviews: defaultdict[int, list[Review]] = defaultdict(list)
        self.comments: defaultdict[int, list[Comment]] = defaultdict(list)
        self.events: defaultdict[int, list[Event]] = defaultdict(list)
        self.statuses: defaultdict[str, list[Status]] = defaultdict(list)
        self.suites: dict[str, CheckSuite] = {}
        self.runs: dict[int, CheckRun] = {}
        self.pushes: list[Push] = []
        self.hooks: dict[int, Hook] = {}
        self.deliveries: dict[int, Delivery] = {}
        # Which pull requests were asked for their mergeability at which head and base.
        self.asked: dict[int, tuple[str, str]] = {}

    @property
    def id(self) -> int:
        return self.record.id

    @property
    def full_name(self) -> str:
        return self.record.full_name

    @property
    def heads(self) -> dict[str, str]:
        return {name[len(HEADS) :]: oid for name, oid in self.references.items() if name.startswith(HEADS)}

    def head(self, branch: str) -> str | None:
        return self.references.get(HEADS + branch)

    def pull(self, number: int) -> Issue | None:
        issue = self.issues.get(number)
        return issue if issue is not None and issue.pull is not None else None

    def add(self, *records: Entity) -> None:
        self.store.save(*records)
        for record in records:
            self.index(record)

    def save(self, *records: Entity) -> None:
        self.store.save(*records)
        for record in records:
            if isinstance(record, Issue):
                self._note_open(record)

    def touch(self, issue: Issue) -> None:
        issue.updated_at = now()
        self.save(issue)

    def index(self, record: Entity) -> None:
        match record:
            case Issue():
                self.issues[record.number] = record
                self._note_open(record)
            case Label():
                self.labels[record.name.lower()] = record
            case Review():
                self.reviews[record.number].append(record)
            case Comment():
                self.comments[record.number].append(record)
            case Event():
                self.events[record.number].append(record)
            case Status():
                self.statuses[record.sha].append(record)
            case _:
                self._index_rest(record)

    def _index_rest(self, record: Entity) -> None:
        match record:
            case CheckSuite():
                self.suites[record.head_sha] = record
            case CheckRun():
                self.runs[record.id] = record
            case Push():
                self.pushes.append(record)
            case Hook():
                self.hooks[record.id] = record
            case Delivery():
                self.deliveries[record.id] = record
            case _:
                raise TypeError(f"{type(record).__name__} does not belong to a repository")

    def log_event(self, issue: Issue, event: str, actor: str, **detail: object) -> Event:
        entry = Event(
            id=self.store.new_id(),
            repository=self.id,
            number=issue.number,
            event=event,
            actor=actor,
            created_at=now(),
            detail=dict(detail),
        )
        self.add(entry)
        return entry

    def label_named(self, name: str) -> Label:
        """Made when there is none of this name, as GitHub does when it is put on an issue."""
        known = self.labels.get(name.lower())
        if known is None:
            known = Label(id=self.store.new_id(), repository=self.id, name=name)
            self.add(known)
        return known

    def take_number(self) -> int:
        number = self.record.next_number
        self.record.next_number += 1
        self.store.save(self.record)
        return number

    def protection(self, branch: str) -> Json | None:
        return self.record.protections.get(branch)

    def _note_open(self, issue: Issue) -> None:
        if issue.pull is not None and issue.state == "open":
            self.open_pulls[issue.number] = issue
        else:
            self.open_pulls.pop(issue.number, None)
