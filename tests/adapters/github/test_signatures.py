"""What the code host says of the signatures of commits."""

import pytest

from tasks.adapters.github import GitHubCodeHost
from tasks.domain.errors import CodeHostRefused, RepositoryReplaced
from tasks.domain.model import CommitSha, RepositoryName
from tasks.domain.protection import CommitSignature
from tests.adapters.github.scripted import Answer, Scripted
from tests.adapters.github.world import Repository, World, Written

COMMIT = CommitSha("a" * 40)


@pytest.fixture
def repository(world: World) -> Repository:
    return world.repository()


def test_each_commit_is_told_of_as_the_code_host_verified_it(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    repository.push({name: [Written()] for name in ("good", "none", "unknown", "host")})
    good = repository.sign("good", signer="Alice")
    none = repository.tip("none")
    unknown = repository.sign("unknown", state="UNKNOWN_KEY")
    host = repository.sign("host", signer="web-flow")
    world.tell(signatures={repository.name: {none: {"state": "VALID", "signer": "alice"}}})

    found = code_host.signatures(repository.name, repository.identifier, [good, none, unknown, host, COMMIT])

    assert found == {
        good: CommitSignature("valid", verified=True, signer="alice", by_host=False),
        none: CommitSignature("unsigned", verified=False, signer=None, by_host=False),
        unknown: CommitSignature("unknown_key", verified=False, signer=None, by_host=False),
        host: CommitSignature("valid", verified=True, signer="web-flow", by_host=True),
    }


def test_more_than_a_hundred_commits_are_asked_for_in_several_requests(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    repository.push({"many": [Written() for _ in range(3)]})
    tip = repository.tip("many")
    strangers = [CommitSha(f"{number:040x}") for number in range(1, 150)]
    world.forget_requests()

    found = code_host.signatures(repository.name, repository.identifier, [*strangers, tip])

    assert list(found) == [tip]
    assert len(world.requests()) == 2


def test_a_repository_of_the_same_name_is_not_asked(code_host: GitHubCodeHost, repository: Repository) -> None:
    with pytest.raises(RepositoryReplaced):
        code_host.signatures(repository.name, "1", [repository.tip("main")])


GOOD = {"isValid": True, "state": "VALID", "wasSignedByGitHub": False, "signer": None}


@pytest.mark.parametrize(
    "shown",
    [
        {"oid": "b" * 40, "signature": None},
        {"oid": COMMIT},
        {},
        {"__typename": "Tree"},
        {"oid": COMMIT, "signature": {}},
        *({"oid": COMMIT, "signature": {**GOOD, key: 5}} for key in GOOD),
        *({"oid": COMMIT, "signature": {each: GOOD[each] for each in GOOD if each != key}} for key in GOOD),
    ],
)
def test_an_answer_that_lacks_something_is_no_signature(
    scripted: Scripted, scripted_code_host: GitHubCodeHost, shown: object
) -> None:
    scripted.says(Answer(200, {"data": {"repository": {"databaseId": 1, "c0": shown}}}))

    found: object = None
    try:
        found = scripted_code_host.signatures(RepositoryName("acme/web"), "1", [COMMIT])
    except CodeHostRefused:
        found = {}

    assert found == {}


@pytest.mark.parametrize(("valid", "state"), [(True, "UNKNOWN_KEY"), (False, "VALID"), (True, "A_NEW_STATE")])
def test_a_signature_is_verified_only_where_both_words_say_so(
    scripted: Scripted, scripted_code_host: GitHubCodeHost, *, valid: bool, state: str
) -> None:
    signature = {**GOOD, "isValid": valid, "state": state}
    shown = {"oid": COMMIT, "signature": signature}
    scripted.says(Answer(200, {"data": {"repository": {"databaseId": 1, "c0": shown}}}))

    found = scripted_code_host.signatures(RepositoryName("acme/web"), "1", [COMMIT])

    assert not found[COMMIT].verified
