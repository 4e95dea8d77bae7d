"""Every move of a branch, from the repository's record of activity: who, from where, to where."""

from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import quote

from tasks.adapters.github import shapes
from tasks.adapters.github.client import Client
from tasks.adapters.github.failures import Subject
from tasks.adapters.github.places import Place
from tasks.domain.model import CommitSha, Login
from tasks.domain.provenance import Move

A_PAGE = 100
FORCED = "force_push"


class _Activity(shapes.Activity):
    before: shapes.Sha
    activity_type: shapes.Text


def read_moves(client: Client, place: Place, branch: str) -> Iterator[Move]:
    """A page is asked for when somebody comes to it; where the record is kept from the token there is none."""
    reference = quote(f"refs/heads/{branch}", safe="")
    chosen = f"direction=desc&per_page={A_PAGE}&ref={reference}"
    subject = Subject(f"the activity of {place.repository}")
    while chosen:
        path = f"{place.path}/activity?{chosen}"
        listed, chosen = client.listing(path, subject, absent=(HTTPStatus.NOT_FOUND,))
        for each in listed:
            yield _move(shapes.parsed(_Activity, each, subject.name))


def _move(shape: _Activity) -> Move:
    return Move(
        identifier=shape.id,
        before=CommitSha(shape.before),
        after=CommitSha(shape.after),
        actor=None if shape.actor is None else Login(shape.actor.login.lower()),
        forced=shape.activity_type == FORCED,
    )
