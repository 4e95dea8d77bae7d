"""What git's complaints mean: whose fault it is, and what a person can do."""

import re
from dataclasses import dataclass

from tasks.adapters.git.spelling import single_line
from tasks.domain.errors import CredentialsRejected, GitError, GitUnreachable, MergeHubError, RepositoryMissing


class MirrorDamaged(GitError):
    """Git says that its own files are not as it left them: the mirror must be made again."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    complaint: re.Pattern[str]
    error: type[MergeHubError]
    remedy: str


def _meaning(complaint: str, error: type[MergeHubError], remedy: str) -> _Meaning:
    return _Meaning(re.compile(complaint, re.IGNORECASE), error, remedy)


_ABSENT = r"not our ref (?P<asked>[0-9a-f]{40,64})|unadvertised object (?P<unadvertised>[0-9a-f]{40,64})"

# The first that fits is taken, so what is certain stands before what is only likely.
_MEANINGS = (
    _meaning(
        r"no space left on device|disk quota exceeded|input/output error|read-only file system|file too large",
        GitError,
        "Make room on the disk of MERGE_HUB_HOME, or mend it, and run again.",
    ),
    _meaning(
        r"authentication failed|could not read (?:username|password)|invalid credentials|access denied"
        r"|(?:returned error:|http) (?:401|403)\b",
        CredentialsRejected,
        "Set GITHUB_TOKEN to a token that is valid and may read and write the contents of this repository.",
    ),
    _meaning(
        r"repository '[^']*' not found|remote: repository not found|does not appear to be a git repository"
        r"|returned error: 404|couldn't find remote ref",
        RepositoryMissing,
        "Check the names of the repository and its target branch, and that the token may see them.",
    ),
    _meaning(
        _ABSENT,
        GitError,
        "Run again: the pull request was pushed to meanwhile and its old head is gone.",
    ),
    _meaning(
        r"could not resolve|failed to connect|couldn't connect|connection (?:refused|reset|timed out|was reset)"
        r"|timed out|operation too slow|early eof|unexpected disconnect|hung up|empty reply|transfer closed"
        r"|returned error: (?:429|5\d\d)|rpc failed|http (?:429|5\d\d)|ssl|gnutls|recv failure|send failure",
        GitUnreachable,
        "Wait and run again; if it lasts, check the network and MERGE_HUB_GIT_URL.",
    ),
    _meaning(
        r"not a git repository|bad object|object file \S+ is empty|is corrupt|bad (?:config|ref|tree|signature|packed)"
        r"|unable to (?:read|parse|unpack)|inflate:|invalid (?:object|sha1 pointer)|missing (?:blob|tree|commit|object)"
        r"|packfile|pack has|index unavailable|could not read [0-9a-f]{40}|failed to (?:read|parse|traverse)"
        r"|did not (?:receive|send)|cannot (?:read|map)|not a valid object|broken|garbage at end of loose object",
        MirrorDamaged,
        "Run again: the mirror is made anew at the next fetch.",
    ),
)


def failure(doing: str, complaint: str) -> MergeHubError:
    """What `complaint`, git's standard error in the C locale, means for what was being done."""
    heard = _own_words(complaint)
    message = f"{doing}: {single_line(heard, 300) or 'git gave no reason'}"
    for meaning in _MEANINGS:
        if meaning.complaint.search(heard):
            return meaning.error(message, remedy=meaning.remedy)
    return GitError(message, remedy="Read git's message; if it does not help, report it as a defect of merge-hub.")


def commit_not_there(complaint: str) -> str | None:
    """The commit that the other side says it does not have; it names one at a time."""
    named = re.search(_ABSENT, _own_words(complaint))
    return None if named is None else named["asked"] or named["unadvertised"]


def disk_failure(doing: str, error: OSError) -> GitError:
    return GitError(
        f"{doing}: {error.strerror}.",
        remedy="Make MERGE_HUB_HOME a directory that merge-hub may write to, on a disk with room.",
    )


def _own_words(complaint: str) -> str:
    """Without what hooks of the other side may have printed, which is free text."""
    lines = complaint.splitlines()
    kept = [line for line in lines if not line.startswith("remote:") or "repository not found" in line.lower()]
    return "\n".join(kept)
