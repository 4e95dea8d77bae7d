"""Which heads cannot be worked with at all: those that are gone, and those that no checkout may hold."""

from collections.abc import Collection, Iterable, Mapping

from tasks.domain.approvals import short
from tasks.domain.dependencies import printable
from tasks.domain.model import CommitSha, PullRequest
from tasks.domain.reasons import Reason, ReasonCode

PATHS_NAMED = 5
PATH_LENGTH = 120


def reasons_against_heads(
    pulls: Iterable[PullRequest], gone: Collection[CommitSha], forbidden: Mapping[CommitSha, tuple[str, ...]]
) -> dict[int, tuple[Reason, ...]]:
    """By number; a pull request whose head can be merged and checked out is absent."""
    reasons = {pull.number: _against(pull, gone, forbidden) for pull in pulls}
    return {number: (reason,) for number, reason in reasons.items() if reason is not None}


def _against(
    pull: PullRequest, gone: Collection[CommitSha], forbidden: Mapping[CommitSha, tuple[str, ...]]
) -> Reason | None:
    if pull.head in gone:
        message = f"its head {short(pull.head)} is gone from the code host: it was pushed over or deleted"
        return Reason(ReasonCode.CHANGED_MEANWHILE, message, pull.author)
    if paths := forbidden.get(pull.head):
        return Reason(ReasonCode.PATH_FORBIDDEN, f"holds what cannot be checked out: {_named(paths)}", pull.author)
    return None


def _named(paths: tuple[str, ...]) -> str:
    named = ", ".join(printable(path, PATH_LENGTH) for path in paths[:PATHS_NAMED])
    more = len(paths) - PATHS_NAMED
    return f"{named} and {more} more" if more > 0 else named
