from dataclasses import replace

import pytest

from tests.domain.builders import commit, pull_request, reference


def test_everyone_who_is_known_to_have_written_part_of_it_is_a_contributor() -> None:
    pull = pull_request(author="alice", commits=(commit("bob", None), commit("carol", "bob")))

    assert pull.contributors == {"alice", "bob", "carol"}


def test_a_pull_request_of_a_deleted_account_has_the_contributors_of_its_commits() -> None:
    assert pull_request(author=None, commits=(commit("bob"),)).contributors == {"bob"}


def test_a_list_of_commits_is_complete_if_it_has_all_of_them_each_with_somebody() -> None:
    assert pull_request(commits=(commit("alice"), commit(None))).commits_complete


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_list_of_another_number_of_commits_is_not_complete(count: int) -> None:
    assert not replace(pull_request(commits=(commit("alice"), commit("bob"))), commit_count=count).commits_complete


def test_no_commits_at_all_are_not_a_complete_list() -> None:
    assert not pull_request(commits=()).commits_complete


def test_a_reference_is_written_as_people_write_it() -> None:
    assert str(reference(7)) == "acme/web#7"


def test_references_are_ordered_by_repository_and_then_by_number() -> None:
    assert sorted([reference(10), reference(9), reference(11, "acme/api")]) == [
        reference(11, "acme/api"),
        reference(9),
        reference(10),
    ]
