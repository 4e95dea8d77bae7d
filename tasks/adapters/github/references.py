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
    states = dict.fromkeys(references, RelatedState.MISSING)
    known = sorted(reference for reference in states if _can_exist(reference))
    for start in range(0, len(known), REFERENCES_A_REQUEST):
        states |= _ask(client, known[start : start + REFERENCES_A_REQUEST])
    return states


def _can_exist(reference: Reference) -> bool:
    try:
        owner_and_name(reference.repository)
    except RepositoryMissing:
        return False
    return askable(reference.number)


def _ask(client: Client, references: Sequence[Reference]) -> dict[Reference, RelatedState]:
    document = Document()
    numbers: dict[RepositoryName, list[int]] = defaultdict(list)
    for reference in references:
        numbers[reference.repository].append(reference.number)
    lines: list[str] = []
    for place, (repository, asked) in enumerate(numbers.items()):
        parts = [_part(document, f"r{place}n{number}", number) for number in asked]
        lines += in_repository(document, *owner_and_name(repository), parts, alias=f"r{place}")
    data = client.graphql(document.query(*lines), document.variables, SUBJECT, partial=True)
    return {
        Reference(repository, number): _state(data.get(f"r{place}"), f"r{place}n{number}")
        for place, (repository, asked) in enumerate(numbers.items())
        for number in asked
    }


def _part(document: Document, alias: str, number: int) -> str:
    variable = document.variable(alias, "Int!", number)
    return f"{alias}: issueOrPullRequest(number: ${variable}) {{ __typename ... on PullRequest {{ state }} }}"


def _state(repository: Json | None, alias: str) -> RelatedState:
    found = repository.get(alias) if isinstance(repository, dict) else None
    if found is None:
        return RelatedState.MISSING
    shape = shapes.parsed(shapes.Referenced, found, SUBJECT.name)
    if shape.typename == "Issue":
        return RelatedState.ISSUE
    if shape.state is None:
        raise not_understood(SUBJECT.name, "a pull request has no state")
    return RelatedState(shape.state.lower())
