import json
import math
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.domain.canonical import canonical_json, digest_of

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=15, deadline=None)
@given(JSON)
def test_what_is_written_means_the_same(value: Any) -> None:
    assert json.loads(canonical_json(value)) == value


@settings(max_examples=15, deadline=None)
@given(st.dictionaries(TEXT, JSON, max_size=5))
def test_the_order_in_which_keys_were_given_does_not_show(value: dict[str, Any]) -> None:
    assert canonical_json(dict(reversed(value.items()))) == canonical_json(value)


@settings(max_examples=15, deadline=None)
@given(JSON, JSON)
def test_two_values_are_written_alike_only_if_they_are_the_same(one: Any, other: Any) -> None:
    assert (canonical_json(one) == canonical_json(other)) is (
        json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    )


@pytest.mark.parametrize("among", [TEXT, st.text(st.characters(max_codepoint=127), max_size=8)], ids=["any", "ascii"])
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_it_is_written_as_the_standard_writes_it(among: st.SearchStrategy[str], data: st.DataObject) -> None:
    leaf = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False) | among
    value = data.draw(
        st.lists(leaf | st.dictionaries(among, leaf | st.lists(leaf, max_size=2), max_size=4), max_size=4)
    )
    finite = data.draw(st.just(value).filter(lambda drawn: "inf" not in repr(drawn)))

    assert canonical_json(finite) == rfc8785.dumps(finite)


def test_keys_stand_in_the_order_of_utf_16_without_spaces() -> None:
    assert canonical_json({"\N{GRINNING FACE}": 1, "\ufb33": 2, "a": [True, None]}) == (
        '{"a":[true,null],"\N{GRINNING FACE}":1,"\ufb33":2}'.encode()
    )


@pytest.mark.parametrize("value", [2**53, -(2**53), math.nan, math.inf, "\ud800", object()])
def test_what_json_cannot_hold_exactly_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical_json(value)


def test_a_digest_names_its_algorithm() -> None:
    assert digest_of(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
