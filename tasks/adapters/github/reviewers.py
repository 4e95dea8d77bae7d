"""What decides whether an approval is worth anything and is read for approved pull requests only: it costs requests."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tasks.adapters.github.client import Client
from tasks.adapters.github.names import owner_and_name
from tasks.adapters.github.pushers import Head, Pushers
from tasks.adapters.github.reading import Reading
from tasks.adapters.github.teams import read_groups
from tasks.domain.model import Asked, Login, PullRequest, RepositoryName, ReviewState


def read_whole(
    client: Client, pushers: Pushers, repository: RepositoryName, readings: Sequence[Reading]
) -> tuple[PullRequest, ...]:
    """The pull requests as read, with who pushed their heads last and who is in the teams that are asked to review."""
    pulls = [reading.pull_request() for reading in readings]
    heads = {pull.number: reading.head for pull, reading in zip(pulls, readings, strict=True) if _is_approved(pull)}
    pushed = pushers.of(head for head in heads.values() if head is not None)
    teams = _members(client, repository, pulls)
    return tuple(
        replace(
            pull,
            last_pusher=_pusher(heads.get(pull.number), pushed),
            asked=tuple(
                each if each.members is not None else Asked(each.name, teams.get(each.name)) for each in pull.asked
            ),
        )
        for pull in pulls
    )


def _is_approved(pull: PullRequest) -> bool:
    return any(review.state is ReviewState.APPROVED for review in pull.reviews)


def _pusher(head: Head | None, pushed: Mapping[Head, Login]) -> Login | None:
    return None if head is None else pushed.get(head)


def _members(
    client: Client, repository: RepositoryName, pulls: Sequence[PullRequest]
) -> Mapping[str, frozenset[Login]]:
    names = {each.name for pull in pulls if _is_approved(pull) for each in pull.asked if each.members is None}
    named = sorted(name for name in names if "/" in name)
    return read_groups(client, owner_and_name(repository)[0], named) if named else {}
