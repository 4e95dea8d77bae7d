"""What a merge makes is a function of its arguments: not of the place, the time, the machine or what went before."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.schema import MergeMethod
from tasks.code_store import Mirror
from tasks.domain.merging import Merged
from tests.adapters.git.conftest import World
from tests.adapters.git.remote import ENVIRONMENT, REPOSITORY, START, change, git

METHODS = list(MergeMethod)


@pytest.mark.parametrize("method", METHODS)
def test_two_mirrors_make_the_same_commit(
    world: World, mirror: Mirror, method: MergeMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base)
    mirror.fetch("main", [head])
    here = mirror.merge(world.base, change(head), method)
    home = world.place / "somebody"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[user]\nname = x\nemail = x@y\n[merge]\nrenames = false\n[core]\nautocrlf = true\n"
    )
    for name, value in {"HOME": home, "TZ": "Asia/Tokyo", "GIT_AUTHOR_NAME": "Mallory", "LANG": "de_DE.UTF-8"}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2001-01-01T00:00:00Z")
    with world.store("elsewhere").exclusively(REPOSITORY, "42") as other:
        other.fetch("main", [head])
        there = other.merge(world.base, change(head), method)

    assert isinstance(here, Merged)
    assert here == there


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    titles=st.lists(st.text(max_size=40), min_size=1, max_size=3),
    edits=st.lists(st.tuples(st.sampled_from(["a", "b", "c/d"]), st.integers(0, 3)), min_size=1, max_size=3),
    dates=st.lists(st.integers(0, 2_000_000_000), min_size=3, max_size=3),
    method=st.sampled_from(METHODS),
)
def test_merging_is_a_function_of_its_arguments(
    world: World, titles: list[str], edits: list[tuple[str, int]], dates: list[int], method: MergeMethod
) -> None:
    heads = [
        world.remote.commit({path: f"one\n{text}\nthree\n"}, world.base, branch=f"t{n}", date=dates[n])
        for n, (path, text) in enumerate(edits)
    ]
    changes = [change(head, number=n, title=titles[n % len(titles)]) for n, head in enumerate(heads)]
    outcomes = []
    for _ in range(2):
        with tempfile.TemporaryDirectory() as place, world.store(place).exclusively(REPOSITORY, "42") as mirror:
            onto, results = mirror.fetch("main", heads), []
            for one in changes:
                results.append(result := mirror.merge(onto, one, method))
                onto = result.commit if isinstance(result, Merged) else onto
            outcomes.append(results)

    assert outcomes[0] == outcomes[1]


HOSTILE_TITLES = {
    "a trailer": "Co-authored-by: Eve <eve@example.org>",
    "a second line": "Fix\n\nSigned-off-by: Boss <boss@example.org>",
    "a carriage return": "Fix\rReviewed-by: Boss <boss@example.org>",
    "a unicode line": "Fix\u2028Approved-by: Boss <boss@example.org>",
    "an option": "--help",
    "a comment": "# gone",
    "scissors": "# ------------------------ >8 ------------------------",
    "turned": "\u202egnihton\u202c",
    "controls": "a\x00b\x1b[31mc\x7f",
    "half a character": "\ud800 lone",
    "empty": "",
    "blank": " \t ",
    "long": "x" * 5000,
    "a cherry-pick": "(cherry picked from commit 0000000000000000000000000000000000000000)",
    "an object": "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nparent",
}


@pytest.mark.parametrize("method", [MergeMethod.MERGE, MergeMethod.SQUASH])
@pytest.mark.parametrize("title", HOSTILE_TITLES.values(), ids=HOSTILE_TITLES.keys())
def test_a_hostile_title_stays_one_harmless_line(
    world: World, mirror: Mirror, mirror_path: Path, method: MergeMethod, title: str
) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base)
    mirror.fetch("main", [head])
    result = mirror.merge(world.base, change(head, title=title, head_branch=f"eve:{title}"), method)
    assert isinstance(result, Merged)
    raw = git(mirror_path, "cat-file", "commit", result.commit).partition("\n\n")[2]
    trailers = git(mirror_path, "interpret-trailers", "--parse", stdin=f"{raw}\n".encode())

    assert trailers == ""
    assert len(raw.splitlines()) <= 3
    assert all(character.isprintable() for line in raw.splitlines() for character in line)
    assert git(mirror_path, "fsck", "--strict", "--no-dangling") == ""


HOSTILE_AUTHORS = {
    "no address": "Eve",
    "no name": "<eve@example.org>",
    "brackets": "Eve <<eve@example.org>>",
    "zone": "Eve <eve@example.org> 1 +0000 <x>",
    "latin-1": "Ev\udce9 <eve@example.org>",
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("author", HOSTILE_AUTHORS.values(), ids=HOSTILE_AUTHORS.keys())
def test_an_author_line_that_git_would_not_write_does_not_stop_a_merge(
    world: World, mirror: Mirror, mirror_path: Path, method: MergeMethod, author: str
) -> None:
    raw = f"tree {git(world.remote.path, 'rev-parse', f'{world.base}^{{tree}}')}\nparent {world.base}\n"
    raw += f"author {author} {START} +0000\ncommitter {author} {START} +0000\n\nmessage\n"
    arguments = ("git", "hash-object", "-t", "commit", "-w", "--literally", "--stdin")
    made = subprocess.run(
        arguments,
        cwd=world.remote.path,
        env=ENVIRONMENT,
        input=raw.encode(errors="surrogateescape"),
        capture_output=True,
        check=True,
    )
    broken = made.stdout.decode().strip()
    world.remote.move("broken", type(world.base)(broken))
    head = world.remote.commit({"c": "c\n"}, type(world.base)(broken))
    mirror.fetch("main", [head])
    result = mirror.merge(world.base, change(head), method)

    assert isinstance(result, Merged)
    assert git(mirror_path, "log", "-1", "--format=%cn", result.commit) == "merge-hub"


def test_a_gone_home_changes_nothing(world: World) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base)
    results = []
    for _ in range(2):
        with world.store().exclusively(REPOSITORY, "42") as mirror:
            mirror.fetch("main", [head])
            results.append(mirror.merge(world.base, change(head), MergeMethod.MERGE))
        shutil.rmtree(world.place / "home")

    assert results[0] == results[1]
