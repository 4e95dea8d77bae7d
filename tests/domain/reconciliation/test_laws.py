"""Whatever people do to a branch in whatever order, each commit has one answer, and it is the one that is due."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.model import CommitSha
from tests.domain.branch import Branch

Expected = dict[CommitSha, str]


def new(main: Branch, before: CommitSha) -> set[CommitSha]:
    return main.behind(main.tip) - main.behind(before)


def hub_lands(main: Branch, length: int, number: int) -> Expected:
    before = main.tip
    main.lands(main.line(length))
    return dict.fromkeys(new(main, before), "hub")


def pushed_directly(main: Branch, length: int, number: int) -> Expected:
    before = main.tip
    main.moves_to(main.line(length, by="mallory"), "mallory")
    return dict.fromkeys(new(main, before), "direct-push")


def foxtrot(main: Branch, length: int, number: int) -> Expected:
    """Begun at the very beginning, so that all that landed since is off the first-parent line."""
    before = main.tip
    own = main.line(length, main.start, by="mallory")
    main.moves_to(main.commit(own, main.tip, adds=(), by="mallory"), "mallory")
    return dict.fromkeys(new(main, before), "direct-push")


def merged(main: Branch, length: int, number: int) -> Expected:
    return _by_a_person(main, length, number, "bob", squash=False)


def squashed(main: Branch, length: int, number: int) -> Expected:
    return _by_a_person(main, length, number, "bob", squash=True)


def merged_alone(main: Branch, length: int, number: int) -> Expected:
    return _by_a_person(main, length, number, "alice", squash=False)


def squashed_with_something(main: Branch, length: int, number: int) -> Expected:
    before, head = main.tip, main.line(length)
    main.proposed(head, "bob", number=number)
    landed = main.moves_to(main.commit(adds={*main.trees[head], f"backdoor {number}"}))
    main.merged(number, landed)
    return dict.fromkeys(new(main, before), "altered-merge")


def _by_a_person(main: Branch, length: int, number: int, approver: str, *, squash: bool) -> Expected:
    before, head = main.tip, main.line(length)
    main.proposed(head, approver, number=number)
    made = main.commit(adds=main.trees[head]) if squash else main.commit(main.tip, head, adds=(), by=None)
    main.merged(number, main.moves_to(made))
    return dict.fromkeys(new(main, before), "compliant-human" if approver == "bob" else "unapproved-merge")


ACTS: tuple[Callable[[Branch, int, int], Expected], ...] = (
    hub_lands,
    pushed_directly,
    foxtrot,
    merged,
    squashed,
    merged_alone,
    squashed_with_something,
)


@given(tells=st.booleans(), acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 3)), max_size=8))
def test_every_commit_has_one_answer_and_it_is_due(
    tells: bool,  # noqa: FBT001 -- hypothesis passes it by its name
    acts: list[tuple[Callable[[Branch, int, int], Expected], int]],
) -> None:
    main, expected = Branch(tells=tells), dict[CommitSha, str]()
    for number, (act, length) in enumerate(acts, 1):
        expected |= act(main, length, number)

    assert main.standings() == expected
    assert set(expected) == main.behind(main.tip) - main.behind(main.start)


@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 3)), max_size=6), cut=st.integers(0, 6))
def test_looking_twice_finds_what_looking_once_does(
    acts: list[tuple[Callable[[Branch, int, int], Expected], int]], cut: int
) -> None:
    main, seen = Branch(tells=False), dict[CommitSha, str]()
    beginning = main.start
    for number, (act, length) in enumerate(acts, 1):
        if number == cut:
            seen, main.start = main.standings(), main.tip
        act(main, length, number)
    in_two = seen | main.standings()
    main.start = beginning

    assert in_two == main.standings()
