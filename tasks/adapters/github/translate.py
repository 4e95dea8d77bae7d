"""
From GitHub's answers to domain values.

Only users and bots are somebody; a deleted account, a mannequin of an import or an organization is unknown, and unknown
never counts as an approver. GitHub's own committer (merges and edits made in the browser) is the code host and
contributes nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tasks.adapters.github import shapes
from tasks.domain.model import Asked, Commit, CommitSha, HeadStatus, Login, Mergeability, Review, StatusState

CODE_HOST_LOGIN = "web-flow"
CODE_HOST_COMMITTER = ("GitHub", "noreply@github.com")

MERGEABILITY = {"MERGEABLE": Mergeability.MERGEABLE, "CONFLICTING": Mergeability.CONFLICTING}
STATUS_STATES = {
    "SUCCESS": StatusState.SUCCESS,
    "FAILURE": StatusState.FAILURE,
    "ERROR": StatusState.ERROR,
    "PENDING": StatusState.PENDING,
    "EXPECTED": StatusState.PENDING,
}
UNFINISHED = frozenset({"QUEUED", "IN_PROGRESS", "PENDING", "REQUESTED", "WAITING"})
CONCLUSIONS = {
    "SUCCESS": StatusState.SUCCESS,
    "NEUTRAL": StatusState.NEUTRAL,
    "SKIPPED": StatusState.SKIPPED,
    "FAILURE": StatusState.FAILURE,
    "TIMED_OUT": StatusState.FAILURE,
    "CANCELLED": StatusState.FAILURE,
    "ACTION_REQUIRED": StatusState.FAILURE,
    "STARTUP_FAILURE": StatusState.ERROR,
    # Given up by GitHub because nobody ever finished it.
    "STALE": StatusState.PENDING,
}


def login_of(user: shapes.User) -> Login:
    return Login(user.login.lower())


def is_bot(actor: shapes.Actor | None) -> bool:
    return actor is not None and actor.typename == "Bot"


def actor_login(actor: shapes.Actor | None) -> Login | None:
    if actor is None or actor.typename not in {"User", "Bot"}:
        return None
    login = login_of(actor)
    return Login(f"{login.removesuffix('[bot]')}[bot]") if is_bot(actor) else login


def review(shape: shapes.Review) -> Review:
    return Review(
        identifier=shape.id,
        reviewer=actor_login(shape.author),
        by_bot=is_bot(shape.author),
        by_hub=shape.viewer_did_author,
        may_write=shape.author_can_push_to_repository,
        state=shape.state,
        commit=CommitSha(shape.commit.oid) if shape.commit else None,
        submitted_at=shape.submitted_at,
    )


def asked(shape: shapes.ReviewRequest) -> Asked:
    """The members of a team are still to be read."""
    reviewer = shape.requested_reviewer
    if reviewer is None:
        return Asked("a team that the token may not see", None)
    if reviewer.combined_slug is not None:
        return Asked(reviewer.combined_slug.lower(), None)
    if reviewer.login is None:
        return Asked("somebody who is no user", None if reviewer.typename in {"Team", "User", "Bot"} else frozenset())
    login = actor_login(shapes.Actor.model_validate({"__typename": reviewer.typename, "login": reviewer.login}))
    return Asked(reviewer.login, frozenset() if login is None else frozenset({login}))


def target_since(shape: shapes.PullRequest) -> datetime:
    """The code host tells whole seconds: of the one in which its target was changed nothing is known to be later."""
    changes = [change.created_at + timedelta(seconds=1) for change in shape.retargeted.nodes]
    return max(changes, default=shape.created_at)


def mergeability(told: str | None) -> Mergeability:
    return MERGEABILITY.get(told or "", Mergeability.UNKNOWN)


def statuses(nodes: Sequence[shapes.Status]) -> tuple[HeadStatus, ...]:
    """In order, so that the same ones read the same; two of one name are both there."""
    return tuple(sorted(HeadStatus(node.context or node.name or "", _status_state(node)) for node in nodes))


def commits(nodes: Sequence[shapes.PullRequestCommit]) -> tuple[Commit, ...]:
    """Each commit once, so that a repetition cannot make a list look whole."""
    by_sha = {node.commit.oid: node.commit for node in nodes}
    return tuple(Commit(CommitSha(sha), _contributors(commit)) for sha, commit in by_sha.items())


def _status_state(node: shapes.Status) -> StatusState:
    """A check run that is not completed has no conclusion yet, whatever its last one was."""
    if node.typename == "StatusContext":
        return STATUS_STATES.get(node.state or "", StatusState.UNKNOWN)
    if node.typename == "CheckRun" and node.status in UNFINISHED:
        return StatusState.PENDING
    if node.typename == "CheckRun" and node.status == "COMPLETED":
        return CONCLUSIONS.get(node.conclusion or "", StatusState.UNKNOWN)
    return StatusState.UNKNOWN


def _contributors(commit: shapes.Commit) -> tuple[Login | None, ...]:
    found = [login_of(author.user) if author.user else None for author in commit.authors.nodes]
    if commit.authors.page_info.has_next_page or not found:
        found.append(None)
    if commit.committer is None:
        found.append(None)
    elif not _is_code_host(commit.committer):
        found.append(login_of(commit.committer.user) if commit.committer.user else None)
    return tuple(dict.fromkeys(found))


def _is_code_host(committer: shapes.Committer) -> bool:
    if committer.user is not None:
        return login_of(committer.user) == CODE_HOST_LOGIN
    return (committer.name, committer.email) == CODE_HOST_COMMITTER
