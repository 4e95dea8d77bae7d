"""
Evidence in an S3 bucket whose Object Lock keeps everybody, its owner included, from changing or deleting it.

A plain PUT or DELETE of a locked key is not refused: it only hides the locked version under a newer one. So a key is
what its *first* version holds, hidden or not, and a write counts only once that version is found to hold these bytes
under a COMPLIANCE lock that lasts. The lock is counted from the time that the store gave the version, so that a wrong
clock here cannot shorten it.
"""

import base64
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # botocore has no types

from tasks.adapters.evidence_key import checked_key, checked_prefix
from tasks.adapters.evidence_s3_errors import explained, no_object_lock
from tasks.domain.errors import EvidenceConflict, EvidenceError
from tasks.domain.examined import BucketFound, BucketKept, Disturbed, ObjectFound
from tasks.domain.posture import sample_of
from tasks.ports import Clock

if TYPE_CHECKING:
    from prefect_aws import AwsCredentials

# What our clock may be behind the store's without a second request to lengthen the lock.
_SKEW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Version:
    identifier: str
    written: datetime


class S3Evidence:
    def __init__(
        self,
        bucket: str,
        *,
        region: str,
        retention_days: int,
        clock: Clock,
        prefix: str = "",
        credentials: "AwsCredentials | None" = None,
    ) -> None:
        """
        Without `credentials`, AWS's own ways to find them hold: environment, profile, role.

        AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL name another store than AWS's.
        """
        self._bucket = bucket
        self._prefix = f"{checked_key(prefix.strip('/'))}/" if prefix.strip("/") else ""
        self._retention = timedelta(days=retention_days)
        self._clock = clock
        self._client = _client(region, credentials)

    @property
    def location(self) -> str:
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    def put(self, key: str, content: bytes, *, media_type: str) -> str:
        address = f"{self.location}/{checked_key(key)}"
        with explained(self._bucket, f"{address} could not be written"):
            written = self._put_once(self._prefix + key, content, media_type)
            first = self._first_version(self._prefix + key)
            if first is None or (first.identifier != written and self._read(self._prefix + key, first) != content):
                raise EvidenceConflict(
                    f"{address} holds other bytes",
                    remedy="Evidence is never overwritten. Find out who wrote the first version of the key.",
                )
            self._keep_locked(self._prefix + key, first)
        return address

    def keys(self, prefix: str, *, after: str = "") -> tuple[str, ...]:
        known = after and self._prefix + after
        with explained(self._bucket, f"{self.location} could not be listed"):
            versions = self._versions(self._prefix + checked_prefix(prefix), after=known)
            found = {version["Key"] for version in versions}
        return tuple(sorted(key.removeprefix(self._prefix) for key in found if key > known))

    def get(self, key: str) -> bytes:
        address = f"{self.location}/{checked_key(key)}"
        with explained(self._bucket, f"{address} could not be read"):
            first = self._first_version(self._prefix + key)
            if first is None:
                raise EvidenceError(
                    f"{address} does not exist",
                    remedy="Check the key, and that `audit.storage` names the right bucket.",
                )
            return self._read(self._prefix + key, first)

    def examine(self) -> BucketFound:
        """Raises EvidenceError where the bucket cannot be listed, which nothing could be kept without."""
        with explained(self._bucket, f"{self.location} could not be looked at"):
            next(iter(self._versions(self._prefix)), None)
            versioning = self._told("get_bucket_versioning")
            lock = self._told("get_object_lock_configuration", none="ObjectLockConfigurationNotFoundError")
        locks = None if lock is None else lock.get("ObjectLockConfiguration", {})
        default = (locks or {}).get("Rule", {}).get("DefaultRetention", {})
        years = default.get("Years")
        return BucketFound(
            location=self.location,
            versioned=None if versioning is None else versioning.get("Status") == "Enabled",
            locks=None if locks is None else locks.get("ObjectLockEnabled") == "Enabled",
            mode=default.get("Mode"),
            days=default.get("Days") if years is None else 365 * years,
        )

    def survey(self) -> BucketKept:
        """All versions there are, and the locks of a sample; raises EvidenceError."""
        bucket, (first, disturbed) = self.examine(), self._all()
        with explained(self._bucket, f"{self.location} could not be looked at"):
            names = sample_of(tuple(first), self._clock.now())
            return BucketKept(bucket, disturbed, tuple(self._object(name, first[name]) for name in names))

    def disturbed(self) -> Disturbed:
        """What lies on top of first versions; raises EvidenceError."""
        return self._all()[1]

    def _all(self) -> tuple[dict[str, dict[str, Any]], Disturbed]:
        """The first version of each name, and what came after it."""
        first, hidden, overwritten = dict[str, dict[str, Any]](), set[str](), set[str]()
        with explained(self._bucket, f"{self.location} could not be listed"):
            for page in self._pages(self._prefix):
                for version in page.get("Versions", ()):
                    if version["Key"] in first:
                        overwritten.add(version["Key"])
                    # The newest comes first, so the one that stays is the first that was written.
                    first[version["Key"]] = version
                hidden.update(marker["Key"] for marker in page.get("DeleteMarkers", ()))
        return first, Disturbed(self._keys_of(overwritten), self._keys_of(hidden))

    def _object(self, name: str, version: dict[str, Any]) -> ObjectFound:
        head = self._client.head_object(Bucket=self._bucket, Key=name, VersionId=version["VersionId"])
        until = head.get("ObjectLockRetainUntilDate")
        key = name.removeprefix(self._prefix)
        return ObjectFound(key, version["LastModified"], head.get("ObjectLockMode"), until)

    def _keys_of(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(name.removeprefix(self._prefix) for name in names))

    def _told(self, question: str, *, none: str = "") -> dict[str, Any] | None:
        """None where we may not ask; empty for the error that says that there is none."""
        try:
            reply: dict[str, Any] = getattr(self._client, question)(Bucket=self._bucket)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code == none:
                return {}
            if code in {"AccessDenied", "NotImplemented", "MethodNotAllowed"}:
                return None
            raise
        return reply

    def close(self) -> None:
        self._client.close()

    def _put_once(self, name: str, content: bytes, media_type: str) -> str | None:
        """The identifier of the version that was written; None where there is one."""
        try:
            reply = self._client.put_object(
                Bucket=self._bucket,
                Key=name,
                Body=content,
                ContentType=media_type,
                IfNoneMatch="*",
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64.b64encode(hashlib.sha256(content).digest()).decode(),
                ObjectLockMode="COMPLIANCE",
                ObjectLockRetainUntilDate=self._clock.now() + self._retention + _SKEW,
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.PRECONDITION_FAILED:
                return None
            raise
        return str(reply.get("VersionId"))

    def _first_version(self, name: str) -> _Version | None:
        first = None
        for version in self._versions(name):
            # A key's versions come together, the newest first.
            if version["Key"] == name:
                first = _Version(version["VersionId"], version["LastModified"])
            elif first is not None:
                break
        return first

    def _versions(self, prefix: str, *, after: str = "") -> Iterator[dict[str, Any]]:
        for page in self._pages(prefix, **({"KeyMarker": after} if after else {})):
            yield from page.get("Versions", ())

    def _pages(self, prefix: str, **begun: str) -> Iterator[dict[str, Any]]:
        paginator = self._client.get_paginator("list_object_versions")
        yield from paginator.paginate(Bucket=self._bucket, Prefix=prefix, **begun)

    def _read(self, name: str, version: _Version) -> bytes:
        reply = self._client.get_object(Bucket=self._bucket, Key=name, VersionId=version.identifier)
        with closing(reply["Body"]) as body:
            return bytes(body.read())

    def _keep_locked(self, name: str, version: _Version) -> None:
        until = version.written + self._retention
        if self._is_locked(name, version, until):
            return
        self._client.put_object_retention(
            Bucket=self._bucket,
            Key=name,
            VersionId=version.identifier,
            Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until + _SKEW},
        )
        if not self._is_locked(name, version, until):
            raise no_object_lock(self._bucket, "it does not keep a lock in COMPLIANCE mode")

    def _is_locked(self, name: str, version: _Version, until: datetime) -> bool:
        head = self._client.head_object(Bucket=self._bucket, Key=name, VersionId=version.identifier)
        locked_until = head.get("ObjectLockRetainUntilDate")
        return head.get("ObjectLockMode") == "COMPLIANCE" and locked_until is not None and locked_until >= until


def _client(region: str, credentials: "AwsCredentials | None") -> Any:
    # prefect-aws takes seconds to import, which only those pay who keep evidence in S3.
    from prefect_aws import AwsClientParameters, AwsCredentials  # noqa: PLC0415

    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    parameters = AwsClientParameters(
        endpoint_url=endpoint,
        config={
            "connect_timeout": 5,
            "read_timeout": 30,
            "retries": {"total_max_attempts": 1},
            "s3": {"addressing_style": "path" if endpoint else "auto"},
        },
    )
    # Not the block's own client: that is shared by all who name the same credentials, and outlives a change of them.
    session = (credentials or AwsCredentials()).get_boto3_session()
    return session.client("s3", region_name=region, **parameters.get_params_override())
