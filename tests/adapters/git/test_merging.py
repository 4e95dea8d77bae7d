from pathlib import Path

import pytest

from config.schema import MergeMethod
from tasks.adapters.git import UNRELATED
from tasks.code_store import Mirror
from tasks.domain.errors import GitError
from tasks.domain.merging import Conflict, Merged, MergeResult
from tasks.domain.model import CommitSha
from tests.adapters.git.conftest import World
from tests.adapters.git.remote import ALICE, BOB, START, change, git, history

METHODS = list(MergeMethod)
HUB = "merge-hub <merge-hub@users.noreply.github.com>"

GONE = CommitSha("ab" * 20)


def commit_of(result: MergeResult) -> CommitSha:
    assert isinstance(result, Merged)
    return result.commit


def test_a_merge_has_both_parents_and_the_hub_s_name_at_the_later_date(
    world: World, mirror: Mirror, mirror_path: Path
) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base, date=START + 60)
    mirror.fetch("main", [head])
    commit = commit_of(mirror.merge(world.base, change(head), MergeMethod.MERGE))

    assert git(mirror_path, "log", "-1", "--format=%P|%an <%ae>|%cn <%ce>|%at %ct|%B", commit) == (
        f"{world.base} {head}|{HUB}|{HUB}|{START + 60} {START + 60}|Merge pull request #7 from topic\n\nAdd a thing"
    )
    assert git(mirror_path, "ls-tree", "--name-only", commit).split() == ["a", "b", "c"]


def test_a_squash_is_one_commit_by_the_first_author_that_credits_the_others(
    world: World, mirror: Mirror, mirror_path: Path
) -> None:
    first = world.remote.commit({"c": "c\n"}, world.base, author=ALICE, date=START + 1)
    message = "more\n\nCo-authored-by: Carol <carol@example.org>\n"
    head = world.remote.commit({"d": "d\n"}, first, author=BOB, date=START + 2, message=message)
    mirror.fetch("main", [head])
    commit = commit_of(mirror.merge(world.base, change(head), MergeMethod.SQUASH))

    assert git(mirror_path, "log", "-1", "--format=%P|%an <%ae> %at|%cn <%ce> %ct|%B", commit) == (
        f"{world.base}|{ALICE} {START + 1}|{HUB} {START + 2}|Add a thing (#7)\n\n"
        f"Co-authored-by: {BOB}\nCo-authored-by: Carol <carol@example.org>"
    )


def test_a_squash_takes_no_longer_for_a_credit_that_never_ends(world: World, mirror: Mirror) -> None:
    """Half a million spaces: read again from each of them, they take a day."""
    message = f"more\n\nCo-authored-by: {' ' * 500_000}x\nCo-authored-by: {BOB}\n"
    head = world.remote.commit({"c": "c\n"}, world.base, message=message)
    mirror.fetch("main", [head])

    assert isinstance(mirror.merge(world.base, change(head), MergeMethod.SQUASH), Merged)


def test_a_squash_by_one_person_has_no_trailers(world: World, mirror: Mirror, mirror_path: Path) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base)
    mirror.fetch("main", [head])
    commit = commit_of(mirror.merge(world.base, change(head), MergeMethod.SQUASH))

    assert git(mirror_path, "log", "-1", "--format=%B", commit) == "Add a thing (#7)"


def test_a_rebase_keeps_authors_dates_and_messages_and_commits_as_the_hub(
    world: World, mirror: Mirror, mirror_path: Path
) -> None:
    first = world.remote.commit({"c": "c\n"}, world.base, message="one\n\nwhy\n", date=START + 1)
    head = world.remote.commit({"d": "d\n"}, first, author=BOB, message="two", date=START + 2)
    onto = world.remote.commit({"b": "changed\n"}, world.base, branch="main", date=START + 9)
    mirror.fetch("main", [head])
    commit = commit_of(mirror.merge(onto, change(head), MergeMethod.REBASE))

    assert history(mirror_path, f"{onto}..{commit}", "%an <%ae> %at|%cn <%ce> %ct|%s|%b%x00") == [
        f"{ALICE} {START + 1}|{HUB} {START + 9}|one|why",
        "\0",
        f"{BOB} {START + 2}|{HUB} {START + 9}|two|\0",
    ]
    assert git(mirror_path, "rev-parse", f"{commit}~2") == onto
    assert git(mirror_path, "show", f"{commit}:b") == "changed"


