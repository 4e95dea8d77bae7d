"""Where big things go: under their own digest, once."""

from pathlib import Path

from tasks.domain.canonical import digest_of
from tasks.domain.errors import EvidenceConflict, GateOutputUnwritable
from tasks.domain.model import Digest
from tasks.ports import Archive, Services
from tasks.redaction import redacted_bytes

PREFIX = "evidence/sha256/"


def key_of(digest: Digest) -> str:
    name = digest.removeprefix("sha256:")
    return f"{PREFIX}{name[:2]}/{name}"


def store_by_digest(content: bytes, services: Services, media_type: str) -> Digest:
    """The digest under which `content` is kept, without secrets; keeping it twice is keeping it once."""
    content = redacted_bytes(content)
    digest = digest_of(content)
    services.evidence.put(key_of(digest), content, media_type=media_type)
    return digest


def load_by_digest(digest: Digest, services: Services | Archive) -> bytes:
    """Raises EvidenceConflict for bytes that are not those which `digest` names."""
    content = services.evidence.get(key_of(digest))
    if digest_of(content) != digest:
        raise EvidenceConflict(
            f"{services.evidence.location}/{key_of(digest)} holds other bytes than its name says",
            remedy="Find out who changed it; evidence is never changed.",
        )
    return content


def store_log(log: Path, services: Services) -> Digest:
    try:
        content = log.read_bytes()
    except OSError as error:
        raise GateOutputUnwritable(
            f"the output of a gate cannot be read back from {log}: {error.strerror}",
            remedy="Check the disk that MERGE_HUB_HOME is on.",
        ) from error
    return store_by_digest(content, services, "text/plain; charset=utf-8")
