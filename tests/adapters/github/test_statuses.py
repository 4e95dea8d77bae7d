"""What others reported about a head and what the code host thinks of merging it: told as it is, never bettered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.adapters.github import GitHubCodeHost, shapes, translate
from tasks.domain.errors import CodeHostRefused
from tasks.domain.model import HeadStatus, Mergeability, PullRequest, RepositoryName, StatusState
from tests.adapters.github.nodes import check_run, continued, latest, named, pull_request, status
from tests.adapters.github.scripted import Answer, Scripted
from tests.adapters.github.world import Repository, World, Written

API = RepositoryName("acme/api")
GRAPHQL = "/api/graphql"
UNTOLD = (HeadStatus("", StatusState.UNKNOWN),)
KEPT = "Resource not accessible by personal access token"
PLACE: list[str | int] = ["repository", "n1", "latest", "nodes", 0, "commit", "statusCheckRollup", "contexts", "nodes"]


@pytest.fixture
def repository(world: World) -> Repository:
    return world.repository()


def report(repository: Repository, sha: str, context: str, state: str = "success") -> None:
    repository.rest("POST", f"/statuses/{sha}", {"context": context, "state": state})


def check(repository: Repository, sha: str, name: str, **more: object) -> None:
    repository.rest("POST", "/check-runs", {"name": name, "head_sha": sha, **more})


def snapshot(code_host: GitHubCodeHost, repository: Repository) -> list[PullRequest]:
    return list(code_host.snapshot(repository.name, "main").pull_requests)


def read(code_host: GitHubCodeHost, scripted: Scripted, **more: object) -> PullRequest:
    scripted.says(Answer(body=named(pull_request(1, **more))))
    return code_host.reread(API, "1", [1])[0]


def state_of(told: dict[str, object]) -> StatusState:
    (found,) = translate.statuses([shapes.Status.model_validate(told)])
    return found.state


def test_the_latest_statuses_and_check_runs_of_the_head_are_told_by_name(
    code_host: GitHubCodeHost, repository: Repository
) -> None:
    repository.open()
    head = repository.tip("topic")
    for state in ("pending", "failure"):
        report(repository, head, "ci/tests", state)
    report(repository, head, "ci/lint")
    check(repository, head, "build", status="in_progress")
    check(repository, head, "docs", conclusion="skipped")
    check(repository, head, "slow", conclusion="timed_out")

    (found,) = snapshot(code_host, repository)

    assert found.statuses == (
        HeadStatus("build", StatusState.PENDING),
        HeadStatus("ci/lint", StatusState.SUCCESS),
        HeadStatus("ci/tests", StatusState.FAILURE),
        HeadStatus("docs", StatusState.SKIPPED),
        HeadStatus("slow", StatusState.FAILURE),
    )


def test_a_head_nobody_reported_about_has_no_statuses(code_host: GitHubCodeHost, repository: Repository) -> None:
    repository.open()

    assert snapshot(code_host, repository)[0].statuses == ()


def test_what_was_reported_about_an_earlier_head_is_not_told_of_this_one(
    code_host: GitHubCodeHost, repository: Repository
) -> None:
    repository.open()
    report(repository, repository.tip("topic"), "ci/tests")
    repository.push({"topic": [Written()]})

    assert snapshot(code_host, repository)[0].statuses == ()


def test_fifty_pull_requests_with_statuses_are_one_request(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    branches = [f"topic-{place}" for place in range(50)]
    repository.push({branch: [Written(files={branch: branch})] for branch in branches})
    for branch in branches:
        repository.open(branch)
    report(repository, repository.tip(branches[-1]), "ci/tests")
    world.forget_requests()

    found = snapshot(code_host, repository)

    assert [len(one.statuses) for one in found] == [0] * 49 + [1]
    assert world.requests() == [("POST", GRAPHQL)]


def test_a_failure_behind_a_hundred_statuses_is_read(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    repository.open()
    head = repository.tip("topic")
    for place in range(120):
        report(repository, head, f"ci/{place}")
    report(repository, head, "ci/last", "failure")
    world.forget_requests()

    (found,) = snapshot(code_host, repository)

    assert len(found.statuses) == 121
    assert [one.name for one in found.statuses if one.state is not StatusState.SUCCESS] == ["ci/last"]
    assert world.requests() == [("POST", GRAPHQL)] * 2


def test_mergeability_is_unknown_before_the_code_host_has_found_out(
    code_host: GitHubCodeHost, repository: Repository
) -> None:
    repository.push(
        {"ours": [Written(files={"README.md": "ours"})], "theirs": [Written(files={"README.md": "theirs"})]}
    )
    merged = repository.open("ours")
    repository.open("theirs")
    repository.open("free")
    repository.rest("PUT", f"/pulls/{merged}/merge", {}, login="root")

    first, second = (snapshot(code_host, repository) for _ in range(2))

    assert [one.mergeability for one in first] == [Mergeability.UNKNOWN] * 2
    assert [one.mergeability for one in second] == [Mergeability.CONFLICTING, Mergeability.MERGEABLE]
    assert first == second


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (status(state="SUCCESS"), "success"),
        (status(state="FAILURE"), "failure"),
        (status(state="ERROR"), "error"),
        (status(state="PENDING"), "pending"),
        (status(state="EXPECTED"), "pending"),
        (check_run(), "success"),
        (check_run(conclusion="NEUTRAL"), "neutral"),
        (check_run(conclusion="SKIPPED"), "skipped"),
        (check_run(conclusion="FAILURE"), "failure"),
        (check_run(conclusion="CANCELLED"), "failure"),
        (check_run(conclusion="TIMED_OUT"), "failure"),
        (check_run(conclusion="ACTION_REQUIRED"), "failure"),
        (check_run(conclusion="STARTUP_FAILURE"), "error"),
        (check_run(conclusion="STALE"), "pending"),
        (check_run(status="QUEUED", conclusion=None), "pending"),
        (check_run(status="WAITING", conclusion="SUCCESS"), "pending"),
        (check_run(status="COMPLETED", conclusion=None), "unknown"),
        (check_run(status="PAUSED"), "unknown"),
        (status() | {"__typename": "Deployment"}, "unknown"),
    ],
)
def test_what_the_code_host_calls_it_becomes_ours(told: dict[str, object], state: str) -> None:
    assert state_of(told) is StatusState(state)


WORDS = st.sampled_from(["SUCCESS", "success", "COMPLETED", "StatusContext", "CheckRun", "", "PENDING"]) | st.text()
ANSWERS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(["__typename", "context", "state", "name", "status", "conclusion"], st.none() | WORDS)
)


@given(ANSWERS)
def test_only_what_says_in_full_that_it_succeeded_is_a_success(told: dict[str, object]) -> None:
    as_status = (told.get("__typename"), told.get("state")) == ("StatusContext", "SUCCESS")
    as_run = (told.get("__typename"), told.get("status"), told.get("conclusion")) == (
        "CheckRun",
        "COMPLETED",
        "SUCCESS",
    )

    assert (state_of(told) is StatusState.SUCCESS) == (as_status or as_run)


@pytest.mark.parametrize("whole", [status(), check_run()], ids=["status", "check run"])
@given(data=st.data(), other=st.none() | st.text())
def test_a_success_of_which_something_is_missing_or_unknown_is_none(
    whole: dict[str, object], data: st.DataObject, other: str | None
) -> None:
    field = data.draw(st.sampled_from(sorted(whole.keys() - {"context", "name"})))
    gone = {key: value for key, value in whole.items() if key != field}

    assert state_of(gone) is StatusState.UNKNOWN
    assert other == whole[field] or state_of(whole | {field: other}) is not StatusState.SUCCESS


@given(st.none() | st.text() | st.sampled_from(["UNKNOWN", "mergeable", "CONFLICTING"]))
def test_nothing_but_the_word_is_mergeable(told: str | None) -> None:
    assert (translate.mergeability(told) is Mergeability.MERGEABLE) == (told == "MERGEABLE")


def test_mergeability_that_is_left_out_is_unknown(scripted_code_host: GitHubCodeHost, scripted: Scripted) -> None:
    whole = pull_request()
    del whole["mergeable"]
    scripted.says(Answer(body=named(whole)))

    assert scripted_code_host.reread(API, "1", [1])[0].mergeability is Mergeability.UNKNOWN


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"latest": None}, id="left out"),
        pytest.param({"latest": {"nodes": []}}, id="of no commit"),
        pytest.param({"latest": latest(status(), sha="b" * 40)}, id="of another commit than the head"),
        pytest.param({"latest": latest(None)}, id="kept from the token"),
    ],
)
def test_statuses_that_are_not_told_are_not_taken_for_none(
    scripted_code_host: GitHubCodeHost, scripted: Scripted, told: dict[str, object]
) -> None:
    assert read(scripted_code_host, scripted, **told).statuses == UNTOLD


def test_two_checks_of_one_name_are_both_there_in_any_order(
    scripted_code_host: GitHubCodeHost, scripted: Scripted
) -> None:
    both = [check_run("tests"), check_run("tests", conclusion="FAILURE")]

    found = [read(scripted_code_host, scripted, latest=latest(*each)).statuses for each in (both, both[::-1])]

    expected = (HeadStatus("tests", StatusState.FAILURE), HeadStatus("tests", StatusState.SUCCESS))
    assert found == [expected, expected]


def refused(message: str, place: list[str | int]) -> dict[str, object]:
    return {"type": "FORBIDDEN", "message": message, "path": place}


def test_a_check_that_the_token_may_not_see_is_unknown_and_fails_nothing(
    scripted_code_host: GitHubCodeHost, scripted: Scripted
) -> None:
    data = named(pull_request(latest=latest(None, status())))
    scripted.says(Answer(body=data | {"errors": [refused(KEPT, [*PLACE, 0])]}))

    found = scripted_code_host.reread(API, "1", [1])[0]

    assert found.statuses == (*UNTOLD, HeadStatus("ci/tests", StatusState.SUCCESS))


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(refused("no reviews", ["repository", "n1", "reviews", "nodes", 0]), id="a review"),
        pytest.param(refused("no list", PLACE), id="all statuses"),
        pytest.param(refused("no place", []), id="something"),
        pytest.param({"message": "broken", "path": [*PLACE, 0]}, id="a status for another reason"),
    ],
)
def test_whatever_else_the_token_may_not_see_is_a_failure(
    scripted_code_host: GitHubCodeHost, scripted: Scripted, error: dict[str, object]
) -> None:
    errors = [refused(KEPT, [*PLACE, 0]), error]
    scripted.says(Answer(body=named(pull_request(latest=latest(None))) | {"errors": errors}))

    with pytest.raises(CodeHostRefused, match=str(error["message"])):
        scripted_code_host.reread(API, "1", [1])


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        pytest.param(latest(status(), cursor="1"), "its statuses go on without end", id="no end"),
        pytest.param(latest(status(), sha="b" * 40), "its statuses are missing", id="of another commit"),
        pytest.param(None, "its statuses are missing", id="left out"),
    ],
)
def test_statuses_that_cannot_be_read_to_their_end_are_refused(
    scripted_code_host: GitHubCodeHost, scripted: Scripted, rest: object, why: str
) -> None:
    begun = named(pull_request(latest=latest(status(), cursor="1")))
    scripted.says(Answer(body=begun), Answer(body=continued(latest=rest)))

    with pytest.raises(CodeHostRefused, match=why):
        scripted_code_host.reread(API, "1", [1])
