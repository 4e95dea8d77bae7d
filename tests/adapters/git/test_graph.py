"""What a branch has and other commits have not, whatever first parents say."""

from tasks.code_store import Mirror
from tests.adapters.git.conftest import World


def test_every_commit_that_is_reached_is_told_with_its_parents_and_behind_them(world: World, mirror: Mirror) -> None:
    one = world.remote.commit({"one": "1\n"}, world.base, branch="one")
    two = world.remote.commit({"two": "2\n"}, one, branch="one")
    other = world.remote.commit({"other": "o\n"}, world.base, branch="other")
    mirror.fetch("main", [two, other])

    graph = mirror.graph(known=[world.base], until=two)

    assert dict(graph) == {one: (world.base,), two: (one,)}
    assert list(graph) == [one, two]
    assert dict(mirror.graph(known=[one, other], until=two)) == {two: (one,)}
    assert dict(mirror.graph(known=[two], until=two)) == {}
