"""CODEOWNERS as GitHub documents it."""

import pytest

from config.schema.patterns import matches_path
from tasks.domain.owners import read_owners


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*", "a/b/c", True),
        ("*.js", "a/b.js", True),
        ("*.js", "a/b.jsx", False),
        ("/build/logs/", "build/logs/x/y", True),
        ("/build/logs/", "x/build/logs/y", False),
        ("/build/logs/", "build/logs", False),
        ("docs/*", "docs/getting-started.md", True),
        ("docs/*", "docs/build-app/troubleshooting.md", False),
        ("apps/", "x/apps/y", True),
        ("/docs/", "docs/a/b", True),
        ("/scripts/", "scripts/a", True),
        ("**/logs", "build/logs/a", True),
        ("**/logs", "deeply/nested/logs", True),
        ("/apps/github", "apps/github", True),
        ("/apps/github", "apps/github/a", True),
        ("/apps/github", "apps/githubs", False),
        ("src/**/test", "src/test", True),
        ("src/**/test", "src/a/b/test/c", True),
        ("src/auth/**", "src/auth/a/b", True),
        ("src/auth/**", "src/auth", False),
        ("a?c", "x/abc", True),
        ("a?c", "a/c", False),
        ("with\\ space", "with space", True),
        ("a.b", "axb", False),
        ("Docs/", "docs/a", False),
        ("a", "x\ny/a", True),
    ],
)
def test_a_pattern_matches_as_the_code_host_matches_it(pattern: str, path: str, matches: bool) -> None:  # noqa: FBT001 -- a row of the table
    assert matches_path(pattern, path) is matches


def test_the_last_pattern_that_matches_says_who_owns_a_path() -> None:
    owners = read_owners("* @all\n*.py @py\n/src/ @acme/src @x\n/src/free/\n")
    named = [found.owners for path in ("a", "b.py", "src/b.py", "src/free/b.py") if (found := owners.of(path))]

    assert named == [("@all",), ("@py",), ("@acme/src", "@x"), ()]


def test_what_stands_behind_a_number_sign_owns_nothing() -> None:
    owners = read_owners("# @a\n* @b # @c\n")

    assert [each.owners for each in owners.patterns] == [("@b",)]


@pytest.mark.parametrize("line", ["!a @b", "[ab] @c", "a b", "a @", "a @b/c/d", "/ @x", "\ufffd\x00 @a"])
def test_a_line_that_cannot_be_read_is_told(line: str) -> None:
    assert read_owners(f"* @all\n{line}\n").unreadable == (2,)


def test_teams_are_told_apart_from_people() -> None:
    assert read_owners("* @a @acme/b\nx @acme/c d@e.org\n").teams == ("acme/b", "acme/c")
