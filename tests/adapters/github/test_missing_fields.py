"""Whatever is missing from an answer, a pull request that may not land is not let through by it."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.adapters.github import GitHubCodeHost, shapes
from tasks.adapters.github.reading import Reading
from tasks.domain.approvals import reasons_of_unknown_people
from tasks.domain.discovery import find_candidates
from tasks.domain.errors import CodeHostRefused
from tasks.domain.model import Login, PullRequest, RepositoryName
from tests.adapters.github.nodes import HEAD, commit, commits, named, page, pull_request, review, user
from tests.adapters.github.scripted import Answer, Scripted
from tests.domain.builders import rules, snapshot

API = RepositoryName("acme/api")
LATER, BEFORE = "2026-01-03T03:04:05Z", "b" * 40
Path = tuple[str | int, ...]

ALICE, BOB = user("alice"), user("bob")
NEVER: Mapping[str, dict[str, object]] = {
    "its author approved": {"reviews": page(review(author={"__typename": "User", "login": "alice"}))},
    "a co-author approved": {"commits": commits(commit(HEAD, ALICE, BOB)), "reviews": page(review())},
    "a committer approved": {"commits": commits(commit(HEAD, ALICE, committer=BOB)), "reviews": page(review())},
    "a bot approved": {"reviews": page(review(author={"__typename": "Bot", "login": "robot"}))},
    "the hub approved": {"reviews": page(review(viewerDidAuthor=True))},
    "a reader approved": {"reviews": page(review(authorCanPushToRepository=False))},
    "another head was approved": {"reviews": page(review(commit={"oid": BEFORE}))},
    "nobody approved": {"reviews": page()},
    "the approval is dismissed": {"reviews": page(review(state="DISMISSED"))},
    "the approval is not submitted": {"reviews": page(review(state="PENDING", submittedAt=None))},
    "the approval was withdrawn": {
        "reviews": page(review(), review(id="PRR_2", state="CHANGES_REQUESTED", submittedAt=LATER))
    },
    "the opinion after the approval was dismissed": {
        "reviews": page(review(), review(id="PRR_2", state="DISMISSED", submittedAt=LATER))
    },
    "another asks for changes": {
        "reviews": page(
            review(), review(id="PRR_2", state="CHANGES_REQUESTED", author={"__typename": "User", "login": "carol"})
        )
    },
    "who approved is asked again": {
        "reviews": page(review()),
        "asked": page({"requestedReviewer": {"__typename": "User", "login": "bob"}}),
    },
    "a team is asked that nobody can resolve": {
        "reviews": page(review()),
        "asked": page({"requestedReviewer": {"__typename": "Team", "combinedSlug": "acme/core"}}),
    },
    "not every commit is listed": {
        "commits": commits(commit(HEAD, ALICE), count=2),
        "reviews": page(review()),
    },
    "a commit has no authors": {
        "commits": commits(commit(HEAD, ALICE), commit(BEFORE, BOB)),
        "reviews": page(review()),
    },
    "it is a draft": {"reviews": page(review()), "isDraft": True},
    "it is closed": {"reviews": page(review()), "state": "CLOSED"},
    "it targets another branch": {"reviews": page(review()), "baseRefName": "release"},
}
DOCUMENTS: Mapping[str, dict[str, Any]] = {
    name: pull_request(1, **{"headRepository": {"nameWithOwner": "acme/api"}, **more}) for name, more in NEVER.items()
}


def tells_of_an_author(path: Path) -> bool:
    """Where these are null, somebody who wrote it is not known; that blocks where a policy wants everybody known."""
    return path == ("author",) or (path[0] == "commits" and path[-1] in {"user", "committer"})


def fields(value: object, above: Path = ()) -> Iterator[Path]:
    """The way to each field of each object in `value`."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        here = (*above, key)
        if isinstance(key, str):
            yield here
        yield from fields(below, here)


def without(document: dict[str, Any], path: Path, *, dropped: bool) -> dict[str, Any]:
    left = copy.deepcopy(document)
    holder: Any = left
    try:
        for step in path[:-1]:
            holder = holder[step]
        if dropped:
            del holder[path[-1]]
        else:
            holder[path[-1]] = None
    except (KeyError, TypeError):
        return left  # what was above it is missing already
    return left


def may_land(document: dict[str, Any], *, everybody_known: bool) -> bool:
    """Pushed by its author, where it is told what the head is a branch of."""
    try:
        reading = Reading(shapes.parsed(shapes.PullRequest, document, "acme/api#1"), API)
        found = replace(reading.pull_request(), last_pusher=Login("alice") if reading.head else None)
    except CodeHostRefused:
        return False
    return is_candidate(found, everybody_known=everybody_known)


def is_candidate(found: PullRequest, *, everybody_known: bool) -> bool:
    unknown = reasons_of_unknown_people(found) if everybody_known else ()
    return bool(find_candidates(snapshot(found), rules()).candidates) and not unknown


@pytest.mark.parametrize("everybody_known", [True, False])
def test_what_is_whole_and_approved_may_land(*, everybody_known: bool) -> None:
    whole = pull_request(reviews=page(review()), headRepository={"nameWithOwner": "acme/api"})

    assert may_land(whole, everybody_known=everybody_known)


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
@pytest.mark.parametrize("dropped", [True, False], ids=["dropped", "null"])
@pytest.mark.parametrize("everybody_known", [True, False], ids=["known", "unknown"])
def test_no_field_that_is_missing_lets_through_what_may_not_land(
    document: dict[str, Any], *, dropped: bool, everybody_known: bool
) -> None:
    asked = [path for path in fields(document) if everybody_known or not tells_of_an_author(path)]
    left = {path: without(document, path, dropped=dropped) for path in asked}

    assert [path for path, rest in left.items() if may_land(rest, everybody_known=everybody_known)] == []
    assert not may_land(document, everybody_known=everybody_known)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_fields_that_are_missing_let_anything_through_where_everybody_must_be_known(data: st.DataObject) -> None:
    document = data.draw(st.sampled_from(list(DOCUMENTS.values())))
    paths = st.tuples(st.sampled_from(list(fields(document))), st.booleans())
    for path, dropped in data.draw(st.lists(paths, min_size=1, max_size=4)):
        document = without(document, path, dropped=dropped)

    assert not may_land(document, everybody_known=True)


@pytest.mark.parametrize("path", [("ref",), ("after",), ("actor",), ("actor", "login")])
@pytest.mark.parametrize("dropped", [True, False], ids=["dropped", "null"])
def test_no_field_missing_from_the_activity_lets_the_last_pusher_approve_where_everybody_must_be_known(
    scripted_code_host: GitHubCodeHost, scripted: Scripted, path: Path, *, dropped: bool
) -> None:
    approved = pull_request(reviews=page(review()), headRepository={"nameWithOwner": "acme/api"})
    pushed = {"id": 1, "ref": "refs/heads/topic", "after": HEAD, "actor": {"login": "bob"}}
    scripted.says(Answer(body=named(approved)), Answer(body=[without(pushed, path, dropped=dropped)]))

    try:
        found = scripted_code_host.reread(API, "1", [1])[0]
    except CodeHostRefused:
        return

    assert not is_candidate(found, everybody_known=True)
