"""What is the same after a rebase, and what only looks so; each remote has a target that went on meanwhile."""

import pytest

from tasks.adapters.git import content
from tasks.code_store import Mirror
from tasks.domain.content import bring_the_same
from tasks.domain.model import CommitSha
from tests.adapters.git.conftest import World
from tests.adapters.git.remote import Files, git

LINES = "".join(f"line {number}\n" for number in range(30))
TWINS = "def one():\n    a\n    b\n    c\n\n\ndef two():\n    a\n    b\n    c\n"


def same(world: World, mirror: Mirror, earlier: CommitSha, head: CommitSha) -> bool:
    target = mirror.fetch("main", [earlier, head])
    now = mirror.brought(target, head)
    moved = None if now is None else mirror.merged_tree(now.base, earlier)
    return bring_the_same(mirror.brought(target, earlier), now, moved)


def target_goes_on(world: World, files: Files) -> CommitSha:
    return world.remote.commit(files, world.remote.tip(), branch="main")


def test_a_rebase_onto_what_came_meanwhile_is_the_same(world: World, mirror: Mirror) -> None:
    earlier = world.remote.commit({"c": "c\n", "b": "B\n"}, world.base)
    onto = target_goes_on(world, {"other": "x\n"})
    head = world.remote.commit({"c": "c\n", "b": "B\n"}, onto, date=1_700_009_999)

    assert same(world, mirror, earlier, head)


def test_a_rebase_that_moves_lines_down_is_the_same(world: World, mirror: Mirror) -> None:
    start = target_goes_on(world, {"long": LINES})
    earlier = world.remote.commit({"long": LINES.replace("line 20", "LINE 20")}, start)
    onto = target_goes_on(world, {"long": f"first\n{LINES}"})
    head = world.remote.commit({"long": f"first\n{LINES}".replace("line 20", "LINE 20")}, onto)

    assert same(world, mirror, earlier, head)


def test_commits_made_one_are_the_same(world: World, mirror: Mirror) -> None:
    first = world.remote.commit({"c": "c\n"}, world.base)
    earlier = world.remote.commit({"d": "d\n"}, first)
    head = world.remote.commit({"c": "c\n", "d": "d\n"}, world.base, message="both")

    assert same(world, mirror, earlier, head)


def test_a_merge_of_the_target_that_changes_nothing_else_is_the_same(world: World, mirror: Mirror) -> None:
    earlier = world.remote.commit({"c": "c\n"}, world.base)
    onto = target_goes_on(world, {"other": "x\n"})
    head = world.remote.commit({"other": "x\n"}, earlier, onto)

    assert same(world, mirror, earlier, head)


def changed(world: World, files: Files, now: Files) -> tuple[CommitSha, CommitSha]:
    """Approved with `files`, rebased with `now`."""
    earlier = world.remote.commit(files, world.base)
    return earlier, world.remote.commit(now, target_goes_on(world, {"other": "x\n"}))


@pytest.mark.parametrize(
    ("files", "now"),
    [
        pytest.param({"c": "c\n"}, {"c": "C\n"}, id="another line"),
        pytest.param({"c": "if x:\n    y\n"}, {"c": "if x:\n  y\n"}, id="another indentation"),
        pytest.param({"c": "c\n"}, {"c": "c"}, id="no line end"),
        pytest.param({"c": "c\n"}, {"c": "c\n", "d": "d\n"}, id="one file more"),
        pytest.param({"c": "c\n", "d": "d\n"}, {"c": "c\n"}, id="one file less"),
        pytest.param({"c": "c\n"}, {"d": "c\n"}, id="another name"),
        pytest.param({"c": "\0a"}, {"c": "\0b"}, id="a binary file that differs"),
        pytest.param({"b": None}, {"b": "B\n"}, id="a file changed instead of deleted"),
    ],
)
def test_what_is_changed_while_it_is_rebased_is_not_the_same(
    world: World, mirror: Mirror, files: Files, now: Files
) -> None:
    earlier, head = changed(world, files, now)

    assert not same(world, mirror, earlier, head)


def test_an_attribute_that_hides_a_difference_hides_nothing(world: World, mirror: Mirror) -> None:
    hiding = {".gitattributes": "* -diff\n"}
    earlier, head = changed(world, {"c": "c\n", **hiding}, {"c": "C\n", **hiding})

    assert not same(world, mirror, earlier, head)


def test_a_merge_of_the_target_with_an_edit_of_its_own_is_not_the_same(world: World, mirror: Mirror) -> None:
    earlier = world.remote.commit({"c": "c\n"}, world.base)
    onto = target_goes_on(world, {"other": "x\n"})
    head = world.remote.commit({"other": "x\n", "b": "backdoor\n"}, earlier, onto)

    assert not same(world, mirror, earlier, head)


def test_what_resolves_a_conflict_with_the_target_is_not_the_same(world: World, mirror: Mirror) -> None:
    earlier = world.remote.commit({"b": "mine\n"}, world.base)
    onto = target_goes_on(world, {"b": "theirs\n"})
    head = world.remote.commit({"b": "mine\n"}, onto)

    assert not same(world, mirror, earlier, head)


def test_the_same_change_in_a_place_that_looks_alike_is_not_the_same(world: World, mirror: Mirror) -> None:
    start = target_goes_on(world, {"twins": TWINS})
    one, two = TWINS.replace("b\n", "evil\n", 1), TWINS[::-1].replace("\nb", "\nlive", 1)[::-1]
    earlier = world.remote.commit({"twins": one}, start)
    head = world.remote.commit({"twins": two}, target_goes_on(world, {"other": "x\n"}))

    assert one != two
    assert not same(world, mirror, earlier, head)


def test_what_changes_nothing_is_the_same_as_nothing(world: World, mirror: Mirror) -> None:
    earlier = world.remote.commit({}, world.base, message="empty")
    head = world.remote.commit({}, target_goes_on(world, {"other": "x\n"}), message="empty")

    assert not same(world, mirror, earlier, head)


def test_what_has_no_place_in_common_with_the_target_brings_nothing_known(world: World, mirror: Mirror) -> None:
    alone = world.remote.commit({"c": "c\n"}, branch="alone")
    target = mirror.fetch("main", [alone])

    assert mirror.brought(target, alone) is None


def test_too_much_to_compare_is_unknown(world: World, mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier, head = changed(world, {"c": "c\n" * 50}, {"c": "c\n" * 50})
    monkeypatch.setattr(content, "LARGEST", 99)

    assert not same(world, mirror, earlier, head)


def test_a_head_that_was_pushed_over_is_still_brought_here_by_its_id(world: World, mirror: Mirror) -> None:
    earlier, head = changed(world, {"c": "c\n"}, {"c": "c\n"})

    assert git(world.remote.path, "for-each-ref", "--contains", earlier) == ""
    assert same(world, mirror, earlier, head)
