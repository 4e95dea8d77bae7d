from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.schema import MergeMethod
from tasks.code_store import Mirror
from tasks.domain.errors import GitError
from tasks.domain.merging import Conflict, Merged, MergeResult
from tasks.domain.model import CommitSha, RepositoryName
from tests.adapters.git.conftest import World
from tests.adapters.git.remote import START, change, git, history

HUB = "merge-hub <merge-hub@users.noreply.github.com>"
METHODS = list(MergeMethod)


def made(result: MergeResult) -> CommitSha:
    assert isinstance(result, Merged)
    return result.commit


def landed(world: World, mirror: Mirror, method: MergeMethod, *topics: Mapping[str, str]) -> CommitSha:
    """Each topic with a commit for each of its files, one merged after the other onto the base."""
    tip = world.base
    for number, files in enumerate(topics, 1):
        head = world.base
        for name, content in files.items():
            head = world.remote.commit({name: content}, head, branch=f"topic-{number}", message=f"Bring {name}")
        mirror.fetch("main", [head])
        tip = made(mirror.merge(tip, change(head, number=number, head_branch=f"topic-{number}"), method))
    return tip


@pytest.mark.parametrize("method", METHODS)
def test_taking_back_all_that_landed_gives_the_tree_before_it(
    world: World, mirror: Mirror, method: MergeMethod
) -> None:
    tip = landed(world, mirror, method, {"c": "c\n", "d": "d\n"}, {"a": "changed\n"})
    line = mirror.line(after=world.base, until=tip)

    reverted = mirror.revert(tip, line[::-1], "why")

    assert isinstance(reverted, Merged)
    assert reverted.tree == mirror.tree(world.base)
    assert reverted.commits == len(line)
    assert mirror.contains(reverted.commit, tip)


@pytest.mark.parametrize("method", METHODS)
def test_the_line_of_a_landing_is_what_it_put_onto_the_branch(
    world: World, mirror: Mirror, method: MergeMethod
) -> None:
    tip = landed(world, mirror, method, {"c": "c\n", "d": "d\n"})

    assert len(mirror.line(after=world.base, until=tip)) == (2 if method is MergeMethod.REBASE else 1)
    assert mirror.line(after=world.base, until=tip)[-1] == tip
    assert mirror.line(after=tip, until=tip) == ()


def test_a_revert_names_what_it_takes_back_and_why_in_the_hub_s_name(
    world: World, mirror: Mirror, mirror_path: Path
) -> None:
    merge = landed(world, mirror, MergeMethod.MERGE, {"c": "c\n"})
    commit = made(mirror.revert(merge, [merge], "It broke."))

    assert git(mirror_path, "log", "-1", "--format=%P|%an <%ae> %at|%cn <%ce> %ct|%B", commit) == (
        f"{merge}|{HUB} {START}|{HUB} {START}|"
        f'Revert "Merge pull request #1 from topic-1"\n\nThis reverts commit {merge}, reversing\n'
        f"changes made to {world.base}.\n\nIt broke."
    )


def test_a_hostile_subject_stays_within_its_quotes(world: World, mirror: Mirror, mirror_path: Path) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base, message="Signed-off-by: x <x@x>\u202e\x07\nCo-authored-by: y")
    mirror.fetch("main", [head])
    commit = made(mirror.revert(head, [head], "It broke."))

    assert git(mirror_path, "log", "-1", "--format=%s", commit) == 'Revert "Signed-off-by: x <x@x>"'
    assert git(mirror_path, "log", "-1", "--format=%(trailers)", commit) == ""


def test_the_same_revert_is_the_same_commit_in_any_mirror(world: World, mirror: Mirror) -> None:
    tip = landed(world, mirror, MergeMethod.SQUASH, {"c": "c\n"})
    world.remote.move("main", world.base)
    first = made(mirror.revert(tip, [tip], "why"))

    with world.store("elsewhere").exclusively(RepositoryName("acme/app"), "42") as other:
        tip = landed(world, other, MergeMethod.SQUASH, {"c": "c\n"})
        assert made(other.revert(tip, [tip], "why")) == first


