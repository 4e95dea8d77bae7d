"""
A secret from where it is kept, with the day since when it has been there, where its place tells.

Nothing is kept here: who looks a secret up holds it. No error repeats what a place answered, which may hold it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, assert_never

from pydantic import SecretStr

from config.errors import UnsetVariable
from config.needs import resolve
from config.schema import InAws, InEnvironment, InPrefect, InVault, SecretPlace
from config.schema.values import REFERENCE
from tasks.adapters.vault import logged_in
from tasks.domain.errors import CredentialUnavailable
from tasks.redaction import keep_secret

_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Kept:
    """`where` is for people; `since` None: its place does not tell."""

    value: SecretStr
    where: str
    since: datetime | None = None


def look_up(place: str | SecretPlace, environ: Mapping[str, str], *, key: str) -> Kept:
    """
    `key` is where the configuration tells of it; text is the secret itself, once its `${VARIABLE}`s are known.

    Raises CredentialUnavailable, or UnsetVariable where the environment lacks what is needed for it.
    """
    match place:
        case str():
            found = Kept(SecretStr(resolve(place, environ, key=key)), _where_written(place))
        case InEnvironment():
            found = _in_environment(place, environ, key)
        case InPrefect():
            found = _in_prefect(place)
        case InAws():
            found = _in_aws(place, environ, key)
        case InVault():
            found = _in_vault(place, environ, key)
        case _:
            assert_never(place)
    text = found.value.get_secret_value().strip()
    if not text:
        raise _unavailable(found.where, "it is empty", "Put the secret there.")
    keep_secret(f"{key}, from {found.where}", text)
    return Kept(SecretStr(text), found.where, found.since)


def _where_written(text: str) -> str:
    variables = [f"the variable {each[2:-1]}" for each in re.findall(REFERENCE, text)]
    return " and ".join(variables) or "the configuration"


def _in_environment(place: InEnvironment, environ: Mapping[str, str], key: str) -> Kept:
    if not environ.get(place.variable):
        raise UnsetVariable(place.variable, key=key)
    return Kept(SecretStr(environ[place.variable]), f"the variable {place.variable}")


def _in_prefect(place: InPrefect) -> Kept:
    from prefect.blocks.system import Secret  # noqa: PLC0415 -- who keeps no secret there does without it

    where = f"the Prefect block secret/{place.block}"
    try:
        block: Any = Secret.load(place.block, _sync=True)  # type: ignore[call-arg]  # Prefect's own way to say so
        value = block.get()
    except Exception as error:  # noqa: BLE001 -- Prefect raises what its client, its server and pydantic raise
        remedy = f"Make it as a secret block, named {place.block}, on the server that PREFECT_API_URL names."
        raise _unavailable(where, type(error).__name__, remedy) from None
    return Kept(SecretStr(_text(value, None, where)), where)


def _in_aws(place: InAws, environ: Mapping[str, str], key: str) -> Kept:
    import boto3  # type: ignore[import-untyped]  # noqa: PLC0415 -- takes a second to import
    from botocore.config import Config  # type: ignore[import-untyped]  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]  # noqa: PLC0415

    name = resolve(place.secret, environ, key=f"{key}.secret")
    region = None if place.region is None else resolve(place.region, environ, key=f"{key}.region")
    where = f"the AWS secret {name}"
    limits = Config(connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"total_max_attempts": 2})
    try:
        client = boto3.client("secretsmanager", region_name=region, config=limits)
        answer = client.get_secret_value(SecretId=name)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "ClientError"))
        remedy = "Check the name, and that merge-hub's role may do secretsmanager:GetSecretValue on it."
        raise _unavailable(where, code, remedy) from None
    except (BotoCoreError, ValueError) as error:
        remedy = "Check the region, the credentials of the AWS SDK, and the network."
        raise _unavailable(where, type(error).__name__, remedy) from None
    text = answer.get("SecretString") or answer.get("SecretBinary", b"").decode(errors="replace")
    return Kept(SecretStr(_text(text, place.field, where)), where, answer.get("CreatedDate"))


def _in_vault(place: InVault, environ: Mapping[str, str], key: str) -> Kept:
    import hvac  # type: ignore[import-untyped]  # noqa: PLC0415 -- who keeps no secret there does without it
    from requests import RequestException  # noqa: PLC0415

    where = f"Vault at {place.mount}/{place.path}"
    try:
        client = logged_in(place, environ, key)
        reader = client.secrets.kv.v2
        answer = reader.read_secret_version(path=place.path, mount_point=place.mount, raise_on_deleted_version=True)
    except (hvac.exceptions.VaultError, RequestException, ValueError) as error:
        raise _unavailable(where, type(error).__name__, _remedy_of_vault(error)) from None
    try:
        fields, made = answer["data"]["data"], answer["data"]["metadata"]["created_time"]
    except (KeyError, TypeError):
        raise _unavailable(where, "the answer is not one of KV version 2", "Check `mount` and `path`.") from None
    return Kept(SecretStr(_text(fields, place.field, where)), where, _moment(made))


def _remedy_of_vault(error: Exception) -> str:
    match type(error).__name__:
        case "Forbidden" | "Unauthorized" | "InvalidRequest":
            return "Check the token or the role, and that its policy allows to read this path."
        case "InvalidPath":
            return "Check `mount` and `path`, and that the latest version was not deleted."
        case "VaultDown":
            return "Unseal the server."
        case _:
            return "Check the address and the network; then run again."


def _text(value: object, field: str | None, where: str) -> str:
    """The secret itself, or one field of a secret that is an object."""
    if field is not None and isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise _unavailable(where, "it is no JSON object", "Leave out `field`, or store an object.") from None
    if field is not None:
        value = value.get(field) if isinstance(value, Mapping) else None
    if not isinstance(value, str):
        what = "it is no text" if field is None else f"it has no text in a field `{field}`"
        raise _unavailable(where, what, "Check `field`, and what is stored there.")
    return value


def _moment(text: object) -> datetime | None:
    """Vault tells nanoseconds, which Python does not read."""
    day_and_second = str(text).partition(".")[0].removesuffix("Z")
    try:
        return datetime.fromisoformat(day_and_second).replace(tzinfo=UTC)
    except ValueError:
        return None


def _unavailable(where: str, why: str, remedy: str) -> CredentialUnavailable:
    return CredentialUnavailable(f"the credential cannot be had from {where}: {why}", remedy=remedy)
