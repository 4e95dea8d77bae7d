"""Prefect's server, if somebody set one up; without loading Prefect unless it must be asked where that is."""

import base64
import urllib.error
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPException
from urllib.parse import urlsplit

from tasks.domain.errors import MergeHubError
from tasks.domain.examined import PrefectFound

_SECONDS = 10


class PrefectUnwell(MergeHubError):
    code = "prefect-unwell"


def look_at_prefect(environ: Mapping[str, str]) -> PrefectFound:
    address = environ.get("PREFECT_API_URL") or _from_profile(environ)
    if not address:
        return PrefectFound(None)
    shown = _without_secrets(address)
    request = urllib.request.Request(f"{address.rstrip('/')}/health", headers=_headers(environ))  # noqa: S310 -- checked above
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310
            return PrefectFound(shown)
    except urllib.error.HTTPError as error:
        rejected = error.code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
        remedy = "Set PREFECT_API_KEY or PREFECT_API_AUTH_STRING." if rejected else _LOOK
        raise PrefectUnwell(f"{shown} answers {error.code}", remedy=remedy) from None
    except (OSError, HTTPException, ValueError) as error:
        # Not chained: some of these errors quote the address.
        reason = getattr(error, "reason", error)
        raise PrefectUnwell(f"{shown} does not answer ({type(reason).__name__})", remedy=_LOOK) from None


_LOOK = "Start that server or mend the network, or unset PREFECT_API_URL: then each command starts its own."


def _from_profile(environ: Mapping[str, str]) -> str | None:
    """Prefect's own files may name a server; nobody has any who has set neither variable."""
    if not environ.get("PREFECT_PROFILE") and not environ.get("PREFECT_HOME"):
        return None
    from prefect.settings import PREFECT_API_URL  # noqa: PLC0415 -- takes a second, which only those pay who need it

    address: str | None = PREFECT_API_URL.value()
    return address


def _headers(environ: Mapping[str, str]) -> dict[str, str]:
    if key := environ.get("PREFECT_API_KEY"):
        return {"Authorization": f"Bearer {key}"}
    if account := environ.get("PREFECT_API_AUTH_STRING"):
        return {"Authorization": f"Basic {base64.b64encode(account.encode()).decode()}"}
    return {}


def _without_secrets(address: str) -> str:
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = urlsplit(""), ""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise PrefectUnwell(
            "PREFECT_API_URL is no address", remedy="Write it as http://HOST:PORT/api, or unset it."
        ) from None
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
