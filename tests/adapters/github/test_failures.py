"""What the code host may say instead of an answer, and what becomes of it."""

import logging
import pickle
import socket
import sys
from collections.abc import Iterator

import pytest

from config.schema import MergeMethod
from tasks.adapters.github import GitHubCodeHost
from tasks.domain.errors import (
    CodeHostError,
    CodeHostRefused,
    CodeHostUnreachable,
    CredentialsRejected,
    RateLimited,
    RepositoryMissing,
)
from tasks.domain.merging import Change
from tasks.domain.model import CommitSha, RepositoryName
from tests.adapters.github.conftest import TOKEN
from tests.adapters.github.scripted import Answer, Scripted

API = RepositoryName("acme/api")
CHANGE = Change(number=7, head=CommitSha("a" * 40), head_branch="topic", title="A title", author=None)

USED_UP = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000000"}
SWITCHED_OFF = {"x-ratelimit-limit": "0", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000000"}
TIMED_OUT = "Something went wrong while executing your query. This may be the result of a timeout."


@pytest.fixture
def code_host(scripted_code_host: GitHubCodeHost) -> GitHubCodeHost:
    return scripted_code_host


def failure_of_a_snapshot(code_host: GitHubCodeHost) -> CodeHostError:
    with pytest.raises(CodeHostError) as failure:
        code_host.snapshot(API, "main")
    return failure.value


def graph_error(kind: str, message: str) -> dict[str, object]:
    return {"data": None, "errors": [{"type": kind, "path": ["repository"], "message": message}]}


def document(message: str) -> dict[str, str]:
    return {"message": message, "documentation_url": "https://docs.github.com/rest"}


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        pytest.param(
            Answer(401, document("Bad credentials")),
            CredentialsRejected,
            "the code host rejected the token: Bad credentials",
            id="wrong token",
        ),
        pytest.param(
            Answer(403, document("API rate limit exceeded for user ID 1."), USED_UP),
            RateLimited,
            "the code host's rate limit is used up until 2027-01-15T08:00:00Z",
            id="primary limit",
        ),
        pytest.param(
            Answer(429, document("API rate limit exceeded for user ID 1."), USED_UP),
            RateLimited,
            "the code host's rate limit is used up until 2027-01-15T08:00:00Z",
            id="primary limit by 429",
        ),
        pytest.param(
            Answer(403, document("You have exceeded a secondary rate limit."), {"retry-after": "60"}),
            RateLimited,
            "the code host asks to wait 60 s (secondary rate limit)",
            id="secondary limit",
        ),
        pytest.param(
            Answer(403, document("You have exceeded a secondary rate limit.")),
            RateLimited,
            "the code host's rate limit is used up; it does not say until when",
            id="secondary limit without a time",
        ),
        pytest.param(
            Answer(200, graph_error("RATE_LIMITED", "API rate limit exceeded"), USED_UP),
            RateLimited,
            "the code host's rate limit is used up until 2027-01-15T08:00:00Z",
            id="limit as a GraphQL error",
        ),
        pytest.param(
            Answer(200, graph_error("RATE_LIMIT", "API quota already used"), USED_UP),
            RateLimited,
            "the code host's rate limit is used up until 2027-01-15T08:00:00Z",
            id="limit as a GraphQL error of the newer spelling",
        ),
        pytest.param(
            Answer(200, document("You have exceeded a secondary rate limit."), {"retry-after": "60"}),
            RateLimited,
            "the code host asks to wait 60 s (secondary rate limit)",
            id="secondary limit as a success",
        ),
        pytest.param(
            Answer(200, graph_error("RATE_LIMITED", "no"), USED_UP | {"x-ratelimit-reset": "9" * 30}),
            RateLimited,
            "the code host's rate limit is used up; it does not say until when",
            id="limit until a time that is none",
        ),
        pytest.param(
            Answer(403, document("Resource not accessible by integration"), SWITCHED_OFF),
            CodeHostRefused,
            "the code host answered 403 for acme/api: Resource not accessible by integration",
            id="forbidden by a server whose limits are off",
        ),
        pytest.param(
            Answer(404, document("Not Found")),
            RepositoryMissing,
            "acme/api does not exist, or the token may not see it",
            id="missing",
        ),
        pytest.param(
            Answer(200, graph_error("NOT_FOUND", "Could not resolve to a Repository")),
            RepositoryMissing,
            "acme/api does not exist, or the token may not see it",
            id="missing as a GraphQL error",
        ),
        pytest.param(
            Answer(502, "<html>Bad Gateway</html>"),
            CodeHostUnreachable,
            "the code host answered 502 for acme/api: <html>Bad Gateway</html>",
            id="bad gateway",
        ),
        pytest.param(
            Answer(503, '{"cut": '),
            CodeHostUnreachable,
            'the code host answered 503 for acme/api: {"cut":',
            id="unavailable in broken JSON",
        ),
        pytest.param(
            Answer(200, graph_error("", TIMED_OUT)),
            CodeHostUnreachable,
            "the code host failed while it answered for acme/api",
            id="internal error as a GraphQL error",
        ),
        pytest.param(
            Answer(200, graph_error("FORBIDDEN", "Resource not accessible by personal access token")),
            CodeHostRefused,
            "the code host refused the query for acme/api: Resource not accessible by personal access token",
            id="forbidden as a GraphQL error",
        ),
        pytest.param(
            Answer(200, graph_error("undefinedField", "Field 'files' doesn't exist on type 'PullRequest'")),
            CodeHostRefused,
            "the code host refused the query for acme/api: Field 'files' doesn't exist on type 'PullRequest'",
            id="an older schema",
        ),
        pytest.param(
            Answer(418, document("I am a teapot")),
            CodeHostRefused,
            "the code host answered 418 for acme/api: I am a teapot",
            id="any other status",
        ),
        pytest.param(
            Answer(200, "<html>Please log in</html>"),
            CodeHostRefused,
            "the code host's answer for acme/api cannot be understood: it is no JSON object",
            id="a page instead of an answer",
        ),
        pytest.param(
            Answer(200, '{"data": '),
            CodeHostRefused,
            "the code host's answer for acme/api cannot be understood: it is no JSON object",
            id="broken JSON",
        ),
        pytest.param(
            Answer(200, "[" * 100_000),
            CodeHostRefused,
            "the code host's answer for acme/api cannot be understood: it is no JSON object",
            id="bottomless JSON",
        ),
        pytest.param(
            Answer(200, {"data": None}),
            CodeHostRefused,
            "the code host's answer for acme/api cannot be understood: it holds no data",
            id="no data",
        ),
        pytest.param(
            Answer(200, {"data": {"repository": None}, "errors": "no"}),
            CodeHostRefused,
            "the code host's answer for acme/api cannot be understood: its errors are no list",
            id="errors that are none",
        ),
        pytest.param(
            Answer(200, {"data": None, "errors": ["no"]}),
            CodeHostRefused,
            "the code host's answer for acme/api cannot be understood: "
            "it: Input should be a valid dictionary or instance of GraphError",
            id="errors that are texts",
        ),
        pytest.param(
            Answer(200, {"data": {"repository": {"databaseId": "1"}}}),
            CodeHostRefused,
            "the code host's answer for acme/api cannot be understood: databaseId: Input should be a valid integer",
            id="another shape",
        ),
        pytest.param(
            Answer(307, "", {"Location": "nowhere"}),
            CodeHostRefused,
            "the code host's answer for acme/api cannot be understood: it redirects to no address",
            id="a redirect to nowhere",
        ),
    ],
)
def test_every_way_to_fail_has_its_error_and_says_what_to_do(
    code_host: GitHubCodeHost, scripted: Scripted, answer: Answer, kind: type[CodeHostError], message: str
) -> None:
    scripted.says(answer)

    failure = failure_of_a_snapshot(code_host)

    assert (type(failure), failure.message) == (kind, message)
    assert failure.remedy.endswith(".")


