"""
Moving the target branch from exactly one commit to exactly one other, or not at all.

The lease makes the other side compare before it writes; that the move is a fast-forward is proved here, because a
lease alone would let us overwrite. Whatever a refused push claims, the branch itself is asked where it stands.
"""

import re

from tasks.adapters.git.failures import failure
from tasks.adapters.git.process import Git, Output
from tasks.adapters.git.spelling import checked_branch, checked_object_id, single_line
from tasks.domain.errors import GitError, GitUnreachable, RepositoryMissing
from tasks.domain.land import BaseMoved, Pushed, PushReply, Rejected
from tasks.domain.model import CommitSha

_MESSAGE_LIMIT = 300
# The other side failed to write, or somebody else was writing: that says nothing about this push.
_UNDECIDED = re.compile(r"\[remote failure\]|cannot lock ref|failed to update ref|stale info|incorrect old value")


def contains(git: Git, descendant: CommitSha, ancestor: CommitSha) -> bool:
    checked_object_id(descendant)
    checked_object_id(ancestor)
    return git.run("merge-base", "--is-ancestor", ancestor, descendant, accepted=(0, 1)).code == 0


def push(git: Git, url: str, target: str, commit: CommitSha, *, expected: CommitSha) -> PushReply:
    branch = f"refs/heads/{checked_branch(target)}"
    if not contains(git, commit, expected):
        raise GitError(
            f"{commit} does not contain {expected}: pushing it would overwrite what stands on {single_line(target)}.",
            remedy="Report this as a defect of merge-hub: a landing must build on the base it was gated on.",
        )
    options = ("--porcelain", "--no-verify", "--atomic", f"--force-with-lease={branch}:{expected}")
    output = git.reach(url, "push", *options, "--", url, f"{commit}:{branch}", accepted=(0, 1))
    status = _status(output, branch)
    if status is None:
        raise failure(f"git push to {single_line(target)}", output.stderr)
    flag, summary = status
    return (
        Pushed(commit)
        if flag != "!"
        else _declined(git, url, branch, (commit, expected), f"{summary}\n{output.stderr}")
    )


def _status(output: Output, branch: str) -> tuple[str, str] | None:
    """The flag and the summary that git gives for `branch`; None where it does not come so far."""
    for line in output.stdout.decode(errors="replace").splitlines():
        match line.split("\t"):
            case [flag, names, summary] if names.endswith(f":{branch}"):
                return flag, summary
            case _:
                continue
    return None


def _declined(git: Git, url: str, branch: str, move: tuple[CommitSha, CommitSha], words: str) -> PushReply:
    commit, expected = move
    actual = tip(git, url, branch)
    if actual == commit:
        return Pushed(commit)
    if actual != expected:
        return BaseMoved(expected, actual)
    if _UNDECIDED.search(words):
        raise GitUnreachable(
            f"The push did not get through: {single_line(words, _MESSAGE_LIMIT)}",
            remedy="Wait and run again: somebody else was writing to the branch.",
        )
    return Rejected(_reason(words))


def _reason(words: str) -> str:
    """What the other side's own words are, as far as it has any; else git's."""
    summary, *lines = words.splitlines()
    told = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    return single_line(" ".join([*told, summary]), _MESSAGE_LIMIT)


def tip(git: Git, url: str, branch: str) -> CommitSha:
    listing = git.reach(url, "ls-remote", "--quiet", "--", url, branch).stdout.decode(errors="replace")
    for line in listing.splitlines():
        commit, _, name = line.partition("\t")
        if name == branch:
            return CommitSha(commit)
    raise RepositoryMissing(
        f"There is no branch {single_line(branch)} any more.",
        remedy="Check the target branch in the configuration of the team.",
    )
