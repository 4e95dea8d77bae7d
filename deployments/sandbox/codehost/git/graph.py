"""
The commit graph in memory.

Commits never change, so each is read once, in bulk, when a reference first reaches it. Ancestry, merge bases and commit
lists are then answered without a process per question, which is what makes a listing of many pull requests fast.
"""

import heapq
import threading
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

from .commits import Commit, parse_batch, parse_commit
from .process import run_git

REMEMBERED_ANCESTRIES = 64


class CommitGraph:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._commits: dict[str, Commit] = {}
        self._complete: set[str] = set()
        self._ancestries: OrderedDict[str, frozenset[str]] = OrderedDict()
        self._lock = threading.RLock()

    def load(self, tips: Iterable[str]) -> None:
        """Makes the whole history of these commits known; objects that are no commits are passed over."""
        with self._lock:
            new = [tip for tip in tips if tip not in self._complete]
            if not new:
                return
            known = "".join(f"^{oid}\n" for oid in self._complete)
            wanted = ("\n".join(new) + "\n" + known).encode()
            listed = run_git(self.directory, "rev-list", "--ignore-missing", "--stdin", stdin=wanted)
            self._read(listed)
            self._complete.update(tip for tip in new if tip in self._commits)
            self._complete -= {parent for oid in new if oid in self._commits for parent in self._commits[oid].parents}

    def get(self, oid: str) -> Commit | None:
        if oid not in self._commits:
            self.load([oid])
        return self._commits.get(oid)

    def known(self, oid: str) -> Commit | None:
        """Without looking into git."""
        return self._commits.get(oid)

    def __getitem__(self, oid: str) -> Commit:
        commit = self.get(oid)
        if commit is None:
            raise KeyError(oid)
        return commit

    def ancestors(self, oid: str) -> frozenset[str]:
        """The commit itself included."""
        with self._lock:
            if oid in self._ancestries:
                self._ancestries.move_to_end(oid)
                return self._ancestries[oid]
        found = frozenset(self._walk([oid], frozenset()))
        with self._lock:
            self._ancestries[oid] = found
            while len(self._ancestries) > REMEMBERED_ANCESTRIES:
                self._ancestries.popitem(last=False)
        return found

    def reaches(self, tip: str, oid: str) -> bool:
        return oid in self.ancestors(tip)

    def only_in(self, head: str, base: str) -> list[Commit]:
        """`base..head`, parents before children, then by date."""
        oids = self._walk([head], self.ancestors(base))
        return self._oldest_first({oid: self[oid] for oid in oids})

    def merge_bases(self, one: str, other: str) -> list[str]:
        common = self.ancestors(one)
        met: set[str] = set()
        stack, seen = [other], {other}
        while stack:
            oid = stack.pop()
            if oid in common:
                met.add(oid)
                continue
            fresh = [parent for parent in self[oid].parents if parent not in seen]
            seen.update(fresh)
            stack.extend(fresh)
        if len(met) > 1:
            met = {oid for oid in met if not any(other != oid and self.reaches(other, oid) for other in met)}
        return sorted(met, key=lambda oid: (-self[oid].committer.seconds, oid))

    def merge_base(self, one: str, other: str) -> str | None:
        return next(iter(self.merge_bases(one, other)), None)

    def first_parents(self, tip: str, stop: frozenset[str]) -> list[str]:
        """The mainline from `tip` down, until a commit in `stop`."""
        line: list[str] = []
        oid: str | None = tip
        while oid is not None and oid not in stop:
            line.append(oid)
            oid = next(iter(self[oid].parents), None)
        return line

    def newest_first(self, tips: Iterable[str]) -> list[Commit]:
        return self._oldest_first({oid: self[oid] for oid in self._walk(tips, frozenset())})[::-1]

    def _walk(self, tips: Iterable[str], stop: frozenset[str]) -> set[str]:
        stack = [tip for tip in tips if tip not in stop]
        seen = set(stack)
        while stack:
            for parent in self[stack.pop()].parents:
                if parent not in seen and parent not in stop:
                    seen.add(parent)
                    stack.append(parent)
        return seen

    @staticmethod
    def _oldest_first(commits: dict[str, Commit]) -> list[Commit]:
        waiting = {oid: sum(parent in commits for parent in commit.parents) for oid, commit in commits.items()}
        children: dict[str, list[str]] = {}
        for oid, commit in commits.items():
            for parent in commit.parents:
                children.setdefault(parent, []).append(oid)
        ready = [(commits[oid].committer.seconds, oid) for oid, count in waiting.items() if count == 0]
        heapq.heapify(ready)
        ordered: list[Commit] = []
        while ready:
            _, oid = heapq.heappop(ready)
            ordered.append(commits[oid])
            for child in children.get(oid, ()):
                waiting[child] -= 1
                if waiting[child] == 0:
                    heapq.heappush(ready, (commits[child].committer.seconds, child))
        return ordered

    def _read(self, oids: bytes) -> None:
        if not oids:
            return
        batch = run_git(self.directory, "cat-file", "--batch", stdin=oids)
        for oid, kind, raw in parse_batch(batch):
            if kind == "commit":
                self._commits[oid] = parse_commit(oid, raw)
