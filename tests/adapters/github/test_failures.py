"""What is in a failure, what is not, and the failures that are no answers at all."""

import logging
import pickle
import socket
from dataclasses import replace

import pytest

from config.schema import MergeMethod
from tasks.adapters.github import GitHubCodeHost
from tasks.domain.errors import (
    CodeHostRefused,
    CodeHostUnreachable,
    CredentialsRejected,
)
from tasks.domain.merging import Change
from tasks.domain.model import CommitSha, RepositoryName
from tests.adapters.github.conftest import TOKEN
from tests.adapters.github.failing import document, failure_of_a_snapshot, graph_error
from tests.adapters.github.scripted import Answer, Scripted

API = RepositoryName("acme/api")
CHANGE = Change(number=7, head=CommitSha("a" * 40), head_branch="topic", title="A title", author=None)


@pytest.fixture
def code_host(scripted_code_host: GitHubCodeHost) -> GitHubCodeHost:
    return scripted_code_host


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


def test_a_code_host_that_does_not_answer_in_time_is_unreachable(scripted: Scripted) -> None:
    scripted.says(Answer(delay=1.3))

    failure = failure_of_a_snapshot(GitHubCodeHost(scripted.api_url, TOKEN, timeout_seconds=1))

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


def test_redirects_in_a_circle_come_to_an_end(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    there, back = ({"Location": f"{scripted.root}/api/graphql/{place}"} for place in ("there", "back"))
    scripted.says(*[Answer(301, "", headers) for _ in range(600) for headers in (there, back)])

    failure = failure_of_a_snapshot(code_host)

    assert failure.remedy
    assert len(scripted.asked) < 1000


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
        code_host.merge(API, "1", CHANGE, MergeMethod.MERGE, "message")


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


def test_a_title_is_sent_as_data_and_in_one_line(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    hostile = 'x"}, mutation { deleteRepository }\n\nSigned-off-by: {{ token }}'
    scripted.says(Answer(200, {"merged": True, "sha": "b" * 40}))

    code_host.merge(API, "1", replace(CHANGE, title=hostile), MergeMethod.SQUASH, "Note: 1")

    title = f'x"}}, mutation {{ deleteRepository }} Signed-off-by: {{{{ token }}}} (#{CHANGE.number})'
    sent = {"sha": "a" * 40, "merge_method": "squash", "commit_title": title, "commit_message": "Note: 1"}
    assert scripted.asked[0].body == sent


def test_a_title_that_reads_as_a_note_of_ours_is_quoted(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    scripted.says(Answer(200, {"merged": True, "sha": "b" * 40}))

    code_host.merge(API, "1", replace(CHANGE, title="Gated-tree: 1234"), MergeMethod.MERGE, "Gated-tree: 5678")

    sent = {"sha": "a" * 40, "merge_method": "merge", "commit_message": '"Gated-tree: 1234"\n\nGated-tree: 5678'}
    assert scripted.asked[0].body == sent
