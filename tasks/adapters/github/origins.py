"""Who wrote commits, and in which merged pull requests GitHub finds them; a commit that it does not know is absent."""

from collections.abc import Iterator, Mapping, Sequence

from tasks.adapters.github import shapes, translate
from tasks.adapters.github.client import Client
from tasks.adapters.github.documents import PAGE_INFO, Document, in_repository
from tasks.adapters.github.failures import Json, Subject, not_understood
from tasks.adapters.github.names import owner_and_name
from tasks.adapters.github.places import Place, demand_same
from tasks.domain.model import CommitSha, Login
from tasks.domain.provenance import Merge, Origin

COMMITS_A_REQUEST = 50
FIELDS = f"""... on Commit {{
    oid
    authors(first: 20) {{ {PAGE_INFO} nodes {{ user {{ login }} }} }}
    committer {{ name email user {{ login }} }}
    associatedPullRequests(first: 20) {{ {PAGE_INFO} nodes {{
      number state baseRefName headRefOid mergedAt mergeCommit {{ oid }} mergedBy {{ __typename login }}
    }} }}
  }}"""


class _PullRequest(shapes.Shape):
    number: int
    state: shapes.State
    base_ref_name: str
    head_ref_oid: shapes.Sha
    merged_at: shapes.Moment | None
    merge_commit: shapes.Oid | None
    merged_by: shapes.Actor | None


class _Commit(shapes.Commit):
    associated_pull_requests: shapes.Page[_PullRequest]


def read_origins(client: Client, place: Place, commits: Sequence[CommitSha]) -> Mapping[CommitSha, Origin]:
    found: dict[CommitSha, Origin] = {}
    for start in range(0, len(commits), COMMITS_A_REQUEST):
        found |= _ask(client, place, commits[start : start + COMMITS_A_REQUEST])
    return found


def _ask(client: Client, place: Place, commits: Sequence[CommitSha]) -> dict[CommitSha, Origin]:
    document = Document()
    subject = Subject(f"the commits of {place.repository}", permissions="contents and pull requests: read")
    parts = [
        f"c{at}: object(oid: ${document.variable(f'c{at}', 'GitObjectID!', commit)}) {{ {FIELDS} }}"
        for at, commit in enumerate(commits)
    ]
    lines = in_repository(document, *owner_and_name(place.repository), ["databaseId", *parts])
    data = client.graphql(document.query("viewer { login }", *lines), document.variables, subject)
    repository = data.get("repository")
    if not isinstance(repository, dict):
        raise not_understood(subject.name, "it holds no repository")
    demand_same(client, place, repository.get("databaseId"))
    hub = translate.login_of(shapes.parsed(shapes.User, data.get("viewer"), subject.name))
    told = ((commit, repository.get(f"c{at}")) for at, commit in enumerate(commits))
    return {commit: _origin(commit, shown, hub, subject) for commit, shown in told if shown}


def _origin(commit: CommitSha, shown: Json, hub: Login, subject: Subject) -> Origin:
    shape = shapes.parsed(_Commit, shown, subject.name)
    if shape.oid != commit:
        raise not_understood(subject.name, "it is about another commit than was asked for")
    (written,) = translate.commits([shapes.PullRequestCommit(commit=shape)])
    return Origin(written.contributors, tuple(_merges(shape.associated_pull_requests.nodes, hub)))


def _merges(pulls: Sequence[_PullRequest], hub: Login) -> Iterator[Merge]:
    for pull in pulls:
        if pull.state != "MERGED" or pull.merged_at is None:
            continue
        by = translate.actor_login(pull.merged_by)
        yield Merge(
            number=pull.number,
            target=pull.base_ref_name,
            head=CommitSha(pull.head_ref_oid),
            commit=None if pull.merge_commit is None else CommitSha(pull.merge_commit.oid),
            by=by,
            by_bot=translate.is_bot(pull.merged_by),
            by_hub=by is not None and _same_account(by, hub),
            at=pull.merged_at,
        )


def _same_account(one: Login, other: Login) -> bool:
    """An app is told with its suffix in one place and without it in another."""
    return one.removesuffix("[bot]") == other.removesuffix("[bot]")
