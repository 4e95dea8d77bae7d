"""
The mirrors on disk, one holder at a time.

The lock is the kernel's, on a file beside the mirror: it ends with the process that holds it and with every git that
this process started, whichever ends last. It is not reentrant: holding the same mirror twice waits for ever.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from tasks.adapters.git.credentials import Credentials
from tasks.adapters.git.failures import MirrorDamaged, disk_failure
from tasks.adapters.git.learned import Learned, still_true
from tasks.adapters.git.mirror import GitMirror
from tasks.adapters.git.process import Git
from tasks.adapters.git.spelling import checked_repository
from tasks.adapters.git.upkeep import discard, prepare
from tasks.code_store import Mirror
from tasks.domain.errors import RepositoryMissing
from tasks.domain.model import RepositoryName


class Tokens(Protocol):
    """May be asked from several threads at once; each answer is good for the next few minutes."""

    def fetching(self, repository_id: str) -> str: ...
    def writing(self, repository_id: str) -> str: ...


class GitCodeStore:
    """
    `url_template` holds `{repository}`. Mirrors are kept by repository id, so a renamed repository keeps its own.

    `token` is for all repositories, or asked for by a repository's id: to fetch from it, or to push to it; None where
    there is none.
    `name_of` tells what the repository of an id is called now, since another one may have its name by the time that
    something is pushed; None where it is gone.
    """

    def __init__(
        self,
        home: Path,
        url_template: str,
        token: str | Tokens | None,
        name_of: Callable[[str], RepositoryName | None],
    ) -> None:
        self._mirrors = home.absolute() / "mirrors"
        self._git_home = home.absolute() / "git"
        self._url_template = url_template
        self._name_of = name_of
        self._token = token
        self._learned: dict[str, Learned] = {}

    @contextmanager
    def exclusively(self, repository: RepositoryName, repository_id: str) -> Iterator[Mirror]:
        checked_repository(repository)
        place = self._mirrors / f"{quote(repository_id, safe='')}.git"
        with self._locked(place) as lock:
            git = Git(self._git_home, Credentials(self._git_home, self._asking(repository_id)), place, lock)
            try:
                prepare(git)
            except OSError as error:
                raise disk_failure("The mirror cannot be made", error) from error
            try:
                learned = self._learned[repository_id] = still_true(self._learned.get(repository_id), place)
                yield GitMirror(git, lambda: self._address(repository, repository_id), learned)
            except MirrorDamaged:
                discard(place)
                raise

    def _asking(self, repository_id: str) -> Callable[[bool], str] | None:
        match self._token:
            case None | "":
                return None
            case str() as token:
                return lambda _: token
            case tokens:
                return lambda pushes: (tokens.writing if pushes else tokens.fetching)(repository_id)

    def _address(self, repository: RepositoryName, repository_id: str) -> str:
        now = self._name_of(repository_id)
        if now is None:
            raise RepositoryMissing(
                f"repository {repository_id}, known as {repository}, does not exist, or the token may not see it",
                remedy="Check that it is still there, and that the token has access to it; then run again.",
            )
        return self._url_template.replace("{repository}", checked_repository(now))

    @contextmanager
    def _locked(self, mirror: Path) -> Iterator[int]:
        try:
            for directory in (self._mirrors, self._git_home):
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(mirror.with_name(f"{mirror.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise disk_failure("There is no place for a mirror", error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield lock
        finally:
            os.close(lock)
