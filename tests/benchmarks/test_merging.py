"""Candidates merged in memory by git on a repository of 10,000 files; less than 3 s for a hundred is aimed at."""

import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tasks.adapters.git import GitCodeStore
from tasks.domain.model import PullRequest, RepositoryName
from tasks.merging import Chain
from tests.adapters.git.remote import REPOSITORY, Remote, git
from tests.benchmarks.stopwatch import Stopwatch, say
from tests.domain import builders

FILES = 10_000
SIGNATURE = "Alice <alice@example.org>"

Change = Callable[[int], str]
"""The path that a pull request changes, by its number."""


def apart(number: int) -> str:
    return path(number * 7 % FILES)


def all_in_one(_number: int) -> str:
    return path(0)


def every_tenth_in_one(number: int) -> str:
    return path(0) if number % 10 == 0 else apart(number)


def path(number: int) -> str:
    return f"package{number // 100}/module{number % 100}.py"


@pytest.mark.long
@pytest.mark.parametrize(
    ("count", "changed"), [(100, apart), (100, every_tenth_in_one), (100, all_in_one), (1000, apart)]
)
def test_candidates_on_a_large_repository(
    count: int, changed: Change, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    remote = Remote.made(tmp_path / "origin" / f"{REPOSITORY}.git")
    git(remote.path, "fast-import", "--quiet", stdin=b"".join(stream(count, changed)))
    store = GitCodeStore(tmp_path / "home", f"file://{tmp_path}/origin/{{repository}}.git", None, lambda _: REPOSITORY)
    pulls, watch, before = proposed(remote, count), Stopwatch(), processes_ended()
    with store.exclusively(RepositoryName(REPOSITORY), "42") as mirror:
        with watch.lap("fetch"):
            fetched = mirror.fetch_heads("main", [pull.head for pull in pulls])
        with watch.lap("paths"):
            mirror.forbidden_paths(fetched.tip, [pull.head for pull in pulls])
        chain = Chain(mirror, builders.rules(), fetched.tip, {})
        with watch.lap("chain"):
            chain.extend(pulls)

    say(
        capsys,
        f"{count} pull requests, {changed.__name__}, {FILES} files: {watch.total:.2f} s ({watch}), of it git "
        f"{processes_ended() - before:.2f} s of a processor; {len(chain.conflicts)} conflicts",
    )
    assert len(chain.candidates) + len(chain.conflicts) == count


def stream(count: int, changed: Change) -> Iterator[bytes]:
    """For git fast-import: the files, and a branch a pull request that writes one of them anew."""
    yield commit("main", None)
    yield from (write(path(number), f"value = {number}\n") for number in range(FILES))
    for number in range(1, count + 1):
        yield commit(f"topic-{number}", "main")
        yield write(changed(number), f"value = 'of {number}'\n")


def commit(branch: str, start: str | None) -> bytes:
    begin = "" if start is None else f"from refs/heads/{start}\n"
    return (
        f"commit refs/heads/{branch}\nauthor {SIGNATURE} 1740992400 +0000\ncommitter {SIGNATURE} 1740992400 +0000\n"
        f"data 4\nwork\n{begin}"
    ).encode()


def write(name: str, content: str) -> bytes:
    return f"M 644 inline {name}\ndata {len(content)}\n{content}\n".encode()


def proposed(remote: Remote, count: int) -> tuple[PullRequest, ...]:
    listing = git(remote.path, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads/topic-*")
    heads = dict(line.split() for line in listing.splitlines())
    return tuple(builders.pull_request(number, head=heads[f"topic-{number}"]) for number in range(1, count + 1))


def processes_ended() -> float:
    """Seconds of a processor that ended children of this process took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
