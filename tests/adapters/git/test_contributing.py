"""What a head brings, as git has it."""

from datetime import UTC, datetime

import pytest

from config.schema import MergeMethod
from tasks.code_store import Mirror
from tasks.domain.errors import GitError
from tasks.domain.merging import Merged
from tasks.domain.model import CommitSha, FileChange
from tests.adapters.git.conftest import World
from tests.adapters.git.remote import START, change, git

BY = ("-c", "user.name=Eve", "-c", "user.email=eve@example.org")


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


def test_what_lands_elsewhere_since_the_target_moved_it_is_told_where_it_lands(world: World, mirror: Mirror) -> None:
    """git follows the file: what was written to `a` lands in a folder that the pull request never names."""
    long = "".join(f"{line}\n" for line in range(20))
    parted = world.remote.commit({"plain": long}, world.base, branch="main")
    tip = world.remote.commit({"plain": None, "secret/plain": long}, parted, branch="main")
    head = world.remote.commit({"plain": f"{long}evil\n"}, parted)
    mirror.fetch("main", [head])

    assert set(mirror.contribution(tip, head).files) == {FileChange("plain", 1), FileChange("secret/plain", 1)}


def test_what_takes_back_by_a_merge_is_told_whichever_place_the_two_parted_at(world: World, mirror: Mirror) -> None:
    """Two histories that merged each other parted in two places, and of one of them nothing was changed."""
    found = set[str]()
    for late in (0, 1):  # which of the two places git names first goes by their dates
        fixed = world.remote.commit({"secret": f"fixed {late}\n"}, world.base, date=START + 10 * late)
        before = world.remote.commit({"d": f"{late}\n"}, world.base, branch="main", date=START + 5)
        tip = world.remote.commit({"secret": f"fixed {late}\n"}, before, fixed, branch="main", date=START + 20)
        crossed = world.remote.commit({"d": f"{late}\n", "secret": None}, fixed, before, date=START + 20)
        mirror.fetch("main", [crossed])
        found |= {path for path in mirror.contribution(tip, crossed).paths if path == "secret"} or {f"hidden {late}"}

    assert found == {"secret"}


def test_of_a_pull_request_that_lands_behind_another_it_is_told_what_that_changes_then(
    world: World, mirror: Mirror
) -> None:
    long = "".join(f"{line}\n" for line in range(20))
    base = world.remote.commit({"plain": long}, world.base, branch="main")
    mover = world.remote.commit({"plain": None, "secret/plain": long}, base, branch="mover")
    head = world.remote.commit({"plain": f"{long}evil\n"}, base)
    mirror.fetch("main", [mover, head])
    first = mirror.merge(base, change(mover, number=1), MergeMethod.MERGE)
    assert isinstance(first, Merged)
    second = mirror.merge(first.commit, change(head, number=2), MergeMethod.MERGE)
    assert isinstance(second, Merged)

    assert mirror.contribution(base, head).paths == ("plain",)
    assert mirror.contribution(base, head, step=(first.commit, second.commit)).paths == ("plain", "secret/plain")


def test_nothing_that_a_tree_can_hold_is_changed_unseen(world: World, mirror: Mirror) -> None:
    """A submodule that asks to be ignored, a mode, a link, names that differ in case only or are no text."""
    modules = '[submodule "m"]\n\tpath = mod\n\turl = ./m\n\tignore = all\n'
    attributes = "* -diff linguist-generated\n"
    before = world.remote.commit({".gitmodules": modules, ".gitattributes": attributes, "Case": "1\n"}, world.base)
    tree = git(world.remote.path, "ls-tree", "-z", before).split("\0")
    blob = git(world.remote.path, "hash-object", "-w", "--stdin", stdin=b"one\ntwo\n")
    entries = [line for line in tree if line and line.split("\t")[1] not in {"a", "b", "Case"}]
    of_a = next(line.split()[2] for line in tree if line.endswith("\ta"))
    entries += [f"100755 blob {of_a}\ta", f"120000 blob {blob}\tb", f"100644 blob {blob}\tcase"]
    entries += [f"160000 commit {world.base}\tmod", f"100644 blob {blob}\t{'x' * 250}"]
    lines = [*(line.encode() for line in entries), b"100644 blob %s\t\xff\n" % blob.encode()]
    new = git(world.remote.path, "mktree", "-z", stdin=b"".join(line + b"\0" for line in sorted(lines)))
    head = CommitSha(git(world.remote.path, *BY, "commit-tree", new, "-p", before, "-m", "odd"))
    world.remote.move("topic", head)
    mirror.fetch("main", [before, head])

    assert set(mirror.contribution(before, head).paths) == {"a", "b", "Case", "case", "mod", "x" * 250, "\\xff\n"}


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


@pytest.mark.parametrize(
    ("message", "asks"),
    [
        ("Mend it [skip ci]", True),
        ("Mend it\n\n[CI Skip]", True),
        ("Mend it\n\n***NO_CI***", True),
        ("Mend it\n\nskip-checks: true", True),
        ("Say how to skip ci", False),
        ("[skip the queue]", False),
    ],
)
def test_a_message_that_asks_machines_to_skip_their_checks_is_found(
    world: World,
    mirror: Mirror,
    message: str,
    asks: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    told = world.remote.commit({"a": "b\n"}, world.base, message=message)
    head = world.remote.commit({"a": "c\n"}, told)
    mirror.fetch("main", [head])

    assert mirror.asking_to_skip(after=world.base, until=head) == ((told,) if asks else ())
    assert mirror.asking_to_skip(after=told, until=head) == ()
