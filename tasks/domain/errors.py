"""
Failures of the world, as against outcomes of a pull request, which are values.

    MergeHubError
    ├── CodeHostError
    │   ├── CodeHostUnreachable     (retryable)
    │   ├── CredentialsRejected
    │   ├── RateLimited
    │   ├── RepositoryMissing
    │   ├── RepositoryReplaced
    │   ├── RepositoryNamedTwice
    │   └── CodeHostRefused
    ├── CredentialUnavailable
    ├── GitError
    │   └── GitUnreachable          (retryable)
    ├── GateOutputUnwritable
    ├── EvidenceError
    │   ├── EvidenceUnreachable     (retryable)
    │   └── EvidenceConflict
    ├── HomeUnusable
    ├── AuditLogError
    ├── LedgerError
    ├── SignaturesUncheckable
    ├── SigningFailed
    ├── SealingFailed
    ├── AnchoringFailed             (retryable)
    ├── LogRewritten
    ├── MessageUndelivered          (retryable)
    ├── MessageUnconfirmed
    ├── LandedTreeDiffers
    └── Unforeseen

Each class has a `code` that is written into records and a `retryable` that only the steps read: adapters raise, steps
decide about retries. `remedy` is the sentence that tells a person what to do.
"""

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pydantic import JsonValue


class MergeHubError(Exception):
    code: ClassVar[str] = "failed"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __reduce__(self) -> tuple[object, ...]:
        return (_restore, (type(self), self.message, self.remedy))


def _restore(kind: type[MergeHubError], message: str, remedy: str) -> MergeHubError:
    return kind(message, remedy=remedy)


class CodeHostError(MergeHubError):
    code = "code-host-failed"


class CodeHostUnreachable(CodeHostError):
    """No answer, a dropped connection, or a 5xx."""

    code = "code-host-unreachable"
    retryable = True


class CredentialsRejected(CodeHostError):
    """A 401: the token is wrong, expired or revoked."""

    code = "credentials-rejected"


class CredentialUnavailable(MergeHubError):
    """What the hub acts with cannot be had from where it is kept."""

    code = "credential-unavailable"


class RateLimited(CodeHostError):
    """A primary or secondary limit; the message says until when."""

    code = "rate-limited"


class RepositoryMissing(CodeHostError):
    """A repository or branch that does not exist, or that the token may not see."""

    code = "repository-missing"


class RepositoryReplaced(CodeHostError):
    """A name that leads to another repository than it did."""

    code = "repository-replaced"


class RepositoryNamedTwice(CodeHostError):
    """A configured name that is an old one of a repository that is configured under its new one."""

    code = "repository-named-twice"


class CodeHostRefused(CodeHostError):
    """Any other answer that says no, or one that cannot be understood."""

    code = "code-host-refused"


class GitError(MergeHubError):
    code = "git-failed"


class GitUnreachable(GitError):
    """A fetch or push that did not get through."""

    code = "git-unreachable"
    retryable = True


class GateOutputUnwritable(MergeHubError):
    """The disk would not take a gate's output or its checkout."""

    code = "gate-output-unwritable"


class EvidenceError(MergeHubError):
    code = "evidence-failed"


class EvidenceUnreachable(EvidenceError):
    code = "evidence-unreachable"
    retryable = True


class EvidenceConflict(EvidenceError):
    """A key that was to be written once holds other bytes."""

    code = "evidence-conflict"


class HomeUnusable(MergeHubError):
    """Nothing can be kept where merge-hub keeps its state."""

    code = "home-unusable"


class AuditLogError(MergeHubError):
    """The audit log did not take an event; nothing may land."""

    code = "audit-log-failed"


class LedgerError(MergeHubError):
    """The ledger of facts did not take a row, or cannot be read; what lands does not depend on it."""

    code = "ledger-failed"


class SignaturesUncheckable(MergeHubError):
    """Nobody can say whether a signature is good, so none is."""

    code = "signatures-uncheckable"


class SigningFailed(MergeHubError):
    """A person's key did not sign."""

    code = "signing-failed"


class SealingFailed(MergeHubError):
    """A key of the hub did not sign, or cannot be had."""

    code = "sealing-failed"


class AnchoringFailed(MergeHubError):
    """The authority that stamps times did not, or is not trusted."""

    code = "anchoring-failed"
    retryable = True


class LogRewritten(MergeHubError):
    """The audit log or its evidence is not what was signed before."""

    code = "log-rewritten"


class MessageUndelivered(MergeHubError):
    """The other side did not take it."""

    code = "message-undelivered"
    retryable = True


class MessageUnconfirmed(MergeHubError):
    """It was handed over, in part at least, and nobody can tell who has it: sent again it could arrive twice."""

    code = "message-unconfirmed"


class LandedTreeDiffers(MergeHubError):
    """The tree on the target branch is not the tree that was gated: an incident."""

    code = "landed-tree-differs"


class Unforeseen(MergeHubError):
    """An error that no adapter named: a defect of merge-hub until shown otherwise."""

    code = "unforeseen"


class RepositoryStopped(Exception):
    """The world failed a repository on its way; `known` is the part of its result that was known by then."""

    def __init__(self, known: dict[str, "JsonValue"], error: MergeHubError) -> None:
        super().__init__(error.message)
        self.known = known
        self.error = error

    def __reduce__(self) -> tuple[object, ...]:
        return (RepositoryStopped, (self.known, self.error))
