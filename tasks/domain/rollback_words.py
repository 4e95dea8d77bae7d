"""Every sentence about a rollback: in the commits that take something back, on its pull requests, and when it fails."""

from collections.abc import Sequence

from config.schema import MergeMethod
from tasks.domain.approvals import short
from tasks.domain.escaping import shortened
from tasks.domain.gates import Evaluation
from tasks.domain.land import Rejected
from tasks.domain.merging import Conflict
from tasks.domain.model import CommitSha
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.refusals import ending
from tasks.domain.rollback import Made, Member, NotRolledBack, RollbackOrder, RolledBack

COMMITS_TOGETHER = 5
"""What fits into a line of a message."""
FILES_NAMED = 20
MAXIMUM_FILE = 100


def note_for(order: RollbackOrder) -> str:
    """What each commit that takes something back ends in."""
    return f"{order.named} had landed as {order.landing.commit}. It is taken back because {order.because}."


def reason_of(rolled_back: RolledBack, member: Member) -> Reason:
    """What is said of a pull request that was on the target branch and is not any more."""
    landing, order = rolled_back.order.landing, rolled_back.order
    how = f"taken back by {short(rolled_back.commit)}" if rolled_back.reverted else "had been taken back already"
    return Reason(
        ReasonCode.ROLLED_BACK, f"landed as {short(landing.commit)}, and {order.because}; {how}", member.author
    )


def comment_on(rolled_back: RolledBack) -> str:
    """Markdown; nothing in it was written by people but the names of gates and of the branch."""
    landing, order = rolled_back.order.landing, rolled_back.order
    how = f"in {rolled_back.commit}" if rolled_back.reverted else "by somebody else before"
    return (
        f"Rolled back: {order.because}. It had landed on `{landing.target}` as {landing.commit}, and was taken back "
        f"{how}.\n\nMerging the same commits again may bring nothing back. Mend what failed, rebase onto "
        f"`{landing.target}` so that the commits are new ones, and propose it again; or revert the revert."
    )


def is_not_there(order: RollbackOrder, tip: CommitSha) -> NotRolledBack:
    landing = order.landing
    return NotRolledBack(
        order,
        tip,
        f"{landing.target} does not contain {short(landing.commit)} any more, as which {order.named} landed",
        "Find out who moved the branch, and whether what failed is still on it.",
        decided=True,
    )


def cannot_be_told(order: RollbackOrder, tip: CommitSha) -> NotRolledBack:
    landing = order.landing
    return NotRolledBack(
        order,
        tip,
        f"which commits of {landing.target} brought {order.named} cannot be told from the record",
        f"Revert them by hand: they are among those up to {landing.commit} that came after {landing.base}.",
        decided=True,
    )


def conflicts(order: RollbackOrder, tip: CommitSha, found: Conflict, commits: Sequence[CommitSha]) -> NotRolledBack:
    """Something that landed later builds on it."""
    named = ", ".join(shortened(path, MAXIMUM_FILE) for path in found.paths[:FILES_NAMED])
    more = f" and {len(found.paths) - FILES_NAMED} more" if len(found.paths) > FILES_NAMED else ""
    return NotRolledBack(
        order,
        tip,
        f"{order.named} cannot be taken back: that conflicts with what landed later, in {named}{more}",
        "Revert it by hand, and resolve the conflicts.",
        decided=True,
        commands=commands_by_hand(order, commits),
    )


def would_be_red(order: RollbackOrder, made: Made, evaluation: Evaluation) -> NotRolledBack:
    """Whether a gate said no, or came to no answer, which it may at the next try."""
    failing = (
        ", ".join(f"{result.gate} {ending(result)}" for result in evaluation.answers or evaluation.blame)
        or "no gate is required"
    )
    return NotRolledBack(
        order,
        made.base,
        f"{order.named} was not taken back: {order.landing.target} would not be green without it: {failing}",
        "Mend the branch, or take it back by hand.",
        decided=bool(evaluation.answers) or not evaluation.required,
        commands=commands_by_hand(order, made.reverted),
    )


def was_declined(order: RollbackOrder, made: Made, reply: Rejected) -> NotRolledBack:
    return NotRolledBack(
        order,
        made.base,
        f"{order.named} was not taken back: {order.landing.target} does not take a push: {reply.message}",
        "Take it back by hand, as somebody who may push there, or by a pull request of that branch.",
        decided=True,
        commands=commands_by_hand(order, made.reverted),
    )


def base_moves(order: RollbackOrder, tip: CommitSha, moves: int) -> NotRolledBack:
    return NotRolledBack(
        order,
        tip,
        f"{order.named} was not taken back: {order.landing.target} was moved by others {moves} times meanwhile",
        "Nothing to do: the next run tries again.",
        decided=False,
    )


def commands_by_hand(order: RollbackOrder, commits: Sequence[CommitSha]) -> tuple[str, ...]:
    """
    What a person types to take `commits`, the newest first, back on the target branch as it is then.

    The name of a branch may hold what a shell reads.
    """
    target = quoted(order.landing.target)
    against = "-m 1 " if order.landing.method is MergeMethod.MERGE else ""
    parts = [commits[at : at + COMMITS_TOGETHER] for at in range(0, len(commits), COMMITS_TOGETHER)]
    return (
        f"git fetch origin {target}",
        f"git switch -c revert-{short(order.landing.commit)} FETCH_HEAD",
        *(f"git revert --no-edit {against}{' '.join(part)}" for part in parts),
        f"git push origin HEAD:{target}",
    )


def quoted(name: str) -> str:
    return "'" + name.replace("'", "'\\''") + "'"
