"""
Merges without a working tree.

Only `git merge-tree --write-tree` of git 2.38 is used. That version cannot be told a merge base, so a single commit is
picked onto another with a help commit: the target's tree on the picked commit's parent, which makes that parent the
merge base.
"""

import threading
from dataclasses import dataclass

from .commits import Commit, Signature
from .process import run_git
from .repository import GitRepository


@dataclass(frozen=True, slots=True)
class Merge:
    """`tree` is None when it conflicts."""

    tree: str | None


class Merger:
    def __init__(self, repository: GitRepository) -> None:
        self._repository = repository
        self._known: dict[tuple[str, str], Merge] = {}
        self._lock = threading.Lock()

    def merge(self, base: str, head: str) -> Merge:
        """The tree of merging two commits, remembered."""
        key = (base, head)
        if key not in self._known:
            merged = self._compute(base, head)
            with self._lock:
                self._known[key] = merged
        return self._known[key]

    def pick(self, commit: Commit, onto: Commit) -> Merge:
        parent = commit.parents[0] if commit.parents else None
        if parent is None:
            return Merge(None)
        if parent == onto.oid:
            return Merge(commit.tree)
        helper = self._repository.write_commit(
            onto.tree, (parent,), "pick", author=commit.author, committer=commit.author
        )
        return self.merge(helper.oid, commit.oid)

    def rebase(self, commits: list[Commit], onto: Commit, committer: Signature) -> Commit | None:
        """The commits (merges left out) one by one on top; authors and messages are kept. None when one conflicts."""
        tip = onto
        for commit in commits:
            if len(commit.parents) > 1:
                continue
            tree = self.pick(commit, tip).tree
            if tree is None:
                return None
            if tree == tip.tree and tree != commit.tree:
                continue
            tip = self._repository.write_commit(
                tree, (tip.oid,), commit.message, author=commit.author, committer=committer
            )
        return tip

    def _compute(self, base: str, head: str) -> Merge:
        graph = self._repository.graph
        if graph.reaches(head, base):
            return Merge(graph[head].tree)
        if graph.reaches(base, head):
            return Merge(graph[base].tree)
        arguments = ("merge-tree", "--write-tree", "--no-messages", base, head)
        output = run_git(self._repository.directory, *arguments, accepted=(0, 1, 128)).decode()
        lines = output.splitlines()
        # A conflict still prints a tree, followed by the paths in conflict; a clean merge prints the tree alone.
        return Merge(lines[0] if len(lines) == 1 else None)
