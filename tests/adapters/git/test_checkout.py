import shutil
from pathlib import Path

import pytest

from tasks.code_store import Mirror
from tasks.domain.errors import GitError
from tasks.domain.model import CommitSha
from tests.adapters.git.conftest import World
from tests.adapters.git.remote import ALICE, INTO_GIT, START, git


def checked_out(world: World, mirror: Mirror, head: CommitSha) -> Path:
    directory = world.place / "gate" / "checkout"
    mirror.fetch("main", [head])
    mirror.checkout(head, directory)
    return directory


def test_a_checkout_holds_the_files_of_the_commit_and_stands_by_itself(world: World, mirror: Mirror) -> None:
    head = world.remote.commit({"c/d": "d\n", "b": None}, world.base)
    directory = checked_out(world, mirror, head)
    shutil.rmtree(world.place / "home")
    shutil.rmtree(world.place / "origin")

    assert (directory / "c" / "d").read_text() == "d\n"
    assert sorted(path.name for path in directory.iterdir()) == [".git", "a", "c"]
    assert git(directory, "rev-parse", "HEAD") == head
    assert git(directory, "status", "--porcelain") == ""
    assert git(directory, "fsck") == ""


def test_a_checkout_has_no_link_back_no_hook_and_no_configuration_of_ours(world: World, mirror: Mirror) -> None:
    directory = checked_out(world, mirror, world.remote.commit({"c": "c"}, world.base))
    inside = directory / ".git"
    text = "".join(path.read_text(errors="replace") for path in inside.rglob("*") if path.is_file())

    assert not (inside / "objects" / "info" / "alternates").exists()
    assert not (inside / "hooks").exists()
    assert not (inside / "logs").exists()
    assert git(directory, "remote") == ""
    assert git(directory, "for-each-ref") == ""
    assert str(world.place / "home") not in text
    assert set(git(directory, "config", "--local", "--name-only", "--list").split()) == {
        "core.repositoryformatversion",
        "core.filemode",
        "core.bare",
    }


def test_a_candidate_of_the_mirror_itself_can_be_checked_out(world: World, mirror: Mirror) -> None:
    directory = checked_out(world, mirror, world.base)

    assert (directory / "a").read_text() == "one\ntwo\nthree\n"


def test_a_filter_that_a_tree_asks_for_does_nothing(world: World, mirror: Mirror) -> None:
    attributes = "* filter=evil diff=evil merge=evil\n*.bin filter=lfs\n"
    head = world.remote.commit({".gitattributes": attributes, "x.bin": "version https://git-lfs\n"}, world.base)
    directory = checked_out(world, mirror, head)

    assert (directory / "x.bin").read_text() == "version https://git-lfs\n"


def test_a_symbolic_link_stays_one(world: World, mirror: Mirror) -> None:
    stream = f"commit refs/heads/link\ncommitter {ALICE} {START} +0000\ndata 1\nx\nfrom {world.base}\n"
    stream += "M 120000 inline outside\ndata 11\n/etc/passwd\n"
    git(world.remote.path, "fast-import", "--quiet", stdin=stream.encode())
    directory = checked_out(world, mirror, world.remote.tip("link"))

    assert (directory / "outside").is_symlink()
    assert (directory / "outside").readlink() == Path("/etc/passwd")


@pytest.mark.parametrize("path", INTO_GIT)
def test_a_tree_that_reaches_into_git_is_refused(world: World, mirror: Mirror, path: str) -> None:
    head = world.remote.odd_commit(path, world.base)
    mirror.fetch("main", [head])
    directory = world.place / "gate" / "checkout"

    with pytest.raises(GitError):
        mirror.checkout(head, directory)
    assert "evil" not in (directory / ".git" / "config").read_text()


def test_a_submodule_is_not_fetched(world: World, mirror: Mirror) -> None:
    modules = '[submodule "x"]\n path = x\n url = file:///etc\n'
    stream = f"commit refs/heads/sub\ncommitter {ALICE} {START} +0000\ndata 1\nx\nfrom {world.base}\n"
    stream += f"M 160000 {world.base} x\nM 644 inline .gitmodules\ndata {len(modules)}\n{modules}\n"
    git(world.remote.path, "fast-import", "--quiet", stdin=stream.encode())
    directory = checked_out(world, mirror, world.remote.tip("sub"))

    assert list((directory / "x").iterdir()) == []


def test_a_place_that_is_not_empty_is_refused_and_left_alone(world: World, mirror: Mirror) -> None:
    directory = world.place / "taken"
    directory.mkdir()
    (directory / "mine").write_text("mine")

    with pytest.raises(GitError, match="not empty"):
        mirror.checkout(world.base, directory)
    assert [path.name for path in directory.iterdir()] == ["mine"]


def test_a_place_that_cannot_be_made_says_so(world: World, mirror: Mirror) -> None:
    (world.place / "file").write_text("")

    with pytest.raises(GitError, match="cannot be made"):
        mirror.checkout(world.base, world.place / "file" / "checkout")
