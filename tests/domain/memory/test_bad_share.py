"""How many pull requests of a repository its gates refuse, as far as the log tells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.memory import JUDGED_LATELY, Memory, recall
from tests.domain.builders import pull_request
from tests.domain.memory.test_memory import landed, refused


def test_one_in_twenty_is_thought_bad_where_nothing_is_known() -> None:
    assert Memory().bad_share == 0.05


def test_every_head_that_landed_or_was_refused_counts_once() -> None:
    bad, good = pull_request(1), pull_request(2)

    memory = recall([refused(bad), refused(bad), *landed(good)])

    assert memory.judged == (True, False)
    assert memory.bad_share == pytest.approx((1 + 1) / (20 + 2))


def test_a_head_that_was_refused_and_landed_when_asked_again_was_not_bad() -> None:
    pull = pull_request(1)

    assert recall([refused(pull), *landed(pull)]).judged == (False,)


@given(judged=st.lists(st.booleans()), lately=st.booleans())
def test_only_the_latest_count_and_nothing_is_ever_certain(*, judged: list[bool], lately: bool) -> None:
    memory = Memory(judged=(*judged, *[lately] * JUDGED_LATELY))

    assert memory.bad_share == Memory(judged=(lately,) * JUDGED_LATELY).bad_share
    assert 0 < memory.bad_share < 1