def test_a_rebase_leaves_out_what_is_there_already_and_keeps_what_was_empty(
    world: World, mirror: Mirror, mirror_path: Path
) -> None:
    first = world.remote.commit({"c": "c\n"}, world.base, message="same")
    second = world.remote.commit({}, first, message="empty")
    head = world.remote.commit({"d": "d\n"}, second, message="new")
    onto = world.remote.commit({"c": "c\n"}, world.base, branch="main", message="the same before")
    mirror.fetch("main", [head])
    commit = commit_of(mirror.merge(onto, change(head), MergeMethod.REBASE))

    assert history(mirror_path, f"{onto}..{commit}", "%s") == ["empty", "new"]


def test_a_rebase_without_its_merges_comes_to_the_same_files(world: World, mirror: Mirror, mirror_path: Path) -> None:
    first = world.remote.commit({"c": "c\n"}, world.base, message="one")
    onto = world.remote.commit({"b": "changed\n"}, world.base, branch="main")
    updated = world.remote.commit({"b": "changed\n"}, first, onto, message="update from main")
    head = world.remote.commit({"d": "d\n"}, updated, message="two")
    mirror.fetch("main", [head])
    result = mirror.merge(onto, change(head), MergeMethod.REBASE)

    assert history(mirror_path, f"{onto}..{commit_of(result)}", "%s") == ["one", "two"]
    assert isinstance(result, Merged)
    assert result.tree == mirror.tree(head)


def test_a_resolution_that_only_a_merge_holds_is_a_conflict_for_a_rebase_and_not_lost(
    world: World, mirror: Mirror
) -> None:
    first = world.remote.commit({"c": "c\n"}, world.base)
    other = world.remote.commit({"d": "d\n"}, world.base, branch="side")
    head = world.remote.commit({"d": "d\n", "only-in-the-merge": "x\n"}, first, other)
    mirror.fetch("main", [head])

    assert mirror.merge(world.base, change(head), MergeMethod.REBASE) == Conflict(("only-in-the-merge",))
    assert isinstance(mirror.merge(world.base, change(head), MergeMethod.MERGE), Merged)


@pytest.mark.parametrize("method", METHODS)
def test_a_conflict_names_its_files_sorted(world: World, mirror: Mirror, method: MergeMethod) -> None:
    head = world.remote.commit({"b": "mine\n", "a": "one\nmine\nthree\n", "c": "c"}, world.base)
    onto = world.remote.commit({"a": "one\ntheirs\nthree\n", "b": None}, world.base, branch="main")
    mirror.fetch("main", [head])

    assert mirror.merge(onto, change(head), method) == Conflict(("a", "b"))


@pytest.mark.parametrize("method", METHODS)
def test_a_conflict_in_an_oddly_named_file_names_it(world: World, mirror: Mirror, method: MergeMethod) -> None:
    head = world.remote.commit({'tab\\tquote\\" ünï\\nline': "mine"}, world.base)
    onto = world.remote.commit({'tab\\tquote\\" ünï\\nline': "theirs"}, world.base, branch="main")
    mirror.fetch("main", [head])

    assert mirror.merge(onto, change(head), method) == Conflict(('tab\tquote" ünï\nline',))


@pytest.mark.parametrize("method", METHODS)
def test_a_head_that_is_contained_merges_to_the_commit_below(world: World, mirror: Mirror, method: MergeMethod) -> None:
    tip = world.remote.commit({"c": "c"}, world.base, branch="main")
    mirror.fetch("main", [])

    assert mirror.merge(tip, change(world.base), method) == Merged(tip, mirror.tree(tip), 0)
    assert mirror.merge(tip, change(tip), method) == Merged(tip, mirror.tree(tip), 0)


@pytest.mark.parametrize("method", METHODS)
def test_a_head_without_common_history_is_a_conflict_that_says_so(
    world: World, mirror: Mirror, method: MergeMethod
) -> None:
    head = world.remote.commit({"z": "z"}, branch="orphan")
    mirror.fetch("main", [head])

    assert mirror.merge(world.base, change(head), method) == Conflict((UNRELATED,))


@pytest.mark.parametrize("method", METHODS)
def test_a_pull_request_that_brings_in_a_foreign_history_merges(
    world: World, mirror: Mirror, method: MergeMethod
) -> None:
    root = world.remote.commit({"z": "z\n"}, branch="orphan")
    head = world.remote.commit({"z": "z\n"}, world.base, root)
    mirror.fetch("main", [head])
    result = mirror.merge(world.base, change(head), method)

    assert isinstance(result, Merged)
    assert result.tree == mirror.tree(head)


