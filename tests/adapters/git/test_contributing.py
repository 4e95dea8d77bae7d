"""What a head brings, as git has it."""

from datetime import UTC, datetime

import pytest

from tasks.code_store import Mirror
from tasks.domain.errors import GitError
from tasks.domain.model import FileChange
from tests.adapters.git.conftest import World
from tests.adapters.git.remote import START


def test_a_renamed_file_is_told_where_it_was_and_where_it_is(world: World, mirror: Mirror) -> None:
    head = world.remote.commit({"a": None, "x y/ä": "one\ntwo\nthree\n", "b": "b\nc\n"}, world.base)
    mirror.fetch("main", [head])

    assert set(mirror.contribution(world.base, head).files) == {
        FileChange("a", 3),
        FileChange("x y/ä", 3),
        FileChange("b", 1),
    }


def test_what_the_target_branch_changed_meanwhile_is_no_part_of_it(world: World, mirror: Mirror) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base)
    tip = world.remote.commit({"d": "d\n"}, world.base, branch="main", date=START + 60)
    mirror.fetch("main", [head])
    brought = mirror.contribution(tip, head)

    assert (brought.head, brought.base, brought.paths, brought.commits) == (head, tip, ("c",), (head,))
    assert (brought.behind, brought.behind_since) == (1, datetime.fromtimestamp(START + 60, UTC))


def test_a_commit_that_merges_the_target_branch_is_a_merge(world: World, mirror: Mirror) -> None:
    first = world.remote.commit({"c": "c\n"}, world.base)
    tip = world.remote.commit({"d": "d\n"}, world.base, branch="main")
    head = world.remote.commit({}, first, tip)
    mirror.fetch("main", [head])
    brought = mirror.contribution(tip, head)

    assert (brought.commits, brought.merges, brought.behind) == ((first, head), (head,), 0)


def test_a_history_of_its_own_brings_everything_it_has(world: World, mirror: Mirror) -> None:
    head = world.remote.commit({"c": "c\n"}, branch="stranger")
    mirror.fetch("main", [head])

    assert mirror.contribution(world.base, head).paths == ("c",)


def test_a_file_is_read_as_it_is_in_a_commit(world: World, mirror: Mirror) -> None:
    head = world.remote.commit({".github/CODEOWNERS": "* @carol\n"}, world.base)
    link = world.remote.odd_commit("CODEOWNERS", world.base, mode="120000")
    mirror.fetch("main", [head, link])

    assert mirror.file(head, ".github/CODEOWNERS", most=100) == b"* @carol\n"
    assert mirror.file(world.base, ".github/CODEOWNERS", most=100) is None
    assert mirror.file(head, ".github", most=100) is None
    assert mirror.file(link, "CODEOWNERS", most=100) is None
    with pytest.raises(GitError, match="at most 3 are read"):
        mirror.file(head, ".github/CODEOWNERS", most=3)
