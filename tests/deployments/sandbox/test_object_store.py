"""The object store's Object Lock is a real one, and what it holds survives."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]  # it has no types
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # it has no types

from deployments.sandbox.object_store import running_object_store
from deployments.sandbox.process import Sandbox

BUCKET = "acmecorp-audit-logs"
UNTIL = datetime.now(tz=UTC).replace(microsecond=0) + timedelta(days=365)


def s3(url: str, access_key: str, secret_key: str) -> Any:
    return boto3.client(
        "s3", "us-east-1", endpoint_url=url, aws_access_key_id=access_key, aws_secret_access_key=secret_key
    )


@pytest.fixture(scope="module")
def store() -> Iterator[Any]:
    with Sandbox() as sandbox:
        environment = sandbox.environment()
        keys = (environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
        yield s3(environment["AWS_ENDPOINT_URL_S3"], *keys)


def locked(store: Any, key: str) -> str:
    answer = store.put_object(
        Bucket=BUCKET, Key=key, Body=b"evidence", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=UNTIL
    )
    return str(answer["VersionId"])


def test_the_bucket_has_object_lock(store: Any) -> None:
    answer = store.get_object_lock_configuration(Bucket=BUCKET)

    assert answer["ObjectLockConfiguration"]["ObjectLockEnabled"] == "Enabled"


def test_a_locked_version_cannot_be_deleted(store: Any) -> None:
    version = locked(store, "deleted")

    with pytest.raises(ClientError, match="AccessDenied"):
        store.delete_object(Bucket=BUCKET, Key="deleted", VersionId=version, BypassGovernanceRetention=True)

    assert store.get_object(Bucket=BUCKET, Key="deleted", VersionId=version)["Body"].read() == b"evidence"


def test_retention_cannot_be_shortened(store: Any) -> None:
    version = locked(store, "shortened")
    sooner = {"Mode": "COMPLIANCE", "RetainUntilDate": UNTIL - timedelta(days=300)}

    with pytest.raises(ClientError, match="AccessDenied"):
        store.put_object_retention(Bucket=BUCKET, Key="shortened", VersionId=version, Retention=sooner)

    answer = store.get_object_retention(Bucket=BUCKET, Key="shortened", VersionId=version)
    assert answer["Retention"]["RetainUntilDate"] == UNTIL


def test_a_key_is_written_once_if_so_asked(store: Any) -> None:
    store.put_object(Bucket=BUCKET, Key="once", Body=b"first", IfNoneMatch="*")

    with pytest.raises(ClientError, match="PreconditionFailed"):
        store.put_object(Bucket=BUCKET, Key="once", Body=b"second", IfNoneMatch="*")


def test_wrong_credentials_are_refused(store: Any) -> None:
    stranger = s3(store.meta.endpoint_url, "SANDBOXSTRANGER", "guessed")

    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        stranger.list_buckets()


async def objects_after_restart(directory: Path) -> list[str]:
    async with running_object_store(directory, bucket=BUCKET) as first:
        await asyncio.to_thread(locked, s3(first.url, first.credentials.access_key, first.credentials.secret_key), "k")
    async with running_object_store(directory, bucket=BUCKET) as second:
        client = s3(second.url, second.credentials.access_key, second.credentials.secret_key)
        listed = await asyncio.to_thread(client.list_objects_v2, Bucket=BUCKET)
    return [item["Key"] for item in listed["Contents"]]


@pytest.mark.long
def test_a_restart_goes_on_with_the_same_objects(tmp_path: Path) -> None:
    keys = asyncio.run(objects_after_restart(tmp_path))

    assert keys == ["k"]
