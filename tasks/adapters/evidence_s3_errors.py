"""What an S3 store's refusals mean to us, and what a person can do about each."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import botocore.exceptions as aws  # type: ignore[import-untyped]  # botocore has no types
from botocore.parsers import ResponseParserError  # type: ignore[import-untyped]  # botocore has no types

from tasks.domain.errors import EvidenceError, EvidenceUnreachable

_PERMISSIONS = (
    "s3:PutObject, s3:PutObjectRetention, s3:GetObject, s3:GetObjectVersion, s3:GetObjectRetention and "
    "s3:ListBucketVersions"
)
_CREDENTIALS = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or let the worker run under a role."
_CREDENTIAL_CODES = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"}
_PASSING_CODES = {"SlowDown", "RequestTimeout", "Throttling", "ThrottlingException", "ConditionalRequestConflict"}
_UNREACHABLE = (
    aws.ConnectionError,
    aws.HTTPClientError,
    aws.IncompleteReadError,
    aws.FlexibleChecksumError,
    ResponseParserError,
)
_LOCK_CODES = {"InvalidRequest", "ObjectLockConfigurationNotFoundError"}


@contextmanager
def explained(bucket: str, what: str) -> Iterator[None]:
    try:
        yield
    except aws.ClientError as error:
        raise _refusal(error, bucket, what) from error
    except _UNREACHABLE as error:
        raise EvidenceUnreachable(
            f"{what}: {type(error).__name__}",
            remedy="Check the network, AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL, then run again.",
        ) from error
    except (aws.NoCredentialsError, aws.PartialCredentialsError) as error:
        raise EvidenceError(f"{what}: no AWS credentials", remedy=_CREDENTIALS) from error
    except aws.BotoCoreError as error:
        raise EvidenceError(f"{what}: {error}", remedy="Check AWS's settings and `audit.storage`.") from error


def no_object_lock(bucket: str, because: str) -> EvidenceError:
    return EvidenceError(
        f"the bucket {bucket} has no Object Lock: {because}",
        remedy=f"Create the bucket {bucket} with Object Lock enabled, and name it in `audit.storage.bucket`: evidence "
        "that can be deleted is none.",
    )


def _refusal(error: aws.ClientError, bucket: str, what: str) -> EvidenceError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    sentence = f"{what}: {status} {code}"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS or code in _PASSING_CODES:
        return EvidenceUnreachable(sentence, remedy="The store is busy or out of order; run again later.")
    if code in _LOCK_CODES:
        return no_object_lock(bucket, str(error.response["Error"].get("Message", code)))
    return EvidenceError(sentence, remedy=_remedy(code, status, bucket))


def _remedy(code: str, status: int, bucket: str) -> str:
    if code == "NoSuchBucket":
        return f"Create the bucket {bucket} with Object Lock enabled, or name the right one in `audit.storage.bucket`."
    if code in _CREDENTIAL_CODES:
        return f"The credentials are wrong or expired. {_CREDENTIALS}"
    if code == "RequestTimeTooSkewed":
        return "Set this machine's clock right."
    if status == HTTPStatus.FORBIDDEN:
        return f"Grant {_PERMISSIONS} on the bucket {bucket} to merge-hub's role."
    return f"Look the answer up in S3's list of errors, and check the bucket {bucket}."
