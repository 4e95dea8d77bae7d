from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # botocore has no types
from prefect_aws import AwsCredentials
from pydantic import SecretStr

from deployments.sandbox.object_store import ObjectStore
from tasks.adapters.clock import SystemClock
from tasks.adapters.evidence_s3 import S3Evidence
from tasks.domain.errors import EvidenceConflict, EvidenceError
from tests.adapters.evidence_s3.conftest import RETENTION


def put(store: S3Evidence, key: str, content: bytes = b"evidence") -> str:
    return store.put(key, content, media_type="text/plain")


def name(store: S3Evidence, key: str) -> str:
    """The key as the bucket knows it."""
    return f"{store.location}/{key}".removeprefix("s3://evidence/")


def versions(client: Any, store: S3Evidence, key: str) -> list[dict[str, Any]]:
    """The newest first."""
    found = client.list_object_versions(Bucket="evidence", Prefix=name(store, key)).get("Versions", [])
    return [version for version in found if version["Key"] == name(store, key)]


def head(client: Any, store: S3Evidence, key: str) -> dict[str, Any]:
    first = versions(client, store, key)[-1]["VersionId"]
    answer: dict[str, Any] = client.head_object(Bucket="evidence", Key=name(store, key), VersionId=first)
    return answer


def test_what_is_put_is_read_back_under_an_address_of_its_own(store: S3Evidence) -> None:
    address = put(store, "events/1-3.jsonl", b"one\n")

    assert address == f"{store.location}/events/1-3.jsonl"
    assert store.get("events/1-3.jsonl") == b"one\n"


def test_what_is_put_is_locked_in_compliance_mode_for_the_retention_time(client: Any, store: S3Evidence) -> None:
    before = datetime.now(UTC)
    put(store, "report.md")

    locked = head(client, store, "report.md")
    assert locked["ObjectLockMode"] == "COMPLIANCE"
    assert locked["ObjectLockRetainUntilDate"] >= before + RETENTION
    assert locked["ContentType"] == "text/plain"


@pytest.mark.parametrize("bypass", [{}, {"BypassGovernanceRetention": True}])
def test_the_store_refuses_to_delete_what_was_put(client: Any, store: S3Evidence, bypass: dict[str, bool]) -> None:
    put(store, "report.md")
    version = versions(client, store, "report.md")[0]["VersionId"]

    with pytest.raises(ClientError, match="AccessDenied"):
        client.delete_object(Bucket="evidence", Key=name(store, "report.md"), VersionId=version, **bypass)
    assert store.get("report.md") == b"evidence"


@pytest.mark.parametrize("mode", ["COMPLIANCE", "GOVERNANCE"])
def test_the_store_refuses_to_shorten_the_lock(client: Any, store: S3Evidence, mode: str) -> None:
    put(store, "report.md")
    version = versions(client, store, "report.md")[0]["VersionId"]
    sooner = {"Mode": mode, "RetainUntilDate": datetime.now(UTC) + RETENTION / 2}

    with pytest.raises(ClientError, match="AccessDenied"):
        client.put_object_retention(
            Bucket="evidence", Key=name(store, "report.md"), VersionId=version, Retention=sooner
        )


def test_the_same_bytes_are_accepted_again_without_another_version(client: Any, store: S3Evidence) -> None:
    assert put(store, "report.md") == put(store, "report.md")
    assert len(versions(client, store, "report.md")) == 1


def test_other_bytes_are_refused_and_the_first_stay(store: S3Evidence) -> None:
    put(store, "report.md", b"first")

    with pytest.raises(EvidenceConflict, match=r"report\.md holds other bytes"):
        put(store, "report.md", b"other")
    assert store.get("report.md") == b"first"


def test_of_many_writers_of_one_key_one_wins_and_the_others_hear_of_it(client: Any, store: S3Evidence) -> None:
    def attempt(number: int) -> bool:
        try:
            put(store, "report.md", b"%d" % (number % 4))
        except EvidenceConflict:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(attempt, range(16)))

    assert won.count(True) == 4
    assert len(versions(client, store, "report.md")) == 1


def test_what_somebody_wrote_over_evidence_is_not_read(client: Any, store: S3Evidence) -> None:
    put(store, "report.md", b"first")
    client.put_object(Bucket="evidence", Key=name(store, "report.md"), Body=b"forged")

    assert store.get("report.md") == b"first"
    assert put(store, "report.md", b"first")
    with pytest.raises(EvidenceConflict):
        put(store, "report.md", b"forged")


