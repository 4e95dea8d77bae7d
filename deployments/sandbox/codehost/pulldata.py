"""What git says about a pull request: its commits and its files."""

from .git.commits import Commit
from .git.diffs import FileChange
from .git.process import EMPTY_TREE
from .hosted import HostedRepository
from .model import Pull


def pull_commits(repository: HostedRepository, pull: Pull) -> list[Commit]:
    return repository.git.graph.only_in(pull.head_sha, pull.base_sha)


def pull_trees(repository: HostedRepository, pull: Pull) -> tuple[str, str]:
    """A pull request shows what its head changed since it left the base, not what the base did meanwhile."""
    graph = repository.git.graph
    fork_point = graph.merge_base(pull.base_sha, pull.head_sha)
    return (graph[fork_point].tree if fork_point else EMPTY_TREE), graph[pull.head_sha].tree


def pull_changes(repository: HostedRepository, pull: Pull) -> tuple[FileChange, ...]:
    return repository.diffs.changes(*pull_trees(repository, pull))