@pytest.mark.parametrize("method", METHODS)
def test_a_renamed_directory_does_not_lose_a_change(
    world: World, mirror: Mirror, mirror_path: Path, method: MergeMethod
) -> None:
    head = world.remote.commit({"a": "one\ntwo\nthree\nfour\n"}, world.base)
    onto = world.remote.commit({"a": None, "renamed": "one\ntwo\nthree\n"}, world.base, branch="main")
    mirror.fetch("main", [head])
    commit = commit_of(mirror.merge(onto, change(head), method))

    assert git(mirror_path, "show", f"{commit}:renamed") == "one\ntwo\nthree\nfour"


@pytest.mark.parametrize("method", METHODS)
def test_dates_never_go_back_and_a_date_that_cannot_be_is_not_believed(
    world: World, mirror: Mirror, mirror_path: Path, method: MergeMethod
) -> None:
    onto = world.remote.commit({"b": "changed\n"}, world.base, branch="main", date=START + 500)
    head = world.remote.commit({"c": "c\n"}, world.base, date=99_999_999_999)
    mirror.fetch("main", [head])
    commit = commit_of(mirror.merge(onto, change(head), method))

    assert git(mirror_path, "log", "-1", "--format=%ct", commit) == str(START + 500)


@pytest.mark.parametrize("method", METHODS)
def test_a_commit_that_is_not_here_is_named(world: World, mirror: Mirror, method: MergeMethod) -> None:
    mirror.fetch("main", [])
    absent = CommitSha("ab" * 20)

    with pytest.raises(GitError, match=absent):
        mirror.merge(world.base, change(absent), method)


@pytest.mark.parametrize(
    "identifier", ["HEAD", "main", "--help", "ab", "AB" * 20, "", "ab" * 20 + "^", "ab" * 20 + "\n"]
)
def test_only_full_object_ids_are_taken(world: World, mirror: Mirror, identifier: str) -> None:
    with pytest.raises(GitError, match="no full object id"):
        mirror.merge(world.base, change(CommitSha(identifier)), MergeMethod.MERGE)


def test_a_batch_grows_commit_by_commit(world: World, mirror: Mirror, mirror_path: Path) -> None:
    heads = [world.remote.commit({f"f{n}": "x"}, world.base, branch=f"t{n}") for n in range(3)]
    onto = mirror.fetch("main", heads)
    for number, head in enumerate(heads):
        onto = commit_of(mirror.merge(onto, change(head, number=number), MergeMethod.MERGE))

    assert git(mirror_path, "ls-tree", "--name-only", onto).split() == ["a", "b", "f0", "f1", "f2"]
    assert mirror.contains(onto, heads[0])
    assert not mirror.contains(heads[0], heads[1])


def test_the_commit_that_carries_a_tree_is_the_branch_s_own_and_not_the_head_it_merged(
    world: World, mirror: Mirror
) -> None:
    head = world.remote.commit({"c": "c"}, world.base)
    mirror.fetch("main", [head])
    merged = mirror.merge(world.base, change(head), MergeMethod.MERGE)
    assert isinstance(merged, Merged)
    later = commit_of(mirror.merge(merged.commit, change(_other(world, mirror)), MergeMethod.MERGE))

    assert merged.tree == mirror.tree(head)
    assert mirror.commit_with_tree(merged.tree, after=world.base, until=later, besides=head) == merged.commit
    assert mirror.commit_with_tree(merged.tree, after=merged.commit, until=later, besides=head) is None


def _other(world: World, mirror: Mirror) -> CommitSha:
    head = world.remote.commit({"z": "z"}, world.base, branch="other")
    mirror.fetch("main", [head])
    return head


def test_a_commit_that_was_merged_into_somebody_s_branch_is_still_found(world: World, mirror: Mirror) -> None:
    landed = world.remote.commit({"c": "c"}, world.base, branch="main")
    theirs = world.remote.commit({"d": "d"}, world.base, branch="theirs")
    turned = world.remote.commit({"c": "c"}, theirs, landed, branch="main")
    mirror.fetch("main", [])

    found = mirror.commit_with_tree(mirror.tree(landed), after=world.base, until=turned, besides=GONE)

    assert found == landed


def test_a_head_that_was_merged_with_something_else_is_not_taken_for_what_was_to_land(
    world: World, mirror: Mirror
) -> None:
    head = world.remote.commit({"c": "c"}, world.base)
    slipped_in = world.remote.commit({"d": "d"}, world.base, branch="main")
    merged = world.remote.commit({"c": "c"}, slipped_in, head, branch="main")
    mirror.fetch("main", [])

    assert mirror.commit_with_tree(mirror.tree(head), after=world.base, until=merged, besides=head) is None