def test_a_deletion_hides_no_evidence(client: Any, store: S3Evidence) -> None:
    put(store, "report.md", b"first")
    client.delete_object(Bucket="evidence", Key=name(store, "report.md"))

    assert store.get("report.md") == b"first"
    assert store.keys("") == ("report.md",)


def test_other_bytes_are_refused_where_a_deletion_made_room_for_them(client: Any, store: S3Evidence) -> None:
    put(store, "report.md", b"first")
    client.delete_object(Bucket="evidence", Key=name(store, "report.md"))

    with pytest.raises(EvidenceConflict):
        put(store, "report.md", b"other")
    assert store.get("report.md") == b"first"


def test_the_same_bytes_that_somebody_left_without_a_lock_are_locked(client: Any, store: S3Evidence) -> None:
    client.put_object(Bucket="evidence", Key=name(store, "report.md"), Body=b"evidence")
    put(store, "report.md")

    assert head(client, store, "report.md")["ObjectLockMode"] == "COMPLIANCE"


def test_a_lock_that_is_too_short_is_lengthened(
    client: Any, open_store: Callable[..., S3Evidence], store: S3Evidence
) -> None:
    put(store, "report.md")
    before = head(client, store, "report.md")["ObjectLockRetainUntilDate"]
    longer = open_store(prefix=name(store, ""), days=RETENTION.days * 2)
    put(longer, "report.md")

    assert head(client, store, "report.md")["ObjectLockRetainUntilDate"] - before > RETENTION * 0.9


def test_keys_are_sorted_begin_as_asked_and_leave_out_other_prefixes(store: S3Evidence) -> None:
    for key in ("b/2", "b/10", "a", "bc", "c/.github/x", "c/d+e f", "c/ü%2F"):
        put(store, key)

    assert store.keys("") == ("a", "b/10", "b/2", "bc", "c/.github/x", "c/d+e f", "c/ü%2F")
    assert store.keys("b") == ("b/10", "b/2", "bc")
    assert store.keys("b/1") == ("b/10",)
    assert store.keys("nothing/here") == ()
    assert store.get("c/ü%2F") == b"evidence"


def test_a_key_is_not_mistaken_for_one_that_begins_like_it(store: S3Evidence) -> None:
    put(store, "a.b", b"longer")

    with pytest.raises(EvidenceError, match="does not exist"):
        store.get("a")
    put(store, "a", b"shorter")
    assert (store.get("a"), store.get("a.b")) == (b"shorter", b"longer")


def test_a_key_that_could_not_be_kept_in_a_directory_is_refused(store: S3Evidence) -> None:
    with pytest.raises(EvidenceError, match="is no key for evidence"):
        put(store, "../other/report.md")


def test_a_store_without_a_prefix_holds_the_whole_bucket(
    open_store: Callable[..., S3Evidence], store: S3Evidence
) -> None:
    put(store, "report.md")
    whole = open_store()

    assert whole.location == "s3://evidence"
    assert whole.get(name(store, "report.md")) == b"evidence"


def test_a_bucket_that_does_not_lock_is_refused(client: Any, open_store: Callable[..., S3Evidence]) -> None:
    client.create_bucket(Bucket="plain")

    with pytest.raises(EvidenceError, match="the bucket plain has no Object Lock") as refusal:
        put(open_store("plain"), "report.md")
    assert "with Object Lock enabled" in refusal.value.remedy
    assert not refusal.value.retryable


def test_a_bucket_that_is_not_there_is_refused(open_store: Callable[..., S3Evidence]) -> None:
    with pytest.raises(EvidenceError) as refusal:
        put(open_store("absent"), "report.md")
    assert "Create the bucket absent with Object Lock enabled" in refusal.value.remedy


def test_credentials_can_be_given_and_are_told_nobody(server: ObjectStore, aws: None) -> None:
    wrong = AwsCredentials(aws_access_key_id="WRONG", aws_secret_access_key=SecretStr("hunter2"))
    store = S3Evidence("evidence", region="us-east-1", retention_days=1, clock=SystemClock(), credentials=wrong)

    with pytest.raises(EvidenceError, match="403 InvalidAccessKeyId") as refusal:
        put(store, "report.md")
    store.close()
    assert "AWS_SECRET_ACCESS_KEY" in refusal.value.remedy
    assert "hunter2" not in repr(refusal.value) + repr(refusal.value.__cause__) + repr(vars(store))
