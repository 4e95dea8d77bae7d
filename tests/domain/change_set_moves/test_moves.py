import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.change_set_moves import (
    Break,
    LandPart,
    Move,
    Progress,
    Stop,
    TakeBack,
    next_move,
    remedy_for,
)
from tasks.domain.change_set_records import Announcement, Part, Standing
from tasks.domain.model import RepositoryName
from tests.domain.builders import BASE, candidate, sha

API, WEB, DOCS = (
    Part("team", RepositoryName(f"acme/{name}"), name, ((1, sha(1)),), BASE, candidate(1).commit, candidate(1).tree)
    for name in ("api", "web", "docs")
)
SET = Announcement("pay-1", (API, WEB, DOCS))


def move(*landed: Part, standing: Standing = Standing.INTENT, failed: Part | None = None, back: bool = True) -> Move:
    told = None if failed is None else (failed, "it is red")
    return next_move(SET, Progress(standing, landed, (), told), compensate=back)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (move(), LandPart(API)),
        (move(API), LandPart(WEB)),
        (move(WEB, API), LandPart(DOCS)),
        (move(API, WEB, DOCS), Stop.COMPLETE),
        (move(failed=API), Stop.GIVEN_UP),
        (move(API, failed=WEB), Break()),
        (move(API, failed=WEB, back=False), Break()),
        (move(API, WEB, standing=Standing.BROKEN, failed=DOCS), TakeBack(WEB)),
        (move(API, standing=Standing.BROKEN), TakeBack(API)),
        (move(API, standing=Standing.BROKEN, failed=API), Stop.LEFT),
        (move(API, standing=Standing.BROKEN, back=False), Stop.LEFT),
        (move(standing=Standing.BROKEN), Stop.COMPENSATED),
        (move(API, WEB, DOCS, standing=Standing.BROKEN), Stop.COMPLETE),
    ],
)
def test_what_is_done_next_follows_from_what_has_landed(found: Move, expected: Move) -> None:
    assert found == expected


def test_an_announcement_binds_nobody_once_another_one_was_made_in_its_place() -> None:
    assert Progress(Standing.INTENT, ()).void
    assert Progress(Standing.INTENT, (API, WEB), superseded=True).void
    assert Progress(Standing.INTENT, (API,), apart=(API,)).void


@pytest.mark.parametrize(
    "progress",
    [
        Progress(Standing.INTENT, (API,)),
        Progress(Standing.INTENT, (API, WEB), apart=(API,)),
        Progress(Standing.INTENT, (), (API,)),
        Progress(Standing.BROKEN, (), superseded=True),
    ],
)
def test_an_announcement_of_which_something_came_binds(progress: Progress) -> None:
    assert not progress.void


class World:
    """Carries moves out, with parts that cannot land or be taken back, and dies after some of them."""

    def __init__(self, stubborn: frozenset[Part], stuck: frozenset[Part], deaths: frozenset[int]) -> None:
        self.stubborn, self.stuck, self.deaths = stubborn, stuck, deaths
        self.landed: list[Part] = []
        self.standing = Standing.INTENT
        self.steps = 0

    def run(self, *, compensate: bool) -> Move:
        progress = Progress(self.standing, tuple(self.landed))
        while True:
            found = next_move(SET, progress, compensate=compensate)
            self.steps += 1
            if isinstance(found, LandPart | TakeBack):
                self._work(found)
                progress = Progress(self.standing, tuple(self.landed)).after(found, "it is red")
            elif isinstance(found, Break):
                self.standing = Standing.BROKEN
                progress = Progress(self.standing, tuple(self.landed))
            elif self.steps not in self.deaths:
                return found
            if self.steps in self.deaths:
                progress = Progress(self.standing, tuple(self.landed))

    def _work(self, found: LandPart | TakeBack) -> None:
        if isinstance(found, LandPart) and found.part not in self.stubborn:
            self.landed.append(found.part)
        if isinstance(found, TakeBack) and found.part not in self.stuck:
            assert found.part == self.landed[-1]
            self.landed.remove(found.part)


SOME = st.frozensets(st.sampled_from([API, WEB, DOCS]))


@given(SOME, SOME, st.frozensets(st.integers(1, 9)), st.booleans())
def test_never_is_a_part_of_a_set_left_on_the_branches_unless_it_cannot_be_taken_back_or_shall_not(
    stubborn: frozenset[Part],
    stuck: frozenset[Part],
    deaths: frozenset[int],
    compensate: bool,  # noqa: FBT001 -- hypothesis gives it
) -> None:
    world = World(stubborn, stuck, deaths)

    end = world.run(compensate=compensate)

    assert (end is Stop.COMPLETE) == (world.landed == [API, WEB, DOCS])
    assert (end is Stop.LEFT) == (world.landed not in ([], [API, WEB, DOCS]))
    assert end is not Stop.LEFT or not compensate or world.landed[-1] in stuck
    assert bool(stubborn) == (end is not Stop.COMPLETE)


def test_what_has_landed_is_to_be_taken_back_in_reverse() -> None:
    assert remedy_for((API, WEB), compensate=False).endswith("in this order: acme/web #1, then acme/api #1")
    assert remedy_for((API,), compensate=True).startswith("What has landed is taken back: acme/api #1")
