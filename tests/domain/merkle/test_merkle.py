"""The tree against the definition of its standard, and against the vectors that every implementation is held to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.merkle import EMPTY_ROOT, Hash, Peaks, Tree, includes, leaf_hash, node_hash

# Certificate Transparency's own: eight entries, and the root of the first one, two, three, …
ENTRIES = [
    bytes.fromhex(each)
    for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
MOST = 40


def leaves(count: int) -> list[Hash]:
    return [leaf_hash(bytes([number])) for number in range(count)]


def grown(given: list[Hash]) -> Peaks:
    peaks = Peaks()
    for each in given:
        peaks.add(each)
    return peaks


def defined(given: list[Hash]) -> Hash:
    """RFC 9162, section 2.1.1, word by word."""
    if len(given) <= 1:
        return given[0] if given else EMPTY_ROOT
    half = 1
    while half * 2 < len(given):
        half *= 2
    return node_hash(defined(given[:half]), defined(given[half:]))


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert grown(list(map(leaf_hash, ENTRIES[:size]))).root().hex() == ROOTS[size - 1]


@pytest.mark.parametrize("size", range(MOST))
def test_a_root_is_what_the_standard_defines_however_much_of_it_is_known_by_peaks_alone(size: int) -> None:
    every = leaves(size)

    assert {Tree(grown(every[:known]), every[known:]).root() for known in range(size + 1)} == {defined(every)}
    assert grown(every).root() == defined(every)


@given(st.integers(1, MOST).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_every_leaf_is_proven_at_its_place_and_at_no_other(case: tuple[int, int]) -> None:
    size, index = case
    every = leaves(size)
    root, path = defined(every), Tree(Peaks(), every).inclusion(index)
    places = [place for place in range(-1, size + 2) if includes(root, size, place, every[index], path)]

    assert places == [index]


@given(st.integers(2, MOST).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))), st.data())
def test_no_path_that_was_changed_proves_anything(case: tuple[int, int], data: st.DataObject) -> None:
    size, index = case
    every = leaves(size)
    root, path = defined(every), list(Tree(Peaks(), every).inclusion(index))
    at = data.draw(st.integers(0, len(path) - 1))
    changed = bytes([path[at][0] ^ 1]) + path[at][1:]
    spoilt = [path[:at] + path[at + 1 :], path + path[at:], [*path[:at], changed, *path[at + 1 :]], [path[at], *path]]

    assert not any(includes(root, size, index, every[index], each) for each in spoilt)
    assert not includes(root, size, index, leaf_hash(b"another"), path)


@pytest.mark.parametrize("size", range(1, 20))
def test_what_is_known_by_peaks_alone_proves_the_leaves_behind_it_all_the_same(size: int) -> None:
    every = leaves(size)
    whole = Tree(Peaks(), every)
    for known in range(size):
        tree = Tree(grown(every[:known]), every[known:])

        assert [tree.inclusion(index) for index in range(known, size)] == [
            whole.inclusion(index) for index in range(known, size)
        ]
        assert tree.peaks() == grown(every)


def test_a_leaf_that_is_not_there_or_known_by_a_peak_alone_is_not_proven() -> None:
    tree = Tree(grown(leaves(3)), leaves(5)[3:])

    for index in (-1, 2, 5):
        with pytest.raises(ValueError, match=f"leaf {index} is not among 3 to 4"):
            tree.inclusion(index)


def test_peaks_that_do_not_fit_their_size_make_no_tree() -> None:
    with pytest.raises(ValueError, match="1 peaks are not those of 3 leaves"):
        Tree(Peaks(3, leaves(1)))


def test_a_leaf_is_never_taken_for_a_node() -> None:
    left, right = leaves(2)

    assert leaf_hash(left + right) != node_hash(left, right)
