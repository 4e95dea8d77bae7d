"""
Who is in a team, child teams included.

A name that GitHub knows no team by is absent: the owner may be a user, the team may not exist. A team that the token
may not see cannot be told from one that does not exist; a token without the permission is refused, which can.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tasks.adapters.github import shapes
from tasks.adapters.github.client import Client
from tasks.adapters.github.documents import PAGE_INFO, TEAMS_A_REQUEST, Document
from tasks.adapters.github.failures import Json, Subject, not_understood
from tasks.adapters.github.translate import login_of
from tasks.domain.model import Login


class Team(NamedTuple):
    organization: str
    slug: str

    def __str__(self) -> str:
        return f"{self.organization}/{self.slug}"


def read_groups(client: Client, organization: str, names: Iterable[str]) -> Mapping[str, frozenset[Login]]:
    teams = {name: team for name in names if (team := _team(organization, name))}
    members: dict[Team, set[Login]] = {}
    unread: dict[Team, str | None] = dict.fromkeys(sorted(teams.values()))
    while batch := dict(list(unread.items())[:TEAMS_A_REQUEST]):
        pages = _ask(client, organization, batch)
        for team, before in batch.items():
            del unread[team]
            if page := pages.get(team):
                members.setdefault(team, set()).update(login_of(user) for user in page.nodes)
                if page.page_info.has_next_page:
                    unread[team] = _next(team, page, before)
    return {name: frozenset(members[team]) for name, team in teams.items() if team in members}


def _team(organization: str, name: str) -> Team | None:
    owner, _, slug = name.removeprefix("@").rpartition("/")
    if not slug or "/" in owner or (name.startswith(("@", "/")) and not owner):
        return None
    return Team((owner or organization).lower(), slug.lower())


def _ask(client: Client, organization: str, cursors: Mapping[Team, str | None]) -> dict[Team, shapes.Page[shapes.User]]:
    document = Document()
    lines = [_part(document, f"t{place}", *item) for place, item in enumerate(cursors.items())]
    subject = Subject(f"the teams of {organization}", permissions="members: read (of the organization)")
    data = client.graphql(document.query(*lines), document.variables, subject, partial=True)
    found = ((team, _members(data.get(f"t{place}"), team)) for place, team in enumerate(cursors))
    return {team: page for team, page in found if page is not None}


def _part(document: Document, alias: str, team: Team, after: str | None) -> str:
    owner = document.variable(f"{alias}owner", "String!", team.organization)
    slug = document.variable(f"{alias}slug", "String!", team.slug)
    cursor = document.variable(f"{alias}after", "String", after)
    return (
        f"{alias}: organization(login: ${owner}) {{ team(slug: ${slug}) {{ "
        f"members(first: 100, after: ${cursor}) {{ {PAGE_INFO} nodes {{ login }} }} }} }}"
    )


def _members(owner: Json | None, team: Team) -> shapes.Page[shapes.User] | None:
    if owner is None:
        return None
    shape = shapes.parsed(shapes.TeamOwner, owner, str(team))
    return shape.team.members if shape.team else None


def _next(team: Team, page: shapes.Page[shapes.User], before: str | None) -> str:
    cursor = page.page_info.end_cursor
    if cursor is None or cursor == before:
        raise not_understood(str(team), "its members go on without end")
    return cursor
