"""What the holder of a mirror may do. It is held from the outside: see `store`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.schema import MergeMethod
from tasks.adapters.git.checkout import checkout
from tasks.adapters.git.commits import absent, commit_with_tree, commits_beyond, read_commits
from tasks.adapters.git.content import brought
from tasks.adapters.git.contributing import asking_to_skip, contribution, file_in
from tasks.adapters.git.failures import MirrorDamaged
from tasks.adapters.git.fetching import fetch
from tasks.adapters.git.forbidding import forbidden_paths
from tasks.adapters.git.learned import Learned
from tasks.adapters.git.merging import merge, three_way
from tasks.adapters.git.process import Git
from tasks.adapters.git.pushing import contains, push
from tasks.adapters.git.reverting import line, revert
from tasks.adapters.git.spelling import checked_object_id
from tasks.adapters.git.upkeep import make_again
from tasks.domain.content import Brought
from tasks.domain.land import PushReply
from tasks.domain.merging import Change, Conflict, Fetched, MergeResult
from tasks.domain.model import CommitSha, Contribution, TreeSha


@dataclass(frozen=True, slots=True)
class GitMirror:
    """`address` tells where the repository is at this moment."""

    git: Git
    address: Callable[[], str]
    learned: Learned

    def fetch(self, target: str, commits: Iterable[CommitSha]) -> CommitSha:
        fetched = self.fetch_heads(target, commits)
        if fetched.gone:
            raise absent(min(fetched.gone))
        return fetched.tip

    def fetch_heads(self, target: str, heads: Iterable[CommitSha]) -> Fetched:
        wanted, url = tuple(heads), self.address()
        try:
            fetched = fetch(self.git, url, target, wanted, self.learned.whole)
        except MirrorDamaged:
            make_again(self.git)
            self.learned.forget()
            fetched = fetch(self.git, url, target, wanted, self.learned.whole)
        here = [head for head in wanted if head not in fetched.gone]
        unread = [commit for commit in dict.fromkeys((fetched.tip, *here)) if commit not in self.learned.commits]
        if unread:
            self.learned.commits.update((read.commit, read) for read in read_commits(self.git, unread))
        return fetched

    def forbidden_paths(self, base: CommitSha, heads: Iterable[CommitSha]) -> Mapping[CommitSha, tuple[str, ...]]:
        return forbidden_paths(self.git, base, heads)

    def tree(self, commit: CommitSha) -> TreeSha:
        named = f"{checked_object_id(commit)}^{{tree}}"
        return TreeSha(self.git.run("rev-parse", "--verify", "--end-of-options", named).stdout.decode().strip())

    def contribution(
        self, base: CommitSha, head: CommitSha, *, step: tuple[CommitSha, CommitSha] | None = None
    ) -> Contribution:
        return contribution(self.git, base, head, step)

    def file(self, commit: CommitSha, path: str, *, most: int) -> bytes | None:
        return file_in(self.git, commit, path, most)

    def contains(self, descendant: CommitSha, ancestor: CommitSha) -> bool:
        return contains(self.git, descendant, ancestor)

    def commit_with_tree(
        self, tree: TreeSha, *, after: CommitSha, until: CommitSha, besides: CommitSha
    ) -> CommitSha | None:
        return commit_with_tree(self.git, tree, after=after, until=until, besides=besides)

    def merge(self, onto: CommitSha, change: Change, method: MergeMethod) -> MergeResult:
        asked = (onto, change, method)
        if asked not in self.learned.merges:
            self.learned.merges[asked] = merge(self.git, onto, change, method, self.learned.commits)
        return self.learned.merges[asked]

    def brought(self, branch: CommitSha, commit: CommitSha) -> Brought | None:
        return brought(self.git, branch, commit)

    def merged_tree(self, ours: CommitSha, theirs: CommitSha) -> TreeSha | None:
        checked_object_id(ours)
        checked_object_id(theirs)
        merged = three_way(self.git, ours, theirs)
        return None if isinstance(merged, Conflict) else merged

    def asking_to_skip(self, *, after: CommitSha, until: CommitSha) -> tuple[CommitSha, ...]:
        return asking_to_skip(self.git, after=after, until=until)

    def line(self, *, after: CommitSha, until: CommitSha) -> tuple[CommitSha, ...]:
        return line(self.git, after=after, until=until)

    def graph(self, *, known: Iterable[CommitSha], until: CommitSha) -> Mapping[CommitSha, tuple[CommitSha, ...]]:
        return commits_beyond(
            self.git, map(CommitSha, map(checked_object_id, known)), CommitSha(checked_object_id(until))
        )

    def revert(self, onto: CommitSha, commits: Sequence[CommitSha], note: str) -> MergeResult:
        return revert(self.git, onto, commits, note)

    def push(self, target: str, commit: CommitSha, *, expected: CommitSha) -> PushReply:
        return push(self.git, self.address(), target, commit, expected=expected)

    def checkout(self, commit: CommitSha, directory: Path) -> None:
        checkout(self.git, commit, directory)
