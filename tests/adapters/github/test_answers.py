"""Each answer that is none has its error."""

import pytest

from tasks.adapters.github import GitHubCodeHost
from tasks.domain.errors import (
    CodeHostError,
    CodeHostRefused,
    CodeHostUnreachable,
    CredentialsRejected,
    RateLimited,
    RepositoryMissing,
)
from tests.adapters.github.failing import document, failure_of_a_snapshot, graph_error
from tests.adapters.github.scripted import Answer, Scripted

USED_UP = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000000"}
SWITCHED_OFF = {"x-ratelimit-limit": "0", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000000"}
TIMED_OUT = "Something went wrong while executing your query. This may be the result of a timeout."


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
    scripted_code_host: GitHubCodeHost, scripted: Scripted, answer: Answer, kind: type[CodeHostError], message: str
) -> None:
    scripted.says(answer)

    failure = failure_of_a_snapshot(scripted_code_host)

    assert (type(failure), failure.message) == (kind, message)
    assert failure.remedy.endswith(".")
