"""
A repository's history as one `git fast-import` stream: all branches by one git command.

Dates are made up and fixed, one hour from commit to commit, so that two sandboxes hold the same commits.
"""

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from deployments.sandbox.seed.scenarios import Change, Files, SeededPullRequest, SeededRepository

_BEGINNING = 1_740_992_400  # 2025-03-03 09:00 UTC
_HOUR = 3600


@dataclass(slots=True)
class History:
    """`names` are those of the accounts, by login; `placeholders` are replaced in every file."""

    names: dict[str, str]
    placeholders: dict[str, str] = field(default_factory=dict)
    _stream: list[bytes] = field(default_factory=list)
    _commits: int = 0

    def add_main(self, seeded: SeededRepository, shared: Files) -> None:
        for position, change in enumerate(seeded.main):
            files = {**shared, **change.files} if position == 0 else change.files
            self._commit("main", change.author or "", change.message, files)
        for branch in seeded.branches:
            self._reset(branch, f":{len(seeded.main)}")

    def add_pull_request(self, seeded: SeededRepository, pull_request: SeededPullRequest) -> None:
        self._reset(pull_request.branch, f":{pull_request.starts_from or len(seeded.main)}")
        self._commit_all(pull_request, pull_request.changes)

    def continue_pull_request(self, pull_request: SeededPullRequest) -> None:
        """What comes after the review, onto the branch as it is in the repository."""
        self._commits = 1000
        self._reset(pull_request.branch, f"refs/heads/{pull_request.branch}^0")
        self._commit_all(pull_request, pull_request.pushed_after_review)

    def write_to(self, repository: Path) -> None:
        subprocess.run(  # noqa: S603 -- our own stream into our own repository
            ["git", f"--git-dir={repository}", "fast-import", "--quiet", "--done"],  # noqa: S607 -- git from PATH
            input=b"".join([*self._stream, b"done\n"]),
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_CONFIG_NOSYSTEM": "1",
            },
            check=True,
        )

    def _commit_all(self, pull_request: SeededPullRequest, changes: Iterable[Change]) -> None:
        for change in changes:
            self._commit(pull_request.branch, change.author or pull_request.author, change.message, change.files)

    def _reset(self, branch: str, start: str) -> None:
        self._stream.append(f"reset refs/heads/{branch}\nfrom {start}\n\n".encode())

    def _commit(self, branch: str, login: str, message: str, files: Files) -> None:
        self._commits += 1
        when = _BEGINNING + self._commits * _HOUR
        person = f"{self.names.get(login, login)} <{login}@example.org> {when} +0000"
        head = f"commit refs/heads/{branch}\nmark :{self._commits}\nauthor {person}\ncommitter {person}\n"
        self._stream += [head.encode(), _data(message)]
        for path, content in files.items():
            self._stream += [f"M 100644 inline {path}\n".encode(), _data(self._filled(content))]

    def _filled(self, content: str) -> str:
        for placeholder, value in self.placeholders.items():
            content = content.replace(placeholder, value)
        return content


def _data(text: str) -> bytes:
    content = text.encode()
    return b"data %d\n%s\n" % (len(content), content)