def test_nothing_is_asked_twice_when_it_fails(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    scripted.says(Answer(502))

    failure_of_a_snapshot(code_host)

    assert len(scripted.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(None), id="hangs up"),
        pytest.param(Answer(200, {"data": {}}, cut=True), id="breaks off"),
        pytest.param(Answer(200, "not compressed", {"Content-Encoding": "gzip"}), id="garbles"),
    ],
)
def test_a_connection_that_breaks_is_an_unreachable_code_host(
    code_host: GitHubCodeHost, scripted: Scripted, answer: Answer
) -> None:
    scripted.says(answer)

    failure = failure_of_a_snapshot(code_host)

    assert type(failure) is CodeHostUnreachable
    assert "cannot be reached or broke off its answer" in failure.message


def test_a_code_host_that_does_not_answer_in_time_is_unreachable(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    scripted.says(Answer(delay=1.3))

    failure = failure_of_a_snapshot(code_host)

    assert type(failure) is CodeHostUnreachable
    assert failure.message == f"{scripted.api_url} did not answer in time"


def test_a_port_where_nobody_listens_is_an_unreachable_code_host() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    failure = failure_of_a_snapshot(GitHubCodeHost(f"http://127.0.0.1:{port}/api/v3", TOKEN))

    assert type(failure) is CodeHostUnreachable


@pytest.mark.parametrize("location", ["https://elsewhere.example/api/graphql", "http://elsewhere.example/api/graphql"])
def test_a_redirect_to_another_host_is_refused(code_host: GitHubCodeHost, scripted: Scripted, location: str) -> None:
    scripted.says(Answer(301, "", {"Location": location}))

    failure = failure_of_a_snapshot(code_host)

    assert type(failure) is CodeHostRefused
    assert failure.message == f"{scripted.api_url} does not answer as a code host does, or redirects elsewhere"


@pytest.fixture
def shallow_stack() -> Iterator[None]:
    """PyGithub follows redirects by calling itself; without this the test takes seconds."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(300)
    yield
    sys.setrecursionlimit(usual)


def test_redirects_in_a_circle_are_refused(code_host: GitHubCodeHost, scripted: Scripted, shallow_stack: None) -> None:
    there, back = ({"Location": f"{scripted.root}/api/graphql/{place}"} for place in ("there", "back"))
    scripted.says(*[Answer(301, "", headers) for _ in range(200) for headers in (there, back)])

    failure = failure_of_a_snapshot(code_host)

    assert type(failure) is CodeHostRefused


def test_an_address_that_is_none_is_refused() -> None:
    failure = failure_of_a_snapshot(GitHubCodeHost("ftp://github.example", TOKEN))

    assert type(failure) is CodeHostRefused


def test_a_hostile_message_is_shown_as_one_short_printable_line(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    scripted.says(Answer(418, document("\x1b[31mred\r\n\u202eleft\x00" + "x" * 1000)))

    failure = failure_of_a_snapshot(code_host)

    assert failure.message.startswith("the code host answered 418 for acme/api: [31mred left x")
    assert failure.message.isprintable()
    assert len(failure.message) < 360


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(418, document(f"you sent {TOKEN}")), id="by a status"),
        pytest.param(Answer(200, graph_error("FORBIDDEN", f"you sent {TOKEN}")), id="by an error"),
        pytest.param(Answer(502, f"you sent {TOKEN}"), id="by a page"),
    ],
)
def test_the_token_is_not_repeated_even_if_the_code_host_repeats_it(
    code_host: GitHubCodeHost, scripted: Scripted, answer: Answer
) -> None:
    scripted.says(answer)

    failure = failure_of_a_snapshot(code_host)

    assert "you sent ***" in failure.message
    assert TOKEN not in failure.remedy


def test_no_answer_is_logged_at_any_level(
    code_host: GitHubCodeHost, scripted: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    scripted.says(Answer(418, document("secret words")))

    failure_of_a_snapshot(code_host)

    assert "secret words" not in caplog.text
    assert TOKEN not in caplog.text


def test_the_adapter_shows_its_address_and_not_its_token(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    assert repr(code_host) == f"GitHubCodeHost('{scripted.api_url}')"


@pytest.mark.parametrize("token", ["", "ghp_x\n", " ghp_x", "ghp x", "ghp_é"])
def test_a_token_that_no_header_can_hold_is_rejected_without_showing_it(token: str) -> None:
    with pytest.raises(CredentialsRejected) as failure:
        GitHubCodeHost("https://api.github.com", token)

    assert failure.value.message == "the token is empty or holds characters that no token has"


def test_an_error_survives_its_way_to_another_process(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    scripted.says(Answer(401, document("Bad credentials")))

    failure = failure_of_a_snapshot(code_host)

    assert pickle.loads(pickle.dumps(failure)).remedy == failure.remedy  # noqa: S301 - our own bytes


def test_titles_are_not_in_the_error_about_a_malformed_pull_request(
    code_host: GitHubCodeHost, scripted: Scripted
) -> None:
    node = {"number": 1, "title": "secret words", "headRefOid": "main"}
    page = {"nodes": [node], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    repository = {"databaseId": 1, "nameWithOwner": "acme/api", "ref": None, "pullRequests": page}
    scripted.says(Answer(200, {"data": {"repository": repository}}))

    failure = failure_of_a_snapshot(code_host)

    assert "pullRequests.nodes.0.headRefOid" in failure.message
    assert "secret words" not in f"{failure.message} {failure.__cause__}"


def test_pages_that_never_end_are_refused(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    page = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": "again"}}
    branch = {"target": {"oid": "a" * 40}}
    repository = {"databaseId": 1, "nameWithOwner": "acme/api", "ref": branch, "pullRequests": page}
    scripted.says(Answer(200, {"data": {"repository": repository}}))

    failure = failure_of_a_snapshot(code_host)

    assert failure.message.endswith("cannot be understood: its pull requests go on without end")


def test_a_merge_that_the_code_host_does_not_confirm_is_none(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    scripted.says(Answer(200, {"merged": False, "sha": "b" * 40, "message": "?"}))

    with pytest.raises(CodeHostRefused, match=r"acme/api#7 cannot be understood: merged"):
        code_host.merge(API, CHANGE, MergeMethod.MERGE, "message")


def test_a_forbidden_team_says_which_permission_is_missing(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    scripted.says(Answer(200, graph_error("FORBIDDEN", "Resource not accessible by integration")))

    with pytest.raises(CodeHostRefused) as failure:
        code_host.groups("acme", ["platform"])

    assert failure.value.message == (
        "the code host refused the query for the teams of acme: Resource not accessible by integration"
    )
    assert "members: read" in failure.value.remedy


@pytest.mark.parametrize(("beneath", "path"), [("", "/graphql"), ("/", "/graphql"), ("/api/v3", "/api/graphql")])
def test_requests_go_to_the_graphql_address_beside_the_rest_address(
    scripted: Scripted, beneath: str, path: str
) -> None:
    scripted.says(Answer(502))

    failure_of_a_snapshot(GitHubCodeHost(f"{scripted.root}{beneath}", TOKEN))

    assert scripted.asked[0].path == path


def test_a_title_is_sent_as_data(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    hostile = 'x"}, mutation { deleteRepository }\n\nSigned-off-by: {{ token }}'
    scripted.says(Answer(200, {"merged": True, "sha": "b" * 40}))

    code_host.merge(API, CHANGE, MergeMethod.SQUASH, hostile)

    title, _, rest = hostile.partition("\n")
    sent = {"sha": "a" * 40, "merge_method": "squash", "commit_title": title, "commit_message": rest.strip()}
    assert scripted.asked[0].body == sent
