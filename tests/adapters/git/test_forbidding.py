from pathlib import Path

import pytest

from tasks.code_store import Mirror
from tests.adapters.git.conftest import World
from tests.adapters.git.remote import INTO_GIT


def left_of(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


@pytest.mark.parametrize("path", [*INTO_GIT, f"x/{'long' * 64}", "/".join(["deep"] * 700)])
def test_a_path_that_no_checkout_may_hold_is_named(world: World, mirror: Mirror, path: str) -> None:
    harmless, head = world.remote.commit({"c": "c\n"}, world.base), world.remote.odd_commit(path, world.base)
    mirror.fetch("main", [harmless, head])
    before = left_of(world.mirror_path().parent)

    assert mirror.forbidden_paths(world.base, [harmless, head]) == {head: (path,)}
    assert left_of(world.mirror_path().parent) == before


def test_a_link_in_the_place_of_the_list_of_submodules_is_forbidden(world: World, mirror: Mirror) -> None:
    head = world.remote.odd_commit(".gitmodules", world.base, mode="120000")
    mirror.fetch("main", [head])

    assert mirror.forbidden_paths(world.base, [head]) == {head: (".gitmodules",)}


def test_what_two_heads_have_in_each_others_place_is_not_forbidden(world: World, mirror: Mirror) -> None:
    file = world.remote.commit({"x": "a file\n"}, world.base)
    folder = world.remote.commit({"x/y": "in a folder\n"}, world.base)
    mirror.fetch("main", [file, folder])

    assert mirror.forbidden_paths(world.base, [file, folder]) == {}


@pytest.mark.parametrize(
    "path", [".gitignore", ".github/workflows/ci.yml", "a b\tc", "git/hooks/x", "\u00e4\u4e16", "-x", "l" * 255]
)
def test_a_path_that_only_looks_strange_is_allowed(world: World, mirror: Mirror, path: str) -> None:
    head = world.remote.odd_commit(path, world.base)
    mirror.fetch("main", [head])

    assert mirror.forbidden_paths(world.base, [head]) == {}


def test_what_is_on_the_target_already_is_not_held_against_anybody(world: World, mirror: Mirror) -> None:
    bad = world.remote.odd_commit(".git/config", world.base)
    head = world.remote.commit({"c": "c\n"}, bad)
    mirror.fetch("main", [bad, head])

    assert mirror.forbidden_paths(bad, [head, bad]) == {}


def test_nothing_is_asked_about_nothing(mirror: Mirror, world: World) -> None:
    mirror.fetch("main", [])

    assert mirror.forbidden_paths(world.base, []) == {}
