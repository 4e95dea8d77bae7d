"""One signed S3 request (AWS Signature Version 4) without a client library, which would take longer to import."""

import hashlib
import hmac
import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

REGION = "us-east-1"
_NOTHING = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Credentials:
    access_key: str
    secret_key: str


def put_nothing(host: str, path: str, headers: Mapping[str, str], credentials: Credentials) -> int:
    """Sends `PUT path` with an empty body and returns the status; `path` holds nothing that needs quoting."""
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        connection.request("PUT", path, headers=_signed(host, path, headers, credentials))
        return connection.getresponse().status
    finally:
        connection.close()


def _signed(host: str, path: str, headers: Mapping[str, str], credentials: Credentials) -> dict[str, str]:
    now = datetime.now(tz=UTC)
    all_headers = {**headers, "host": host, "x-amz-content-sha256": _NOTHING, "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}"}
    names = ";".join(sorted(all_headers))
    lines = "".join(f"{name}:{all_headers[name]}\n" for name in sorted(all_headers))
    request = hashlib.sha256(f"PUT\n{path}\n\n{lines}\n{names}\n{_NOTHING}".encode()).hexdigest()

    scope = f"{now:%Y%m%d}/{REGION}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{now:%Y%m%dT%H%M%SZ}\n{scope}\n{request}"
    key = f"AWS4{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    signature = hmac.digest(key, text.encode(), hashlib.sha256).hex()
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return {**all_headers, "authorization": authorization}
