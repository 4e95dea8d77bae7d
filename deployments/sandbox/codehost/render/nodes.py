"""GraphQL node identifiers: a kind and what it identifies, readable by nobody but us."""

import base64
import binascii


def node_id(kind: str, *identity: object) -> str:
    text = ":".join(str(part) for part in identity)
    return f"{kind}_{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}"


def parse_node_id(text: str) -> tuple[str, list[str]] | None:
    kind, _, encoded = text.partition("_")
    try:
        decoded = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (kind, decoded.split(":")) if decoded else None
