from collections.abc import Iterator

import pytest

from tasks.adapters.clock import SystemClock
from tasks.adapters.evidence_s3 import S3Evidence
from tasks.domain.errors import EvidenceError, EvidenceUnreachable
from tests.adapters.scripted_http import Reply, ScriptedServer, scripted_server


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def store(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Evidence]:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    store = S3Evidence("evidence", region="us-east-1", retention_days=1, clock=SystemClock())
    yield store
    store.close()


def refusal(status: int, code: str) -> Reply:
    return Reply(status, f"<Error><Code>{code}</Code><Message>said the store</Message></Error>".encode())


def put(store: S3Evidence) -> None:
    store.put("report.md", b"evidence", media_type="text/plain")


@pytest.mark.parametrize(
    "reply",
    [
        refusal(500, "InternalError"),
        refusal(503, "SlowDown"),
        refusal(409, "ConditionalRequestConflict"),
        refusal(400, "RequestTimeout"),
        refusal(429, "TooManyRequests"),
        Reply(502, b"<html>Bad Gateway</html>"),
        Reply(drop=True),
    ],
)
def test_a_store_that_is_out_of_order_is_worth_another_try(
    server: ScriptedServer, store: S3Evidence, reply: Reply
) -> None:
    server.replies = [reply]

    with pytest.raises(EvidenceUnreachable) as failure:
        put(store)
    assert failure.value.remedy
    assert len(server.requests) == 1


def test_a_store_that_is_not_there_is_worth_another_try(store: S3Evidence, server: ScriptedServer) -> None:
    server.stopped.set()

    with pytest.MonkeyPatch.context() as nowhere:
        nowhere.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        absent = S3Evidence("evidence", region="us-east-1", retention_days=1, clock=SystemClock())
        with pytest.raises(EvidenceUnreachable, match="EndpointConnectionError") as failure:
            put(absent)
        absent.close()
    assert "AWS_ENDPOINT_URL" in failure.value.remedy


@pytest.mark.parametrize(
    ("reply", "remedy"),
    [
        (refusal(403, "AccessDenied"), "Grant s3:PutObject, s3:PutObjectRetention"),
        (refusal(403, "SignatureDoesNotMatch"), "credentials are wrong or expired"),
        (refusal(400, "ExpiredToken"), "credentials are wrong or expired"),
        (refusal(403, "RequestTimeTooSkewed"), "clock"),
        (refusal(404, "NoSuchBucket"), "Create the bucket evidence with Object Lock enabled"),
        (refusal(400, "InvalidRequest"), "Create the bucket evidence with Object Lock enabled"),
        (refusal(400, "KeyTooLongError"), "check the bucket evidence"),
    ],
)
def test_a_refusal_says_what_to_do(server: ScriptedServer, store: S3Evidence, reply: Reply, remedy: str) -> None:
    server.replies = [reply]

    with pytest.raises(EvidenceError) as failure:
        put(store)
    assert remedy in failure.value.remedy
    assert not failure.value.retryable


def test_a_store_that_takes_evidence_and_locks_nothing_is_refused(server: ScriptedServer, store: S3Evidence) -> None:
    version = (
        b"<Version><Key>report.md</Key><VersionId>v1</VersionId>"
        b"<LastModified>2026-11-23T05:02:54.000Z</LastModified></Version>"
    )
    listing = Reply(body=b"<ListVersionsResult>" + version + b"</ListVersionsResult>")
    server.replies = [Reply(headers={"x-amz-version-id": "v1"}), listing, Reply()]

    with pytest.raises(EvidenceError, match="the bucket evidence has no Object Lock"):
        put(store)
    assert [request.method for request in server.requests] == ["PUT", "GET", "HEAD", "PUT", "HEAD"]


def test_evidence_that_is_gone_right_after_it_was_written_is_not_taken_for_kept(
    server: ScriptedServer, store: S3Evidence
) -> None:
    server.replies = [Reply(headers={"x-amz-version-id": "v1"}), Reply(body=b"<ListVersionsResult/>")]

    with pytest.raises(EvidenceError):
        put(store)


def test_a_missing_credential_is_an_error_with_a_remedy(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    store = S3Evidence("evidence", region="us-east-1", retention_days=1, clock=SystemClock())

    with pytest.raises(EvidenceError, match="no AWS credentials") as failure:
        put(store)
    store.close()
    assert "AWS_ACCESS_KEY_ID" in failure.value.remedy
