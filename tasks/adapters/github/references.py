"""
What becomes of the pull requests that a body refers to.

Bodies are written by anybody: a repository or number that cannot exist is MISSING and never reaches the code host.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tasks.adapters.github import shapes
from tasks.adapters.github.client import Client
from tasks.adapters.github.documents import REFERENCES_A_REQUEST, Document, in_repository
from tasks.adapters.github.failures import Json, Subject, not_understood
from tasks.adapters.github.names import askable, owner_and_name
from tasks.domain.errors import RepositoryMissing
from tasks.domain.model import Reference, RelatedState, RepositoryName

SUBJECT = Subject("the pull requests that others refer to", permissions="pull requests and issues: read")


def read_related(client: Client, references: Iterable[Reference]) -> Mapping[Reference, RelatedState]:
    asked = list(references)
    found = _read(client, asked, "__typename ... on PullRequest { state }")
    return {reference: _state(found.get(reference)) for reference in asked}


def read_bodies(client: Client, references: Iterable[Reference]) -> Mapping[Reference, str]:
    """Of those that are open pull requests."""
    found = _read(client, references, "__typename ... on PullRequest { state body }")
    bodies = {reference: shape.body for reference, shape in found.items() if _state(shape) is RelatedState.OPEN}
    return {reference: body for reference, body in bodies.items() if body is not None}


def _read(client: Client, references: Iterable[Reference], fields: str) -> dict[Reference, shapes.Referenced]:
    """What is there, with the fields that are asked for."""
    found: dict[Reference, shapes.Referenced] = {}
    known = sorted(reference for reference in set(references) if _can_exist(reference))
    for start in range(0, len(known), REFERENCES_A_REQUEST):
        found |= _ask(client, known[start : start + REFERENCES_A_REQUEST], fields)
    return found


def _can_exist(reference: Reference) -> bool:
    try:
        owner_and_name(reference.repository)
    except RepositoryMissing:
        return False
    return askable(reference.number)


def _ask(client: Client, references: Sequence[Reference], fields: str) -> dict[Reference, shapes.Referenced]:
    document = Document()
    numbers: dict[RepositoryName, list[int]] = defaultdict(list)
    for reference in references:
        numbers[reference.repository].append(reference.number)
    lines: list[str] = []
    for place, (repository, asked) in enumerate(numbers.items()):
        parts = [_part(document, f"r{place}n{number}", number, fields) for number in asked]
        lines += in_repository(document, *owner_and_name(repository), parts, alias=f"r{place}")
    data = client.graphql(document.query(*lines), document.variables, SUBJECT, partial=True)
    found = {
        Reference(repository, number): _found(data.get(f"r{place}"), f"r{place}n{number}")
        for place, (repository, asked) in enumerate(numbers.items())
        for number in asked
    }
    return {reference: shape for reference, shape in found.items() if shape is not None}


def _part(document: Document, alias: str, number: int, fields: str) -> str:
    variable = document.variable(alias, "Int!", number)
    return f"{alias}: issueOrPullRequest(number: ${variable}) {{ {fields} }}"


def _found(repository: Json | None, alias: str) -> shapes.Referenced | None:
    found = repository.get(alias) if isinstance(repository, dict) else None
    return None if found is None else shapes.parsed(shapes.Referenced, found, SUBJECT.name)


def _state(shape: shapes.Referenced | None) -> RelatedState:
    if shape is None:
        return RelatedState.MISSING
    if shape.typename == "Issue":
        return RelatedState.ISSUE
    if shape.state is None:
        raise not_understood(SUBJECT.name, "a pull request has no state")
    return RelatedState(shape.state.lower())
