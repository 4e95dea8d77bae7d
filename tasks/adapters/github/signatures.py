"""What GitHub says of the signatures of commits; a commit that it does not know is absent."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import StringConstraints

from tasks.adapters.github.client import Client
from tasks.adapters.github.documents import Document, in_repository
from tasks.adapters.github.failures import Json, Subject, not_understood
from tasks.adapters.github.names import owner_and_name
from tasks.adapters.github.places import Place, demand_same
from tasks.adapters.github.shapes import Oid, Shape, User, parsed
from tasks.domain.model import CommitSha
from tasks.domain.protection import CommitSignature

COMMITS_A_REQUEST = 100
FIELDS = "... on Commit { oid signature { isValid state wasSignedByGitHub signer { login } } }"
VALID = "VALID"
UNSIGNED = CommitSignature(state="unsigned", verified=False, signer=None, by_host=False)


class _Signature(Shape):
    is_valid: bool
    state: Annotated[str, StringConstraints(pattern=r"^[A-Z_]{1,50}$")]
    was_signed_by_git_hub: bool
    signer: User | None


class _Commit(Oid):
    """`signature` is None where there is none."""

    signature: _Signature | None


def read_signatures(client: Client, place: Place, commits: Sequence[CommitSha]) -> Mapping[CommitSha, CommitSignature]:
    found: dict[CommitSha, CommitSignature] = {}
    for start in range(0, len(commits), COMMITS_A_REQUEST):
        found |= _ask(client, place, commits[start : start + COMMITS_A_REQUEST])
    return found


def _ask(client: Client, place: Place, commits: Sequence[CommitSha]) -> dict[CommitSha, CommitSignature]:
    document, subject = Document(), Subject(f"the commits of {place.repository}", permissions="contents: read")
    parts = [
        f"c{at}: object(oid: ${document.variable(f'c{at}', 'GitObjectID!', commit)}) {{ {FIELDS} }}"
        for at, commit in enumerate(commits)
    ]
    lines = in_repository(document, *owner_and_name(place.repository), ["databaseId", *parts])
    data = client.graphql(document.query(*lines), document.variables, subject)
    repository = data.get("repository")
    if not isinstance(repository, dict):
        raise not_understood(subject.name, "it holds no repository")
    demand_same(client, place, repository.get("databaseId"))
    told = ((commit, repository.get(f"c{at}")) for at, commit in enumerate(commits))
    return {commit: _signature(commit, shown, subject) for commit, shown in told if shown}


def _signature(commit: CommitSha, shown: Json, subject: Subject) -> CommitSignature:
    """An object that is no commit shows no field of one, and is not understood."""
    shape = parsed(_Commit, shown, subject.name)
    if shape.oid != commit:
        raise not_understood(subject.name, "it is about another commit than was asked for")
    signature = shape.signature
    if signature is None:
        return UNSIGNED
    return CommitSignature(
        state=signature.state.lower(),
        verified=signature.is_valid and signature.state == VALID,
        signer=None if signature.signer is None else signature.signer.login.lower(),
        by_host=signature.was_signed_by_git_hub,
    )
