"""
Who moved a branch to a head: the repository's record of activity tells, and nothing that is in a commit.

One request tells of what was moved lately, and one more each of what was not. Nobody is known where the record is kept
from the token or tells of no such movement, and for a branch that has moved on since.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import quote

from tasks.adapters.github import shapes
from tasks.adapters.github.client import Client
from tasks.adapters.github.failures import Subject
from tasks.adapters.github.names import owner_and_name
from tasks.domain.model import CommitSha, Login, RepositoryName

LATELY = 100


class Head(NamedTuple):
    repository: RepositoryName
    branch: str
    commit: CommitSha

    @property
    def reference(self) -> str:
        return f"refs/heads/{self.branch}"


def read_last_pushers(client: Client, heads: Iterable[Head]) -> Mapping[Head, Login]:
    """Who pushed each head; a head of which nobody is known is absent."""
    wanted: dict[RepositoryName, list[Head]] = {}
    for head in dict.fromkeys(heads):
        wanted.setdefault(head.repository, []).append(head)
    found: dict[Head, Login] = {}
    for repository, of_one in wanted.items():
        latest = _latest(client, repository, "") if len(of_one) > 1 else {}
        for head in of_one:
            known = latest.get(head.reference) or _latest(client, repository, head.branch).get(head.reference)
            if known is not None and known.after == head.commit and known.actor is not None:
                found[head] = Login(known.actor.login.lower())
    return found


def _latest(client: Client, repository: RepositoryName, branch: str) -> Mapping[str, shapes.Activity]:
    """The last movement of each reference, of all that were moved lately or of `branch` alone."""
    owner, name = (quote(part, safe="") for part in owner_and_name(repository))
    chosen = f"per_page=1&ref={quote(f'refs/heads/{branch}', safe='')}" if branch else f"per_page={LATELY}"
    path = f"/repos/{owner}/{name}/activity?direction=desc&{chosen}"
    subject = Subject(f"the activity of {repository}")
    moved = client.listing(path, subject, absent=(HTTPStatus.NOT_FOUND,))
    latest: dict[str, shapes.Activity] = {}
    for each in moved:
        activity = shapes.parsed(shapes.Activity, each, subject.name)
        latest.setdefault(activity.ref, activity)
    return latest
