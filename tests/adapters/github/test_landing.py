"""Merging and closing, once each."""

import pytest

from config.schema import MergeMethod
from tasks.adapters.github import GitHubCodeHost
from tasks.domain.errors import CodeHostUnreachable, RepositoryMissing
from tasks.domain.land import HeadMoved, MergedByHost, Rejected
from tasks.domain.merging import Change
from tasks.domain.model import CommitSha, RepositoryName
from tests.adapters.github.world import Repository, World, Written


@pytest.fixture
def repository(world: World) -> Repository:
    return world.repository()


def change(repository: Repository, number: int, branch: str = "topic") -> Change:
    return Change(number=number, head=repository.tip(branch), head_branch=branch, title="A title", author=None)


def state(repository: Repository, number: int) -> str:
    return str(repository.rest("GET", f"/pulls/{number}")["state"])


@pytest.mark.parametrize("method", list(MergeMethod))
def test_a_merge_answers_with_the_commit_on_the_target_branch(
    code_host: GitHubCodeHost, repository: Repository, method: MergeMethod
) -> None:
    number = repository.open()

    reply = code_host.merge(repository.name, repository.identifier, change(repository, number), method, "Land it")

    assert reply == MergedByHost(repository.tip("main"))


@pytest.mark.parametrize(
    ("method", "message"),
    [
        (MergeMethod.MERGE, "Merge pull request #1 from {owner}/topic\n\nA title\n\nBecause.\nReally."),
        (MergeMethod.SQUASH, "A title (#1)\n\nBecause.\nReally."),
    ],
)
def test_the_title_names_the_pull_request_and_the_note_ends_the_text(
    code_host: GitHubCodeHost, repository: Repository, method: MergeMethod, message: str
) -> None:
    number = repository.open()

    code_host.merge(repository.name, repository.identifier, change(repository, number), method, "Because.\nReally.")

    owner = repository.name.partition("/")[0]
    assert repository.message(repository.tip("main")) == message.format(owner=owner)


def test_what_is_rebased_keeps_its_own_messages(code_host: GitHubCodeHost, repository: Repository) -> None:
    number = repository.open()
    written = repository.message(repository.tip("topic"))

    code_host.merge(repository.name, repository.identifier, change(repository, number), MergeMethod.REBASE, "Because.")

    assert repository.message(repository.tip("main")) == written


def test_a_merge_is_one_request(code_host: GitHubCodeHost, repository: Repository, world: World) -> None:
    number = repository.open()
    asked_for = change(repository, number)
    world.forget_requests()

    code_host.merge(repository.name, repository.identifier, asked_for, MergeMethod.MERGE, "Land it")

    assert world.requests() == [("PUT", f"/api/v3/repositories/{repository.identifier}/pulls/{number}/merge")]


def test_a_head_that_moved_is_not_merged(code_host: GitHubCodeHost, repository: Repository) -> None:
    number = repository.open()
    approved = change(repository, number)
    before = repository.tip("main")
    repository.push({"topic": [Written()]})

    reply = code_host.merge(repository.name, repository.identifier, approved, MergeMethod.MERGE, "Land it")

    assert (reply, repository.tip("main")) == (HeadMoved(number), before)


def test_a_conflict_is_rejected_in_the_code_hosts_words(code_host: GitHubCodeHost, repository: Repository) -> None:
    repository.push({"topic": [Written(files={"README.md": "one"})]})
    number = repository.open()
    repository.push({"main": [Written(files={"README.md": "two"})]})

    reply = code_host.merge(
        repository.name, repository.identifier, change(repository, number), MergeMethod.MERGE, "Land it"
    )

    assert reply == Rejected("Pull Request is not mergeable")


def test_a_method_that_the_repository_forbids_is_rejected(code_host: GitHubCodeHost, repository: Repository) -> None:
    number = repository.open()
    repository.rest("PATCH", "", {"allow_squash_merge": False}, login="root")

    reply = code_host.merge(
        repository.name, repository.identifier, change(repository, number), MergeMethod.SQUASH, "Land it"
    )

    assert reply == Rejected("Squash merges are not allowed on this repository.")


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (405, "Base branch was modified. Review and try the merge again."),
        (409, "Merge conflict between base and something"),
        (422, "Required status check is expected."),
    ],
)
def test_every_refusal_of_a_merge_is_an_answer(
    code_host: GitHubCodeHost, repository: Repository, world: World, status: int, message: str
) -> None:
    number = repository.open()
    world.fails("PUT", "*/merge", status=status, body={"message": message})

    reply = code_host.merge(
        repository.name, repository.identifier, change(repository, number), MergeMethod.MERGE, "Land it"
    )

    assert reply == Rejected(message)


