"""
Commits and what merging them comes to, file by file: a second opinion, worked out without git's own merging.

Contents are compared as wholes. Whoever makes up files for histories keeps to one line a file, never the same twice,
so that whole files are all that ever merges or conflicts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha1

from tests.flows.world import Repository

Files = Mapping[str, str]
"""Blob ids by path."""


class Unclear(Exception):
    """Nothing is foretold: there is more than one commit to merge over, or it hangs on what comes first."""


class Conflicting(Exception):
    """Both sides changed the same file in different ways."""


@dataclass(frozen=True, slots=True)
class Commit:
    tree: str
    parents: tuple[str, ...]


@dataclass(slots=True)
class Graph:
    """Every commit that a branch or a pull request of one repository has reached, as far as it was looked at."""

    repository: Repository
    commits: dict[str, Commit] = field(default_factory=dict)
    _files: dict[str, Files] = field(default_factory=dict)
    _ancestors: dict[str, frozenset[str]] = field(default_factory=dict)

    def look(self) -> None:
        for line in self.repository.git("log", "--all", "--format=%H %T %P").splitlines():
            commit, tree, *parents = line.split()
            self.commits.setdefault(commit, Commit(tree, tuple(parents)))

    def files(self, commit: str) -> Files:
        tree = self.commits[commit].tree
        if tree not in self._files:
            listed = self.repository.git("ls-tree", "-r", "-z", tree).split("\0")
            entries = (line.partition("\t") for line in listed if line)
            self._files[tree] = {path: about.split()[2] for about, _, path in entries}
        return self._files[tree]

    def ancestors(self, commit: str) -> frozenset[str]:
        """Itself among them."""
        if commit not in self._ancestors:
            parents = (self.ancestors(parent) for parent in self.commits[commit].parents)
            self._ancestors[commit] = frozenset({commit}).union(*parents)
        return self._ancestors[commit]

    def mainline(self, until: str) -> list[str]:
        """The first-parent line, oldest first."""
        line = [until]
        while parents := self.commits[line[-1]].parents:
            line.append(parents[0])
        return line[::-1]


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch as it is or would be: its files, and every commit that it has."""

    graph: Graph
    files: Files
    has: frozenset[str]

    @staticmethod
    def at(graph: Graph, commit: str) -> "Branch":
        return Branch(graph, graph.files(commit), graph.ancestors(commit))

    def merged(self, head: str, method: str) -> "Branch":
        """Raises Conflicting, or Unclear."""
        new = self.graph.ancestors(head) - self.has
        if not new:
            return self
        if method == "rebase":
            return replace(self, files=self._rebased(head, new))
        whole = three_way(self.graph.files(self._base_of(new)), self.files, self.graph.files(head))
        return replace(self, files=whole, has=self.has | new if method == "merge" else self.has)

    def _rebased(self, head: str, new: frozenset[str]) -> Files:
        """Of a stack whose lower part has landed, the commits fit one after another where the whole does not."""
        replayed = self._replayed(new)
        try:
            whole = three_way(self.graph.files(self._base_of(new)), self.files, self.graph.files(head))
        except Conflicting as conflict:
            raise Unclear from conflict
        if replayed != whole:
            raise Unclear
        return whole

    def _base_of(self, new: frozenset[str]) -> str:
        commits = self.graph.commits
        below = {parent for each in new for parent in commits[each].parents} & self.has
        bases = {one for one in below if not any(one in self.graph.ancestors(other) for other in below - {one})}
        if len(bases) != 1:
            raise Unclear
        return bases.pop()

    def _replayed(self, new: frozenset[str]) -> Files:
        files = self.files
        for commit in sorted(new, key=lambda each: len(self.graph.ancestors(each))):
            parents = self.graph.commits[commit].parents
            if len(parents) == 1:
                files = three_way(self.graph.files(parents[0]), files, self.graph.files(commit))
        return files


def three_way(base: Files, ours: Files, theirs: Files) -> Files:
    """Raises Conflicting."""
    merged = dict(ours)
    for path in base.keys() | theirs.keys():
        before, mine, other = (files.get(path) for files in (base, ours, theirs))
        if other in {before, mine}:
            continue
        if mine != before:
            raise Conflicting
        if other is None:
            merged.pop(path)
        else:
            merged[path] = other
    return merged


def digest_of_files(files: Files) -> str:
    """What `gate.sh` writes down of the directory that it was run in."""
    lines = "".join(f"{blob} ./{path}\n" for path, blob in sorted(files.items(), key=lambda item: item[0].encode()))
    return sha1(lines.encode(), usedforsecurity=False).hexdigest()


@cache
def reds(paths: frozenset[str]) -> frozenset[str]:
    """The gates that are red where these files are; what is added turns none of them green again."""
    found = {"tests"} if any(path.startswith("broken") for path in paths) or {"fire", "water"} <= paths else set()
    starts = {"style": "ugly", "advice": "odd", "smoke": "smoking", "contract": "discord"}
    found |= {gate for gate, start in starts.items() if any(path.startswith(start) for path in paths)}
    return frozenset(found)


def red(files: Files, required: Iterable[str]) -> bool:
    return bool(reds(frozenset(files)) & set(required))
