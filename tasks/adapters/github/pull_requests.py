"""
What is open in a repository, and what has become of named pull requests.

A page brings every pull request with the beginning of its lists. Lists that go on, and the times at which the label
`retry` was set, are asked for in rounds: one request continues up to 50 pull requests, however many lists each has.
Pages go by creation, so that a pull request opened or closed meanwhile shifts nobody past a page.
"""

from collections.abc import Sequence

from tasks.adapters.github import shapes
from tasks.adapters.github.client import Client
from tasks.adapters.github.documents import (
    CONTINUATIONS,
    OPEN_PULL_REQUESTS,
    PULL_REQUEST,
    PULL_REQUESTS_A_PAGE,
    Document,
    in_repository,
)
from tasks.adapters.github.failures import Json, Subject, missing, not_understood
from tasks.adapters.github.names import askable, owner_and_name
from tasks.adapters.github.places import Place, demand_same
from tasks.adapters.github.pushers import Pushers
from tasks.adapters.github.reading import Reading
from tasks.adapters.github.reviewers import read_whole
from tasks.domain.model import CommitSha, PullRequest, RepositoryName, Snapshot


def read_snapshot(client: Client, pushers: Pushers, repository: RepositoryName, target: str) -> Snapshot:
    page = first = _open_page(client, repository, target, after=None)
    if first.ref is None:
        raise missing(f"the branch {target} of {repository}")
    place = Place(repository, str(first.database_id))
    nodes = list(first.pull_requests.nodes)
    while page.pull_requests.page_info.has_next_page:
        after = page.pull_requests.page_info.end_cursor
        page = _open_page(client, repository, target, after=after)
        demand_same(client, place, page.database_id)
        if after is None or page.pull_requests.page_info.end_cursor == after:
            raise not_understood(repository, "its pull requests go on without end")
        nodes += page.pull_requests.nodes
    readings = {node.number: Reading(node, repository) for node in nodes}
    _read_on(client, place, readings)
    return Snapshot(
        repository=RepositoryName(first.name_with_owner),
        repository_id=place.repository_id,
        target=target,
        base=CommitSha(first.ref.target.oid),
        pull_requests=read_whole(client, pushers, place.repository, [readings[each] for each in sorted(readings)]),
    )


def read_again(client: Client, pushers: Pushers, place: Place, numbers: Sequence[int]) -> tuple[PullRequest, ...]:
    """A number that is no pull request raises RepositoryMissing."""
    wanted = list(dict.fromkeys(numbers))
    for number in wanted:
        if not askable(number):
            raise missing(f"{place.repository}#{number}")
    readings: dict[int, Reading] = {}
    for start in range(0, len(wanted), PULL_REQUESTS_A_PAGE):
        readings |= _named(client, place, wanted[start : start + PULL_REQUESTS_A_PAGE])
    _read_on(client, place, readings)
    whole = read_whole(client, pushers, place.repository, list(readings.values()))
    found = {pull.number: pull for pull in whole}
    return tuple(found[number] for number in numbers)


def _open_page(client: Client, repository: RepositoryName, target: str, *, after: str | None) -> shapes.Repository:
    owner, name = owner_and_name(repository)
    variables = {"owner": owner, "name": name, "branch": f"refs/heads/{target}", "after": after}
    data = client.graphql(OPEN_PULL_REQUESTS, variables, Subject(repository))
    return shapes.parsed(shapes.Repository, data.get("repository"), repository)


def _named(client: Client, place: Place, numbers: Sequence[int]) -> dict[int, Reading]:
    document = Document()
    lines = [
        f"n{number}: pullRequest(number: ${document.variable(f'n{number}', 'Int!', number)}) {{ ...pullRequest }}"
        for number in numbers
    ]
    found = _ask(client, place, document, lines, fragment=PULL_REQUEST)
    readings: dict[int, Reading] = {}
    for number in numbers:
        subject = f"{place.repository}#{number}"
        shape = shapes.parsed(shapes.PullRequest, found.get(f"n{number}"), subject)
        if shape.number != number:
            raise not_understood(subject, f"it is about #{shape.number}")
        readings[number] = Reading(shape, place.repository)
    return readings


def _read_on(client: Client, place: Place, readings: dict[int, Reading]) -> None:
    """Reads every list to its end; a pull request whose head moved meanwhile is begun anew, once."""
    begun_anew: set[int] = set()
    while unread := [number for number, reading in readings.items() if reading.unread][:PULL_REQUESTS_A_PAGE]:
        document = Document()
        lines = [_continuation(document, readings[number]) for number in unread]
        found = _ask(client, place, document, lines)
        moved: set[int] = set()
        for number in unread:
            reading = readings[number]
            part = shapes.parsed(shapes.Part, found.get(f"n{number}"), reading.subject)
            if part.head_ref_oid != reading.shape.head_ref_oid and number not in begun_anew:
                moved.add(number)
            else:
                reading.take(part)
        if moved:
            readings |= _named(client, place, sorted(moved))
            begun_anew |= moved


def _continuation(document: Document, reading: Reading) -> str:
    number = reading.shape.number
    alias = document.variable(f"n{number}", "Int!", number)
    lists = [
        CONTINUATIONS[connection] % document.variable(f"{alias}{connection}", "String", cursor)
        for connection, cursor in reading.unread.items()
    ]
    return f"{alias}: pullRequest(number: ${alias}) {{ number headRefOid {' '.join(lists)} }}"


def _ask(client: Client, place: Place, document: Document, lines: list[str], *, fragment: str = "") -> Json:
    inside = in_repository(document, *owner_and_name(place.repository), ["databaseId", *lines])
    data = client.graphql(document.query(*inside) + fragment, document.variables, Subject(place.repository))
    found = data.get("repository")
    if not isinstance(found, dict):
        raise not_understood(place.repository, "it holds no repository")
    demand_same(client, place, found.get("databaseId"))
    return found