def test_a_refusal_while_the_head_moves_is_a_head_that_moved(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    number = repository.open()
    approved = change(repository, number)
    repository.push({"topic": [Written()]})
    world.fails("PUT", "*/merge", status=405, body={"message": "Pull Request is not mergeable"})

    assert code_host.merge(repository.name, repository.identifier, approved, MergeMethod.MERGE, "Land it") == HeadMoved(
        number
    )


def test_a_merge_whose_answer_was_lost_is_found_when_it_is_asked_for_again(
    code_host: GitHubCodeHost, repository: Repository
) -> None:
    number = repository.open()
    asked_for = change(repository, number)

    first = code_host.merge(repository.name, repository.identifier, asked_for, MergeMethod.SQUASH, "Land it")
    again = code_host.merge(repository.name, repository.identifier, asked_for, MergeMethod.SQUASH, "Land it")

    assert again == first == MergedByHost(repository.tip("main"))


def test_a_pull_request_merged_at_another_head_is_not_taken_for_ours(
    code_host: GitHubCodeHost, repository: Repository
) -> None:
    number = repository.open()
    ours = change(repository, number)
    repository.push({"topic": [Written()]})
    code_host.merge(repository.name, repository.identifier, change(repository, number), MergeMethod.MERGE, "Land it")

    assert not isinstance(
        code_host.merge(repository.name, repository.identifier, ours, MergeMethod.MERGE, "Land it"), MergedByHost
    )


def test_a_code_host_that_fails_while_it_merges_is_unreachable(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    number = repository.open()
    asked_for = change(repository, number)
    world.fails("PUT", "*/merge", drop=True)

    with pytest.raises(CodeHostUnreachable):
        code_host.merge(repository.name, repository.identifier, asked_for, MergeMethod.MERGE, "Land it")


def test_a_repository_that_was_renamed_is_merged_in_under_its_old_name(
    code_host: GitHubCodeHost, repository: Repository
) -> None:
    number = repository.open()
    asked_for = change(repository, number)
    repository.rename("renamed-before-merging")

    reply = code_host.merge(repository.name, repository.identifier, asked_for, MergeMethod.MERGE, "Land it")

    assert reply == MergedByHost(repository.tip("main"))


@pytest.mark.parametrize("name", ["acme", "acme/", "/api", "acme/api/pulls", "acme/.."])
def test_a_name_that_is_no_repository_reaches_nobody(code_host: GitHubCodeHost, world: World, name: str) -> None:
    nobody = Change(number=1, head=CommitSha("a" * 40), head_branch="topic", title="", author=None)

    with pytest.raises(RepositoryMissing):
        code_host.merge(RepositoryName(name), "1", nobody, MergeMethod.MERGE, "Land it")

    assert world.requests() == []


def test_closing_says_why_and_closes(code_host: GitHubCodeHost, repository: Repository) -> None:
    number = repository.open()

    code_host.close(repository.name, repository.identifier, number, "Rolled back: see the incident.")

    assert state(repository, number) == "closed"
    assert [comment.splitlines()[0] for comment in repository.comments(number)] == ["Rolled back: see the incident."]


def test_what_is_closed_already_is_left_as_it_is(code_host: GitHubCodeHost, repository: Repository) -> None:
    number = repository.open()
    repository.close(number)

    code_host.close(repository.name, repository.identifier, number, "Rolled back.")

    assert repository.comments(number) == []


def test_closing_goes_on_where_it_was_interrupted(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    number = repository.open()
    world.fails("PATCH", "*/pulls/*", status=502)
    with pytest.raises(CodeHostUnreachable):
        code_host.close(repository.name, repository.identifier, number, "Rolled back.")

    code_host.close(repository.name, repository.identifier, number, "Rolled back.")

    assert (state(repository, number), len(repository.comments(number))) == ("closed", 1)


def test_our_comment_is_found_behind_a_hundred_others(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    number = repository.open()
    world.fails("PATCH", "*/pulls/*", status=502)
    with pytest.raises(CodeHostUnreachable):
        code_host.close(repository.name, repository.identifier, number, "Rolled back.")
    for place in range(100):
        repository.rest("POST", f"/issues/{number}/comments", {"body": f"Comment {place}"})

    code_host.close(repository.name, repository.identifier, number, "Rolled back.")

    assert state(repository, number) == "closed"
    assert repository.rest("GET", f"/issues/{number}")["comments"] == 101


def test_a_comment_of_somebody_else_does_not_silence_ours(code_host: GitHubCodeHost, repository: Repository) -> None:
    earlier, later = repository.open("earlier"), repository.open("later")
    code_host.close(repository.name, repository.identifier, earlier, "Rolled back.")
    copied = repository.comments(earlier)[0]
    repository.rest("POST", f"/issues/{later}/comments", {"body": copied}, login="bob")

    code_host.close(repository.name, repository.identifier, later, "Rolled back.")

    assert repository.comments(later) == [copied, copied]


def test_a_pull_request_of_a_renamed_repository_is_closed_under_its_old_name(
    code_host: GitHubCodeHost, repository: Repository
) -> None:
    number = repository.open()
    repository.rename("renamed-before-closing")

    code_host.close(repository.name, repository.identifier, number, "Rolled back.")

    assert (state(repository, number), len(repository.comments(number))) == ("closed", 1)


def test_closing_what_does_not_exist_says_so(code_host: GitHubCodeHost, repository: Repository) -> None:
    with pytest.raises(RepositoryMissing, match=f"{repository.name}#99 does not exist"):
        code_host.close(repository.name, repository.identifier, 99, "Rolled back.")


@pytest.mark.parametrize("shown", ["open", "closed"])
def test_a_comment_is_left_once_whatever_became_of_the_pull_request(
    code_host: GitHubCodeHost, repository: Repository, shown: str
) -> None:
    number = repository.open()
    if shown == "closed":
        repository.close(number)

    code_host.comment(repository.name, repository.identifier, number, "Rolled back.")
    code_host.comment(repository.name, repository.identifier, number, "Rolled back.")

    assert state(repository, number) == shown
    assert [comment.splitlines()[0] for comment in repository.comments(number)] == ["Rolled back."]


def test_another_comment_is_left_beside_it(code_host: GitHubCodeHost, repository: Repository) -> None:
    number = repository.open()
    code_host.comment(repository.name, repository.identifier, number, "Rolled back in a1.")
    code_host.comment(repository.name, repository.identifier, number, "Rolled back in b2.")

    assert len(repository.comments(number)) == 2
