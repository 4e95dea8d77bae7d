"""Which keys seal the audit log, and where they are."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from config.schema.credentials import VaultAddress, VaultAppRole, VaultPath, VaultToken
from config.schema.times import Duration, duration_of
from config.schema.values import REFERENCE, Count, Line, Referring, Section, Spelling, refused

_LONGEST_NAME = 200
AuthorityAddress = Annotated[
    Referring, Spelling(rf"https?://[^\s@]+|.*{REFERENCE}.*", "an http(s) address, or `${VARIABLE}`")
]


def _name_of_a_log(text: str) -> str:
    if "+" in text or not text.isascii() or any(map(str.isspace, text)) or len(text) > _LONGEST_NAME:
        raise refused("is no name of a log", "write it as an address without scheme: `example.com/audit-log`")
    return text


LogName = Annotated[Line, AfterValidator(_name_of_a_log)]


class KeysInFiles(Section):
    type: Literal["files"] = Field(
        default="files", description="Files of this machine, made where there are none: for development."
    )
    path: Referring | None = Field(
        default=None, description="The directory of `log.pem` and `attest.pem`; else `keys` under MERGE_HUB_HOME."
    )


class KeysInVault(Section):
    type: Literal["vault"] = Field(description="The engine Transit of HashiCorp Vault or OpenBao; keys of ed25519.")
    address: VaultAddress = Field(default="${VAULT_ADDR}", description="The server's address.")
    namespace: Referring | None = Field(default=None, description="Of Vault Enterprise.")
    mount: VaultPath = Field(default="transit", description="Where the engine is mounted.")
    log: Line = Field(default="merge-hub-log", description="The name of the key that signs checkpoints.")
    attest: Line = Field(default="merge-hub-attest", description="The name of the key that attests landings.")
    log_version: Count | None = Field(
        default=None, ge=1, description="Which version of that key; else the latest. Say it, so that it can be rotated."
    )
    attest_version: Count | None = Field(default=None, ge=1, description="Which version of the other; else the latest.")
    login: Annotated[VaultToken | VaultAppRole, Field(discriminator="type")] = Field(
        default=VaultToken(), description="How merge-hub logs in there."
    )


class KeysInKms(Section):
    type: Literal["aws-kms"] = Field(description="AWS KMS; keys of ECC_NIST_EDWARDS25519.")
    log: Referring = Field(description="Id, ARN or alias of the key that signs checkpoints.")
    attest: Referring = Field(description="Id, ARN or alias of the key that attests landings.")
    region: Referring | None = Field(default=None, description="Their region; else the SDK's own.")


class Anchor(Section):
    authority: AuthorityAddress = Field(description="Address of an authority that stamps times as RFC 3161 says.")
    certificates: Referring = Field(description="A file with the certificates (PEM) that vouch for the authority.")
    every: Duration = Field(
        default="5m", description="A run that signs something new has it stamped unless the last stamp is younger."
    )

    @property
    def interval(self) -> timedelta:
        return duration_of(self.every)


class Sealing(Section):
    origin: LogName | None = Field(
        default=None,
        description="The log's name in its checkpoints, for ever; else `merge-hub/` and the organization's login.",
    )
    anchor: Anchor | None = Field(
        default=None, description="Who outside the organization says when a checkpoint was there."
    )
    keys: Annotated[KeysInFiles | KeysInVault | KeysInKms, Field(discriminator="type")] = Field(
        default=KeysInFiles(), description="What signs checkpoints and attests landings."
    )
