from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tasks.adapters.git import GitCodeStore
from tasks.adapters.git.mirror import GitMirror
from tasks.code_store import Mirror
from tasks.domain.model import CommitSha, RepositoryName
from tests.adapters.git.remote import REPOSITORY, Remote


@dataclass(frozen=True)
class World:
    """A remote whose main branch holds `base`, and a place for stores."""

    remote: Remote
    base: CommitSha
    place: Path

    def store(self, home: str = "home", *, token: str | None = None, now: str | None = REPOSITORY) -> GitCodeStore:
        """`now` is what the repository is called when git asks for it, None where it is gone."""
        name = None if now is None else RepositoryName(now)
        return GitCodeStore(self.place / home, f"file://{self.place}/origin/{{repository}}.git", token, lambda _: name)

    def mirror_path(self, home: str = "home") -> Path:
        return self.place / home / "mirrors" / "42.git"


@pytest.fixture
def world(tmp_path: Path) -> World:
    remote = Remote.made(tmp_path / "origin" / f"{REPOSITORY}.git")
    base = remote.commit({"a": "one\ntwo\nthree\n", "b": "b\n"}, branch="main", message="base")
    return World(remote, base, tmp_path)


@pytest.fixture
def mirror(world: World) -> Iterator[Mirror]:
    with world.store().exclusively(REPOSITORY, "42") as held:
        yield held


@pytest.fixture
def mirror_path(world: World) -> Path:
    return world.mirror_path()


__all__ = ["GitMirror", "World"]
