"""What the names of evidence may be, so that one layout fits a directory and a bucket."""

from tasks.domain.errors import EvidenceError

MAXIMUM_KEY_BYTES = 512
_MAXIMUM_PART_BYTES = 255


def checked_key(key: str) -> str:
    """`key` as it is, or EvidenceError."""
    if not _is_plain(key) or not all(_is_part(part) for part in key.split("/")):
        raise _refused(key)
    return key


def checked_prefix(prefix: str) -> str:
    """The beginning of a key, which may end within a name; empty for all keys."""
    *folders, beginning = prefix.split("/")
    if not _is_plain(prefix) or not all(_is_part(part) for part in folders) or beginning == "..":
        raise _refused(prefix)
    return prefix


def _is_plain(key: str) -> bool:
    return key.isprintable() and "\\" not in key and len(key.encode()) <= MAXIMUM_KEY_BYTES


def _is_part(part: str) -> bool:
    return part not in {"", ".", ".."} and len(part.encode()) <= _MAXIMUM_PART_BYTES


def _refused(key: str) -> EvidenceError:
    return EvidenceError(
        f"{key[:80]!a} is no key for evidence",
        remedy=f"A key has at most {MAXIMUM_KEY_BYTES} bytes: names joined by `/`, none of them empty, `.` or `..`, "
        "no backslash, no control characters. Where a key comes from a name outside, hash that name.",
    )
