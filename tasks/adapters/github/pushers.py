"""
Who moved a branch to a head: the repository's record of activity tells, and nothing that is in a commit.

The record is read from its latest entry back, for as long as a page tells of more heads than the two requests that
would ask for them alone, and then head by head. It only ever grows at its beginning: whoever finds there what they had
read before knows everything behind it. Nobody is known where the record is kept from the token or tells of no such
movement, and for a branch that has moved on since.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import quote

from tasks.adapters.github import shapes
from tasks.adapters.github.client import Client
from tasks.adapters.github.failures import Subject
from tasks.adapters.github.names import owner_and_name
from tasks.domain.model import CommitSha, Login, RepositoryName

LATEST_FIRST = "direction=desc"
A_PAGE = 100
WORTH_A_PAGE = 2
"""Heads that a page must have told of for the next one to be asked for."""


class Head(NamedTuple):
    repository: RepositoryName
    branch: str
    commit: CommitSha

    @property
    def reference(self) -> str:
        return f"refs/heads/{self.branch}"


class _Moved(NamedTuple):
    commit: str
    by: Login | None


@dataclass(slots=True)
class _Record:
    """What is known of one repository: the last movement of each reference, up to the movement `until`."""

    until: int | None = None
    latest: dict[str, _Moved] = field(default_factory=dict)


class Pushers:
    """May be asked from several threads at once, and asks the code host each time."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._records: dict[RepositoryName, _Record] = {}
        self._lock = threading.Lock()

    def of(self, heads: Iterable[Head]) -> Mapping[Head, Login]:
        """Who pushed each head; a head of which nobody is known is absent."""
        wanted: dict[RepositoryName, list[Head]] = {}
        for head in dict.fromkeys(heads):
            wanted.setdefault(head.repository, []).append(head)
        found: dict[Head, Login] = {}
        for repository, of_one in wanted.items():
            latest = self._latest(repository, {head.reference for head in of_one})
            for head in of_one:
                known = latest.get(head.reference)
                if known is not None and known.commit == head.commit and known.by is not None:
                    found[head] = known.by
        return found

    def _latest(self, repository: RepositoryName, references: set[str]) -> Mapping[str, _Moved]:
        with self._lock:
            before = self._records.get(repository, _Record())
        record = self._read_on(repository, before, references) if len(references) > 1 else _Record()
        for reference in sorted(references - record.latest.keys()):
            moved, _ = self._page(repository, f"{LATEST_FIRST}&per_page=1&ref={quote(reference, safe='')}")
            _add(record, moved)
        with self._lock:
            if record.until is not None:
                self._records[repository] = record
        return record.latest

    def _read_on(self, repository: RepositoryName, before: _Record, references: set[str]) -> _Record:
        """From the latest movement back to `before`, or anew where that is further than one page."""
        moved, more = self._page(repository, f"{LATEST_FIRST}&per_page={A_PAGE}")
        now = _Record(moved[0].id if moved else None)
        _add(now, moved)
        if before.until in {each.id for each in moved}:
            now.latest = before.latest | now.latest
            return now
        unknown = len(references)
        while more and unknown - (left := len(references - now.latest.keys())) >= WORTH_A_PAGE <= left:
            unknown = left
            moved, more = self._page(repository, more)
            _add(now, moved)
        return now

    def _page(self, repository: RepositoryName, chosen: str) -> tuple[list[shapes.Activity], str]:
        """The movements, the latest first, and what to choose for those behind them; empty where there are none."""
        owner, name = (quote(part, safe="") for part in owner_and_name(repository))
        subject = Subject(f"the activity of {repository}")
        path = f"/repos/{owner}/{name}/activity?{chosen}"
        listed, more = self._client.listing(path, subject, absent=(HTTPStatus.NOT_FOUND,))
        return [shapes.parsed(shapes.Activity, each, subject.name) for each in listed], more


def _add(record: _Record, moved: Iterable[shapes.Activity]) -> None:
    for each in moved:
        by = None if each.actor is None else Login(each.actor.login.lower())
        record.latest.setdefault(each.ref, _Moved(each.after, by))
