from pathlib import Path

import pytest

from tasks.code_store import Mirror
from tasks.domain.errors import CodeHostError, GitError, GitUnreachable, RepositoryMissing
from tasks.domain.merging import Fetched
from tasks.domain.model import CommitSha, RepositoryName
from tests.adapters.git.conftest import World
from tests.adapters.git.remote import REPOSITORY, git


def test_a_fetch_brings_the_commits_and_says_where_the_target_is(world: World, mirror: Mirror) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base)

    assert mirror.fetch("main", [head]) == world.base
    assert mirror.tree(head) == git(world.remote.path, "rev-parse", f"{head}^{{tree}}")
    assert mirror.contains(head, world.base)


def test_a_head_that_no_branch_has_any_more_is_still_brought(world: World, mirror: Mirror) -> None:
    old = world.remote.commit({"c": "c\n"}, world.base)
    world.remote.commit({"d": "d\n"}, world.base)
    mirror.fetch("main", [old])

    assert mirror.contains(old, world.base)


def test_a_target_that_was_forced_back_is_where_it_is_now(world: World, mirror: Mirror) -> None:
    world.remote.commit({"c": "c\n"}, world.base, branch="main")
    mirror.fetch("main", [])
    world.remote.move("main", world.base)

    assert mirror.fetch("main", []) == world.base


def test_targets_whose_names_are_inside_each_other_do_not_clash(world: World, mirror: Mirror) -> None:
    one = world.remote.commit({"c": "c\n"}, world.base, branch="release")
    assert mirror.fetch("release", []) == one
    git(world.remote.path, "update-ref", "-d", "refs/heads/release")
    two = world.remote.commit({"d": "d\n"}, world.base, branch="release/1")

    assert mirror.fetch("release/1", []) == two


def test_a_commit_that_does_not_exist_is_named_and_nothing_else_is_wrong(world: World, mirror: Mirror) -> None:
    absent = CommitSha("ab" * 20)
    with pytest.raises(GitError, match=absent) as refusal:
        mirror.fetch("main", [absent])

    assert not refusal.value.retryable
    assert mirror.fetch("main", []) == world.base


def test_heads_that_are_gone_are_named_and_the_others_are_brought(world: World, mirror: Mirror) -> None:
    head, gone = world.remote.commit({"c": "c\n"}, world.base), [CommitSha("ab" * 20), CommitSha("cd" * 20)]

    assert mirror.fetch_heads("main", [gone[0], head, gone[1]]) == Fetched(world.base, frozenset(gone))
    assert mirror.contains(head, world.base)


def test_heads_that_are_all_there_leave_none_gone(world: World, mirror: Mirror) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base)

    assert mirror.fetch_heads("main", [head]) == Fetched(world.base, frozenset())


def test_a_target_that_does_not_exist_is_missing_also_where_heads_are_gone(mirror: Mirror) -> None:
    with pytest.raises(RepositoryMissing, match="refs/heads/gone"):
        mirror.fetch_heads("gone", [CommitSha("ab" * 20)])


def test_a_branch_that_does_not_exist_is_missing(mirror: Mirror) -> None:
    with pytest.raises(RepositoryMissing, match="refs/heads/gone"):
        mirror.fetch("gone", [])


def test_a_repository_that_does_not_exist_is_missing(world: World) -> None:
    with (
        world.store(now="acme/gone").exclusively(RepositoryName("acme/gone"), "43") as mirror,
        pytest.raises(RepositoryMissing),
    ):
        mirror.fetch("main", [])


@pytest.mark.parametrize(
    "name", ["", "-x", "--upload-pack=touch x", "a..b", "a b", "a:b", "a\nb", "x.lock", "/a", "a/", "@", "a*", "HEAD"]
)
def test_a_branch_that_git_would_not_allow_is_refused(mirror: Mirror, name: str) -> None:
    with pytest.raises(GitError, match="cannot be the name of a branch"):
        mirror.fetch(name, [])


@pytest.mark.parametrize("name", ["", "app", "../app", "acme/..", "acme/.", "-x/app", "a b/c", "acme/app\n", "a/b?c"])
def test_a_repository_name_that_leads_elsewhere_is_refused(world: World, name: str) -> None:
    with (
        pytest.raises(GitError, match="cannot be the name of a repository"),
        world.store().exclusively(RepositoryName(name), "42"),
    ):
        pass


def test_commits_that_are_here_are_not_asked_for_again(world: World, mirror: Mirror, tmp_path: Path) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base)
    mirror.fetch("main", [head])
    git(world.remote.path, "config", "uploadpack.packObjectsHook", f"{tmp_path}/spy")
    spy = tmp_path / "spy"
    spy.write_text(f'#!/bin/sh\ntouch {tmp_path}/packed\nexec "$@"\n')
    spy.chmod(0o755)

    assert mirror.fetch("main", [head]) == world.base
    assert not (tmp_path / "packed").exists()


def test_no_branch_tag_or_fetch_head_is_left_in_a_mirror(world: World, mirror: Mirror, mirror_path: Path) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base)
    git(world.remote.path, "tag", "v1", head)
    mirror.fetch("main", [head])
    names = git(mirror_path, "for-each-ref", "--format=%(refname)").split()

    assert names == [f"refs/merge-hub/heads/{head}", "refs/merge-hub/target"]
    assert not (mirror_path / "FETCH_HEAD").exists()


def test_a_renamed_repository_keeps_its_mirror(world: World) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base)
    with world.store().exclusively(REPOSITORY, "42") as mirror:
        mirror.fetch("main", [head])
    world.remote.path.rename(world.remote.path.with_name("renamed.git"))
    with world.store(now="acme/renamed").exclusively(REPOSITORY, "42") as mirror:
        assert mirror.contains(head, world.base)
        assert mirror.fetch("main", [head]) == world.base


def test_a_repository_that_is_gone_is_not_looked_for_under_its_name(world: World) -> None:
    with world.store(now=None).exclusively(REPOSITORY, "42") as mirror, pytest.raises(RepositoryMissing):
        mirror.fetch("main", [])


def test_an_unreachable_remote_is_retryable_and_not_missing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("http_proxy", raising=False)
    store = type(world.store())(world.place / "home", "http://127.0.0.1:9/{repository}.git", None, lambda _: REPOSITORY)
    with store.exclusively(REPOSITORY, "42") as mirror, pytest.raises(GitUnreachable) as refusal:
        mirror.fetch("main", [])

    assert refusal.value.retryable
    assert not isinstance(refusal.value, CodeHostError)


@pytest.mark.parametrize("address", ["ext::sh -c date", "ssh://localhost/x", "git://localhost/x"])
def test_only_files_and_http_are_spoken(world: World, address: str) -> None:
    store = type(world.store())(world.place / "home", address, None, lambda _: REPOSITORY)
    with store.exclusively(REPOSITORY, "42") as mirror, pytest.raises(GitError, match="not allowed"):
        mirror.fetch("main", [])
