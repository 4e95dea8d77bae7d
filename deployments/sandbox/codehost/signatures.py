"""
What the code host says of the signatures of commits.

No key is checked here: the world tells which signatures are good, and a commit without one is unsigned whatever it
tells. A signature of which nothing is told is by a key that nobody knows.
"""

from dataclasses import dataclass

from .errors import Invalid
from .git.commits import Commit
from .host import Host
from .hosted import HostedRepository
from .model import Json

STATES = frozenset(
    {
        "BAD_CERT",
        "BAD_EMAIL",
        "EXPIRED_KEY",
        "GPGVERIFY_ERROR",
        "GPGVERIFY_UNAVAILABLE",
        "INVALID",
        "MALFORMED_SIG",
        "NOT_SIGNING_KEY",
        "NO_USER",
        "OCSP_ERROR",
        "OCSP_PENDING",
        "OCSP_REVOKED",
        "UNKNOWN_KEY",
        "UNKNOWN_SIG_TYPE",
        "UNVERIFIED_EMAIL",
        "VALID",
    }
)
KINDS = {"-----BEGIN PGP SIGNATURE-----": "GpgSignature", "-----BEGIN SSH SIGNATURE-----": "SshSignature"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kind` and `state` as GitHub's GraphQL API calls them."""

    kind: str
    state: str
    signer: str | None

    @property
    def valid(self) -> bool:
        return self.state == "VALID"


def verdict_on(repository: HostedRepository, commit: Commit) -> Verdict | None:
    """None for a commit that bears no signature."""
    if commit.signature is None:
        return None
    told = repository.record.signatures.get(commit.oid, {})
    kind = KINDS.get(commit.signature.split("\n", 1)[0], "UnknownSignature")
    return Verdict(kind, told.get("state", "UNKNOWN_KEY"), told.get("signer"))


def checked_signature(host: Host, told: Json) -> Json:
    """`state` is GitHub's word for it, `signer` a login."""
    state, signer = told.get("state", "VALID"), told.get("signer")
    if state not in STATES:
        raise Invalid(message=f"{state!r} is no state of a signature: {', '.join(sorted(STATES))}.")
    account = host.account(str(signer)) if signer is not None else None
    if signer is not None and (account is None or account.type != "User"):
        raise Invalid(message=f"{signer!r} is no user who could sign.")
    return {"state": state, "signer": None if account is None else account.login}
