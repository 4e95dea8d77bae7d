"""
Where the secrets are kept that merge-hub acts with: at the code host, in the chat, at the mail server.

A configuration says where a secret is, never what it is.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from config.schema.times import Day
from config.schema.values import REFERENCE, Count, Line, Referring, Section, Spelling

Variable = Annotated[str, Spelling(r"[A-Za-z_][A-Za-z0-9_]*", "the name of a variable, such as GITHUB_TOKEN")]
BlockName = Annotated[str, Spelling(r"[a-z0-9][a-z0-9-]{0,99}", "the name of a Prefect secret block")]
VaultAddress = Annotated[
    Referring, Spelling(rf"https?://[^\s@]+|.*{REFERENCE}.*", "an http(s) address without a password, or `${VARIABLE}`")
]


Confidential = Annotated[Line, Spelling(REFERENCE, "`${VARIABLE}`: no secret belongs into a file")]
VaultPath = Annotated[Line, Spelling(r"(?!/)(?!.*//)[^\s?#]+(?<!/)", "a path that neither begins nor ends with `/`")]


class InEnvironment(Section):
    type: Literal["environment"] = Field(default="environment", description="A variable of the hub's process.")
    variable: Variable = Field(default="GITHUB_TOKEN", description="Its name.")


class InPrefect(Section):
    type: Literal["prefect"] = Field(description="A secret block of the Prefect server.")
    block: BlockName = Field(description="The block's name.")


class InAws(Section):
    type: Literal["aws"] = Field(description="AWS Secrets Manager, reached as the AWS SDK's own settings say.")
    secret: Referring = Field(description="The secret's name or ARN.")
    region: Referring | None = Field(default=None, description="Its region; else the SDK's own.")
    field: Line | None = Field(default=None, description="Which field, of a secret that is a JSON object.")


class VaultToken(Section):
    type: Literal["token"] = Field(default="token", description="A token of Vault.")
    token: Confidential = Field(default="${VAULT_TOKEN}", description="A secret: `${VARIABLE}`.")


class VaultAppRole(Section):
    type: Literal["approle"] = Field(description="A role for machines.")
    role_id: Referring = Field(default="${VAULT_ROLE_ID}", description="The role; `${VARIABLE}`.")
    secret_id: Confidential = Field(default="${VAULT_SECRET_ID}", description="A secret: `${VARIABLE}`.")
    mount: VaultPath = Field(default="approle", description="Where the method is mounted.")


class InVault(Section):
    type: Literal["vault"] = Field(description="HashiCorp Vault or OpenBao, engine KV version 2.")
    address: VaultAddress = Field(default="${VAULT_ADDR}", description="The server's address.")
    namespace: Referring | None = Field(default=None, description="Of Vault Enterprise.")
    mount: VaultPath = Field(default="secret", description="Where the engine is mounted.")
    path: VaultPath = Field(description="The secret's path below the mount.")
    field: Line = Field(default="token", description="Which field of the secret.")
    login: Annotated[VaultToken | VaultAppRole, Field(discriminator="type")] = Field(
        default=VaultToken(), description="How merge-hub logs in there."
    )


SecretPlace = Annotated[InEnvironment | InPrefect | InAws | InVault, Field(discriminator="type")]

WRITTEN, KEPT = "written", "kept"
"""The two ways to tell of a secret: as text with `${VARIABLE}` in it, or by the place where it is kept."""


def _way(value: Any) -> str:
    return KEPT if isinstance(value, Mapping | Section) else WRITTEN


TOLD_BY_WAY = Discriminator(_way)
InPlace = Annotated[SecretPlace, Tag(KEPT)]
Told = Annotated[Annotated[Referring, Tag(WRITTEN)] | InPlace, TOLD_BY_WAY]


class TokenCredential(Section):
    type: Literal["token"] = Field(default="token", description="A personal access token.")
    place: SecretPlace = Field(default=InEnvironment(), description="Where it is kept.")
    made_on: Day | None = Field(
        default=None, description="The day it was made, where its place does not tell: of unknown age is not new."
    )


class AppCredential(Section):
    type: Literal["app"] = Field(description="A GitHub App: tokens of an hour, for each repository its own.")
    app_id: Count = Field(gt=0, description="The App's number.")
    key: SecretPlace = Field(description="Where its private key (PEM) is kept.")


class Credentials(Section):
    code_host: Annotated[TokenCredential | AppCredential, Field(discriminator="type")] = Field(
        default=TokenCredential(), description="What merge-hub acts with at the code host."
    )