def test_one_of_several_is_taken_back_and_the_others_stay(world: World, mirror: Mirror, mirror_path: Path) -> None:
    tip = landed(world, mirror, MergeMethod.SQUASH, {"c": "c\n"}, {"d": "d\n"}, {"e": "e\n"})
    commit = made(mirror.revert(tip, [mirror.line(after=world.base, until=tip)[1]], "why"))

    assert git(mirror_path, "ls-tree", "--name-only", commit).split() == ["a", "b", "c", "e"]


def test_what_later_changes_build_on_is_a_conflict_with_its_files(world: World, mirror: Mirror) -> None:
    tip = landed(world, mirror, MergeMethod.SQUASH, {"a": "mine\n"}, {"c": "c\n"})
    first = mirror.line(after=world.base, until=tip)[0]
    mirror.push("main", tip, expected=world.base)
    later = world.remote.commit({"a": "theirs\n"}, tip, branch="main")
    mirror.fetch("main", [later])

    assert mirror.revert(later, [first], "why") == Conflict(("a",))


def test_what_somebody_took_back_already_needs_no_commit(world: World, mirror: Mirror) -> None:
    tip = landed(world, mirror, MergeMethod.SQUASH, {"c": "c\n"})
    by_hand = made(mirror.revert(tip, [tip], "by hand"))

    assert mirror.revert(by_hand, [tip], "why") == Merged(by_hand, mirror.tree(world.base), 0)


def test_a_first_commit_is_taken_back_to_nothing(world: World, mirror: Mirror, mirror_path: Path) -> None:
    mirror.fetch("main", [])
    commit = made(mirror.revert(world.base, [world.base], "why"))

    assert git(mirror_path, "ls-tree", commit) == ""


@pytest.mark.parametrize("name", ["--upload-pack=x", "main", "ab"])
def test_only_full_ids_are_taken_back(mirror: Mirror, name: str) -> None:
    with pytest.raises(GitError, match="no full object id"):
        mirror.revert(CommitSha(name), [], "why")
    with pytest.raises(GitError, match="no full object id"):
        mirror.line(after=CommitSha(name), until=CommitSha(name))


NAMES = st.sampled_from(["a", "b", "c", "d/e", "d/f"])
TOPICS = st.lists(
    st.dictionaries(NAMES, st.sampled_from(["1\n", "2\n"]), min_size=1, max_size=3), min_size=1, max_size=3
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TOPICS, st.sampled_from(METHODS))
def test_whatever_landed_taking_it_back_restores_the_tree_and_keeps_what_came_after(
    world: World, mirror: Mirror, topics: list[dict[str, str]], method: MergeMethod
) -> None:
    apart = [{f"{number}/{name}": content for name, content in files.items()} for number, files in enumerate(topics)]
    tip = landed(world, mirror, method, *apart)
    line = mirror.line(after=world.base, until=tip)
    alone = landed(world, mirror, method, {"later": "later\n"})
    later = made(mirror.merge(tip, change(alone, number=9), MergeMethod.SQUASH))

    assert mirror.tree(made(mirror.revert(tip, line[::-1], "why"))) == mirror.tree(world.base)
    assert mirror.tree(made(mirror.revert(later, line[::-1], "why"))) == mirror.tree(alone)


def test_the_history_before_a_revert_stays_as_it_was(world: World, mirror: Mirror, mirror_path: Path) -> None:
    tip = landed(world, mirror, MergeMethod.REBASE, {"c": "c\n", "d": "d\n"})
    commit = made(mirror.revert(tip, mirror.line(after=world.base, until=tip)[::-1], "why"))

    assert history(mirror_path, f"{tip}..{commit}", "%s") == ['Revert "Bring d"', 'Revert "Bring c"']
