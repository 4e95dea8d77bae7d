import threading
from pathlib import Path

import pytest

from config.schema import MergeMethod
from tasks.code_store import Mirror
from tasks.domain.errors import GitError, RepositoryMissing
from tasks.domain.land import BaseMoved, Pushed, PushReply, Rejected
from tasks.domain.merging import Merged
from tasks.domain.model import CommitSha
from tests.adapters.git.conftest import World
from tests.adapters.git.remote import REPOSITORY, change, git


def prepared(world: World, mirror: Mirror, path: str = "c", number: int = 7) -> CommitSha:
    """A commit on the base that may land."""
    head = world.remote.commit({path: "x\n"}, world.base, branch=f"topic-{path}")
    mirror.fetch("main", [head])
    result = mirror.merge(world.base, change(head, number=number), MergeMethod.MERGE)
    assert isinstance(result, Merged)
    return result.commit


def test_a_push_moves_the_branch_and_nothing_else(world: World, mirror: Mirror) -> None:
    commit = prepared(world, mirror)
    before = git(world.remote.path, "for-each-ref", "--format=%(refname)")

    assert mirror.push("main", commit, expected=world.base) == Pushed(commit)
    assert world.remote.tip() == commit
    assert git(world.remote.path, "for-each-ref", "--format=%(refname)") == before


def test_a_push_that_was_done_before_is_done(world: World, mirror: Mirror) -> None:
    commit = prepared(world, mirror)
    mirror.push("main", commit, expected=world.base)

    assert mirror.push("main", commit, expected=world.base) == Pushed(commit)


def test_a_base_that_moved_is_answered_with_where_it_is_and_left_alone(world: World, mirror: Mirror) -> None:
    commit = prepared(world, mirror)
    moved = world.remote.commit({"z": "z"}, world.base, branch="main")

    assert mirror.push("main", commit, expected=world.base) == BaseMoved(world.base, moved)
    assert world.remote.tip() == moved


def test_a_base_that_moved_back_is_not_overwritten_either(world: World, mirror: Mirror) -> None:
    first = world.remote.commit({"z": "z"}, world.base, branch="main")
    mirror.fetch("main", [])
    head = world.remote.commit({"c": "c"}, first)
    mirror.fetch("main", [head])
    result = mirror.merge(first, change(head), MergeMethod.MERGE)
    world.remote.move("main", world.base)

    assert isinstance(result, Merged)
    assert mirror.push("main", result.commit, expected=first) == BaseMoved(first, world.base)
    assert world.remote.tip() == world.base


def test_a_commit_that_does_not_build_on_the_expected_base_is_never_pushed(world: World, mirror: Mirror) -> None:
    moved = world.remote.commit({"z": "z"}, world.base, branch="main")
    commit = prepared(world, mirror)

    with pytest.raises(GitError, match="would overwrite"):
        mirror.push("main", commit, expected=moved)
    assert world.remote.tip() == moved


def test_of_two_mirrors_that_push_at_once_one_lands_and_the_other_is_told(world: World) -> None:
    homes = ("one", "two")
    replies: dict[str, PushReply] = {}
    commits: dict[str, CommitSha] = {}
    ready = threading.Barrier(2)

    def work(home: str) -> None:
        with world.store(home).exclusively(REPOSITORY, "42") as mirror:
            commits[home] = prepared(world, mirror, path=home)
            ready.wait()
            replies[home] = mirror.push("main", commits[home], expected=world.base)

    # Made one after the other: the remote that the tests write to is not made for two writers.
    world.remote.hook("pre-receive", "sleep 0.2")
    threads = [threading.Thread(target=work, args=(home,)) for home in homes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = world.remote.tip()
    landed = [home for home in homes if commits[home] == winner]
    (loser,) = (home for home in homes if commits[home] != winner)

    assert [replies[home] for home in landed] == [Pushed(winner)]
    assert replies[loser] == BaseMoved(world.base, winner)


def test_a_hook_that_declines_is_quoted_on_one_line(world: World, mirror: Mirror) -> None:
    commit = prepared(world, mirror)
    world.remote.hook("pre-receive", "printf 'GH006: Protected branch\\033[31m update\\n\\nfailed'; exit 1")
    reply = mirror.push("main", commit, expected=world.base)

    assert isinstance(reply, Rejected)
    assert reply.message.startswith("GH006: Protected branch [31m update failed")
    assert "pre-receive hook declined" in reply.message
    assert world.remote.tip() == world.base


def test_a_hook_s_novel_is_cut(world: World, mirror: Mirror) -> None:
    commit = prepared(world, mirror)
    world.remote.hook("update", "yes no | head -c 100000; exit 1")
    reply = mirror.push("main", commit, expected=world.base)

    assert isinstance(reply, Rejected)
    assert len(reply.message) <= 300


@pytest.mark.parametrize("words", ["HTTP 401", "Could not resolve host", "bad object", "No space left on device"])
def test_what_a_hook_says_does_not_make_it_another_failure(world: World, mirror: Mirror, words: str) -> None:
    commit = prepared(world, mirror)
    world.remote.hook("pre-receive", f"echo '{words}'; exit 1")

    assert isinstance(mirror.push("main", commit, expected=world.base), Rejected)


def test_a_branch_that_is_gone_is_not_made_again(world: World, mirror: Mirror) -> None:
    commit = prepared(world, mirror)
    git(world.remote.path, "update-ref", "-d", "refs/heads/main")

    with pytest.raises(RepositoryMissing, match="refs/heads/main"):
        mirror.push("main", commit, expected=world.base)
    assert "refs/heads/main" not in git(world.remote.path, "for-each-ref")


def test_our_own_hooks_have_no_say(world: World, mirror: Mirror, mirror_path: Path) -> None:
    commit = prepared(world, mirror)
    hooks = mirror_path / "hooks"
    hooks.mkdir()
    for name in ("pre-push", "reference-transaction", "post-index-change"):
        (hooks / name).write_text("#!/bin/sh\nexit 1\n")
        (hooks / name).chmod(0o755)

    assert mirror.push("main", commit, expected=world.base) == Pushed(commit)


def test_a_commit_that_is_not_here_is_not_pushed(world: World, mirror: Mirror) -> None:
    mirror.fetch("main", [])

    with pytest.raises(GitError):
        mirror.push("main", CommitSha("ab" * 20), expected=world.base)
