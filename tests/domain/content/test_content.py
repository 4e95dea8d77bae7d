from dataclasses import replace

import pytest

from tasks.domain.content import Brought, bring_the_same
from tasks.domain.model import TreeSha
from tests.domain.builders import BASE, sha

APPROVED = Brought(sha(1), BASE, TreeSha("a" * 40), "patch")
REBASED = Brought(sha(2), sha(9), TreeSha("b" * 40), "patch")


def test_the_same_patch_that_makes_the_tree_that_moving_it_makes_is_the_same() -> None:
    assert bring_the_same(APPROVED, REBASED, REBASED.tree)


@pytest.mark.parametrize(
    ("earlier", "now", "moved"),
    [
        pytest.param(None, REBASED, REBASED.tree, id="what was approved is unknown"),
        pytest.param(APPROVED, None, REBASED.tree, id="what is there now is unknown"),
        pytest.param(None, None, None, id="nothing is known"),
        pytest.param(APPROVED, replace(REBASED, patch="other"), REBASED.tree, id="another patch"),
        pytest.param(APPROVED, REBASED, None, id="moving it conflicts"),
        pytest.param(APPROVED, REBASED, TreeSha("c" * 40), id="moving it makes another tree"),
    ],
)
def test_what_differs_or_is_unknown_is_not_the_same(
    earlier: Brought | None, now: Brought | None, moved: TreeSha | None
) -> None:
    assert not bring_the_same(earlier, now, moved)
