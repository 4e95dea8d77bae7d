"""Who moved a branch, who wrote a commit, and who merged it, as the code host tells it."""

from itertools import islice

import pytest

from tasks.adapters.github import GitHubCodeHost
from tasks.domain.errors import CodeHostRefused, RepositoryReplaced
from tasks.domain.model import CommitSha, RepositoryName
from tasks.domain.provenance import NO_COMMIT
from tests.adapters.github.scripted import Answer, Scripted
from tests.adapters.github.world import HUB, Repository, World, Written

COMMIT = CommitSha("a" * 40)


@pytest.fixture
def repository(world: World) -> Repository:
    return world.repository()


def test_every_move_of_a_branch_is_told_the_latest_first(code_host: GitHubCodeHost, repository: Repository) -> None:
    first = repository.tip("main")
    number = repository.open("topic")
    repository.rest("PUT", f"/pulls/{number}/merge", {"merge_method": "squash"}, login="bob")
    merged = repository.tip("main")
    repository.push({"other": [Written()]}, onto=None)
    repository.rest("PATCH", "/git/refs/heads/main", {"sha": first, "force": True}, login="Carol")

    moves = list(code_host.moves(repository.name, repository.identifier, "main"))

    assert [(move.before, move.after) for move in moves] == [(merged, first), (first, merged), (NO_COMMIT, first)]
    assert [(move.actor, move.forced) for move in moves] == [("carol", True), ("bob", False), (None, False)]
    assert [move.identifier for move in moves] == sorted((move.identifier for move in moves), reverse=True)


def test_moves_are_read_page_by_page_as_far_as_somebody_looks(scripted: Scripted) -> None:
    move = {"id": 2, "ref": "refs/heads/main", "before": "b" * 40, "after": COMMIT, "activity_type": "push"}
    following = {"Link": f'<{scripted.api_url}/repositories/1/activity?after=x>; rel="next"'}
    scripted.says(Answer(200, [{**move, "actor": None}], following), Answer(200, [{**move, "id": 1, "actor": None}]))
    moves = GitHubCodeHost(scripted.api_url, HUB).moves(repository_name(), "1", "main")

    first = list(islice(moves, 1))
    asked = len(scripted.asked)
    rest = list(moves)

    assert (asked, [each.identifier for each in (*first, *rest)]) == (1, [2, 1])
    assert scripted.asked[-1].path.endswith("/repositories/1/activity?after=x")


def test_where_the_record_is_kept_from_the_token_no_move_is_known(scripted: Scripted) -> None:
    scripted.says(Answer(404, {"message": "Not Found"}))

    assert list(GitHubCodeHost(scripted.api_url, HUB).moves(repository_name(), "1", "main")) == []


@pytest.mark.parametrize("missing", ["id", "before", "after", "activity_type", "actor"])
def test_a_move_that_lacks_something_is_refused(scripted: Scripted, missing: str) -> None:
    move = {"id": 2, "ref": "refs/heads/main", "before": "b" * 40, "after": COMMIT, "activity_type": "push"}
    scripted.says(Answer(200, [{name: told for name, told in {**move, "actor": None}.items() if name != missing}]))

    with pytest.raises(CodeHostRefused):
        list(GitHubCodeHost(scripted.api_url, HUB).moves(repository_name(), "1", "main"))


def test_a_commit_is_told_with_who_wrote_it_and_how_it_was_merged(
    code_host: GitHubCodeHost, repository: Repository
) -> None:
    repository.push({"topic": [Written("alice", "carol"), Written("Nobody <nobody@else.example>")]})
    head = repository.tip("topic")
    number = repository.open("topic")
    still_open = repository.open("open")
    repository.rest("PUT", f"/pulls/{number}/merge", {"merge_method": "merge"}, login="bob")
    merged = repository.tip("main")

    found = code_host.origins(repository.name, repository.identifier, [head, merged, repository.tip("open"), COMMIT])

    (merge,) = found[head].merges
    assert (merge.number, merge.target, merge.head, merge.commit) == (number, "main", head, merged)
    assert (merge.by, merge.by_bot, merge.by_hub, found[merged].merges) == ("bob", False, False, (merge,))
    assert (found[head].authors, found[merged].authors) == ((None,), ("bob",))
    assert (found[repository.tip("open")].merges, still_open, COMMIT in found) == ((), number + 1, False)


def test_what_the_hub_s_own_account_merged_is_told_as_that(code_host: GitHubCodeHost, repository: Repository) -> None:
    number = repository.open("topic")
    repository.rest("PUT", f"/pulls/{number}/merge", {"merge_method": "squash"}, login="app")
    merged = repository.tip("main")

    (merge,) = code_host.origins(repository.name, repository.identifier, [merged])[merged].merges

    assert merge.by_hub


def test_a_repository_of_the_same_name_is_not_asked_for_origins(
    code_host: GitHubCodeHost, repository: Repository
) -> None:
    with pytest.raises(RepositoryReplaced):
        code_host.origins(repository.name, "1", [repository.tip("main")])


def repository_name() -> RepositoryName:
    return RepositoryName("acme/api")
