"""
A checkout that code from a pull request may have: a repository of its own with one commit in it.

No remote, no alternates, no hooks, no configuration but git's defaults; submodules are not fetched, and filters that
a tree asks for are not configured, so they do nothing.
"""

from pathlib import Path

from tasks.adapters.git.failures import disk_failure
from tasks.adapters.git.process import LOCAL_LIMIT, Git
from tasks.adapters.git.spelling import checked_object_id
from tasks.domain.errors import GitError
from tasks.domain.model import CommitSha

_LIMIT = 5 * LOCAL_LIMIT


def checkout(git: Git, commit: CommitSha, directory: Path) -> None:
    checked_object_id(commit)
    place = directory.absolute()
    try:
        place.mkdir(parents=True, exist_ok=True)
        occupied = any(place.iterdir())
    except OSError as error:
        raise disk_failure("The checkout cannot be made", error) from error
    if occupied:
        raise GitError(
            f"{place.name} is not empty.",
            remedy="Report this as a defect of merge-hub: checkouts have their own place.",
        )
    own = git.at(place / ".git")
    own.run("init", "--quiet", "--template=")
    source = git.directory.as_uri()
    options = ("--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
    own.run("fetch", *options, "--", source, commit, limit=_LIMIT)
    own.run(f"--work-tree={place}", "checkout", "--quiet", "--detach", commit, "--", limit=_LIMIT)
