"""
AcmeCorp as data, read from `acme/*.yml`: what to build, and what a run is expected to make of every pull request.

Outcomes and reason codes are those of the public contract. Pull requests are numbered in the order in which they stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

ORGANIZATION = "acme"
REPOSITORIES = ("service-auth", "service-users", "service-api", "service-data", "web-portal", "mobile-app")
_ACME = Path(__file__).parent / "acme"

Files = Mapping[str, str]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Change(_Section):
    """One commit; `author` None is the pull request's."""

    message: str
    author: str | None = None
    files: Files


class SeededPullRequest(_Section):
    """
    `starts_from` counts commits of the target branch, None is its tip. `outcome` None: it is closed, so in no run.

    `files` are its first commit, `commits` follow; what is `pushed_after_review` comes when everybody has reviewed.
    """

    branch: str
    title: str
    body: str
    author: str
    shows: str
    outcome: str | None
    reason: str | None = None
    files: Files
    commits: tuple[Change, ...] = ()
    pushed_after_review: tuple[Change, ...] = ()
    approvals: tuple[str, ...] = ()
    changes_requested: Mapping[str, str] = {}
    labels: tuple[str, ...] | None = None
    target: str = "main"
    starts_from: int | None = None
    draft: bool = False
    closed: bool = False

    @property
    def changes(self) -> tuple[Change, ...]:
        return (Change(message=self.title, files=self.files), *self.commits)


class SeededRepository(_Section):
    """
    `branches` are further ones that begin where `main` is; `labels` None on a pull request means the team's.

    `protection` of branches and `rulesets` are set once all is there.
    """

    repository: str
    team: str
    description: str
    main: tuple[Change, ...]
    branches: tuple[str, ...] = ()
    protection: Mapping[str, Mapping[str, Any]] = {}
    rulesets: tuple[Mapping[str, Any], ...] = ()
    pull_requests: tuple[SeededPullRequest, ...]

    @property
    def full_name(self) -> str:
        return f"{ORGANIZATION}/{self.repository}"

    def labels_of(self, pull_request: SeededPullRequest) -> tuple[str, ...]:
        return (self.team, "ready-to-merge") if pull_request.labels is None else pull_request.labels


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a run of all teams makes of one pull request, and by which reason code (None where it lands)."""

    repository: str
    number: int
    title: str
    shows: str
    outcome: str
    reason: str | None


def scenarios() -> tuple[Scenario, ...]:
    """Every pull request that is open when AcmeCorp has been built."""
    return tuple(
        Scenario(seeded.full_name, number, one.title, one.shows, one.outcome, one.reason)
        for seeded in repositories()
        for number, one in enumerate(seeded.pull_requests, 1)
        if one.outcome is not None
    )


def repositories() -> tuple[SeededRepository, ...]:
    return tuple(SeededRepository.model_validate(_read(name)) for name in REPOSITORIES)


def shared_files() -> Files:
    """What every repository begins with."""
    return {name: str(content) for name, content in _read("shared").items()}


def world() -> dict[str, Any]:
    """What `POST /_sandbox/world` is told: organization, people and teams."""
    return _read("world")


def _read(name: str) -> dict[str, Any]:
    content = yaml.load((_ACME / f"{name}.yml").read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    if not isinstance(content, dict):
        raise TypeError(f"{name}.yml is not a mapping")
    return content
