"""
Repositories by name and id: a name may be given to another repository, so answers are compared with the id.

The REST API takes the id in place of the name; it is where it redirects to from an old name. GraphQL takes names only.
"""

from http import HTTPStatus
from typing import Any, NamedTuple

from tasks.adapters.github import shapes
from tasks.adapters.github.client import Client
from tasks.adapters.github.failures import Subject, not_understood
from tasks.domain.errors import RepositoryReplaced
from tasks.domain.model import RepositoryName


class Place(NamedTuple):
    repository: RepositoryName
    repository_id: str

    @property
    def path(self) -> str:
        return f"/repositories/{self.repository_id}"


def name_of(client: Client, repository_id: str) -> RepositoryName | None:
    """An id that is no number is nobody's."""
    if not (repository_id.isascii() and repository_id.isdecimal()):
        return None
    subject = Subject(f"repository {repository_id}")
    path = f"/repositories/{repository_id}"
    status, answer = client.rest("GET", path, None, subject, answers=(HTTPStatus.NOT_FOUND,))
    if status == HTTPStatus.NOT_FOUND:
        return None
    found = shapes.parsed(shapes.RestRepository, answer, subject.name)
    if str(found.id) != repository_id:
        raise not_understood(subject.name, f"it is about repository {found.id}")
    return RepositoryName(found.full_name)


def demand_same(client: Client, place: Place, found: Any) -> None:
    """Raises RepositoryReplaced where `found`, the `databaseId` of an answer, is another repository's."""
    if not isinstance(found, int):
        raise not_understood(place.repository, "it does not say which repository it is about")
    if str(found) != place.repository_id:
        now = name_of(client, place.repository_id)
        raise RepositoryReplaced(
            f"{place.repository} leads to repository {found}, and was {place.repository_id} when this run began, "
            f"which is {'gone' if now is None else f'now {now}'}",
            remedy=f"Write {now or 'the name of the repository that is meant'} in the team file, or run again.",
        )
