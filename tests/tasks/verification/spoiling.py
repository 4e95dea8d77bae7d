"""What tests do to evidence, and how they ask what is found."""

from pathlib import Path

from tasks.adapters.evidence_local import LocalEvidence
from tasks.domain.signed_note import VerifierKey
from tasks.verification import Trust, Verified, verify_store

FIRST = "events/000000000001-000000000003.jsonl"
SECOND = "events/000000000004-000000000007.jsonl"
LAST = "checkpoints/000000000007.txt"


def found(store: Path, keys: list[VerifierKey], remembered: dict[str, bytes] | None = None) -> Verified:
    return verify_store(LocalEvidence(store), Trust(keys, remembered or {}))


def messages(store: Path, keys: list[VerifierKey]) -> str:
    return "\n".join(f"{each.key}: {each.message}" for each in found(store, keys).flaws)


def overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def files(store: Path) -> list[Path]:
    return sorted(path for path in store.rglob("*") if path.is_file())
