"""Patterns of paths, against a matcher that tries everything, and against who wants it to take for ever."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.schema.patterns import LONGEST_PATTERN, is_path_pattern, matches_path
from tasks.domain.owners import read_owners

PATTERNS = st.lists(st.sampled_from(["a", "b", "*", "**", "?", "/", "/", "\\*", "\\a"]), min_size=1, max_size=9)
NAMES = st.text(alphabet="ab*", min_size=1, max_size=3)
PATHS = st.lists(NAMES, min_size=1, max_size=5).map("/".join)


def tried(pattern: str, path: str) -> bool:
    """As the regular expression that a pattern reads like, which goes back as often as it takes."""
    *folders, last = pattern.strip("/").split("/")
    rooted = "/" in pattern.rstrip("/")
    before = "".join("(?:.*/)?" if name == "**" else f"{_tried(name)}/" for name in folders)
    if last == "**":
        end = ".+"
    elif pattern.endswith("/"):
        end = f"{_tried(last)}/.+"
    else:
        end = _tried(last) + ("" if last == "*" and "/" in pattern else "(?:/.+)?")
    return re.fullmatch(("" if rooted else "(?:.*/)?") + before + end, path, re.DOTALL) is not None


def _tried(name: str) -> str:
    words = {"*": "[^/]*", "**": "[^/]*", "?": "[^/]"}
    parts = re.findall(r"\*\*|\*|\?|\\.|[^*?\\]+", name)
    return "".join(words.get(part, re.escape(part.removeprefix("\\"))) for part in parts)


@given(PATTERNS.map("".join).filter(is_path_pattern), PATHS)
def test_a_pattern_matches_what_one_finds_who_tries_everything(pattern: str, path: str) -> None:
    assert matches_path(pattern, path) is tried(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 249 + "*b", "a" * 3_000),
        ("/".join(["**", "*a*"] * 70) + "/b", "/".join(["aaa"] * 1_000)),
        ("**/" + "*a" * 200 + "*b", "/".join(["a" * 255] * 12)),
        ("?" * 250 + "*" * 250, "a" * 249),
    ],
)
def test_no_path_takes_longer_than_it_is_long(pattern: str, path: str) -> None:
    """With a matcher that goes back, each of these takes longer than anybody lives."""
    assert is_path_pattern(pattern)
    assert not matches_path(pattern, path)


def test_a_pattern_that_is_too_long_or_no_text_is_none() -> None:
    assert is_path_pattern("a" * LONGEST_PATTERN)
    assert not is_path_pattern("a" * (LONGEST_PATTERN + 1))
    assert not is_path_pattern("src/\ud800")


def test_a_line_of_code_owners_that_is_too_long_is_told_and_no_crash() -> None:
    assert read_owners(f"* @all\n{'a' * 501} @b\n").unreadable == (2,)


@pytest.mark.parametrize("path", ["src/\ud800", "src/\udcff/a", "src/a\nb", "src/a\x00b", "src/\U0010ffff"])
def test_a_path_of_whatever_characters_is_below_its_folder(path: str) -> None:
    assert matches_path("/src/", path)
    assert matches_path("src/**", path)
    assert not matches_path("/other/", path)
