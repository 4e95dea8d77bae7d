"""
The keys of those who sign plans, in OpenSSH's format of allowed signers (ssh-keygen(1), ALLOWED SIGNERS).

Whether a signature is good is for OpenSSH to say, which reads the same lines. Here they are read so that a mistake is
found before somebody needs a signature. A principal must be a name: a pattern would let one key sign for anybody.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase

NAMESPACE = "merge-hub-sign-off"

_OPTION = re.compile(r'(?i)(cert-authority|namespaces|valid-after|valid-before)(?:="([^"]*)")?(?:,|(?=[ \t])|$)')
_PRINCIPAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@-]{0,199}")
_TIME = re.compile(r"([0-9]{8}(?:[0-9]{4}(?:[0-9]{2})?)?)[zZ]?")
_KEY_TYPES = ("ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-sha2-")


@dataclass(frozen=True, slots=True)
class AllowedKey:
    """
    A key, and for whom it is: `line` counts from 1; `key` is its type and its bytes in base64.

    `before` is when it ends to hold, None for never; without a zone it is the machine's own time.
    """

    line: int
    principals: tuple[str, ...]
    key: str
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Flaw:
    line: int
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class AllowedSigners:
    """`text` is the file as it is, for OpenSSH; `keys` are those that can sign a plan."""

    text: str = ""
    keys: tuple[AllowedKey, ...] = ()

    def keys_of(self, principal: str) -> tuple[AllowedKey, ...]:
        return tuple(key for key in self.keys if principal in key.principals)


def parse_allowed_signers(text: str) -> tuple[AllowedSigners, tuple[Flaw, ...]]:
    keys: list[AllowedKey] = []
    flaws: list[Flaw] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _parsed(number, line.rstrip("\r"))
        if isinstance(found, Flaw):
            flaws.append(found)
        else:
            keys.append(found)
    return AllowedSigners(text, tuple(keys)), tuple(flaws)


def _parsed(number: int, line: str) -> AllowedKey | Flaw:
    names, _, rest = line.partition(" ")
    principals = tuple(names.split(","))
    for name in principals:
        if _PRINCIPAL.fullmatch(name) is None:
            remedy = "write the principal of one person, or of several with commas between them, without a pattern"
            return Flaw(number, "names a principal that is no plain name", remedy)
    rest = rest.lstrip(" \t")
    options: dict[str, str] = {}
    if not rest.startswith(_KEY_TYPES):
        options, rest = _options(rest)
        if (flaw := _against(number, options, rest)) is not None:
            return flaw
    algorithm, _, encoded = rest.strip().partition(" ")
    encoded = encoded.strip().partition(" ")[0]
    if not _is_key(algorithm, encoded):
        return Flaw(number, "holds no public key", "write `PRINCIPAL [OPTIONS] TYPE KEY`, as in the person's .pub file")
    return AllowedKey(number, principals, f"{algorithm} {encoded}", _end(options.get("valid-before", "")))


def _options(rest: str) -> tuple[dict[str, str], str]:
    options: dict[str, str] = {}
    while (found := _OPTION.match(rest)) is not None:
        options[found[1].lower()] = found[2] or ""
        rest = rest[found.end() :]
        if not found[0].endswith(","):
            break
    return options, rest


def _against(number: int, options: dict[str, str], rest: str) -> Flaw | None:
    if not options or not rest[:1].isspace():
        remedy = 'write `namespaces="…"`, `valid-after="YYYYMMDD"` or `valid-before="YYYYMMDD"`, with commas between'
        return Flaw(number, "has an option that is not known", remedy)
    if "cert-authority" in options:
        return Flaw(number, "is a certificate authority", "name the people's own keys, a line each")
    for name in ("valid-after", "valid-before"):
        if name in options and _time(options[name]) is None:
            remedy = 'write it as `"YYYYMMDD"` or `"YYYYMMDDHHMM"`, with a `Z` behind it for UTC'
            return Flaw(number, f"has a {name} that is no time", remedy)
    after, before = (options.get(name, "").upper() for name in ("valid-after", "valid-before"))
    start, end = _time(after), _time(before)
    if start and end and after.endswith("Z") == before.endswith("Z") and end <= start:
        message = "holds at no time: its valid-before is not after its valid-after"
        return Flaw(number, message, "let it end after it begins")
    named = options.get("namespaces")
    if named is not None and not any(fnmatchcase(NAMESPACE, each.strip()) for each in named.split(",")):
        remedy = f"add {NAMESPACE} to its namespaces, or take the line out"
        return Flaw(number, "is for other namespaces and can sign no plan", remedy)
    return None


def _end(written: str) -> datetime | None:
    ends = _time(written)
    return ends.replace(tzinfo=UTC) if ends is not None and written[-1] in "zZ" else ends


def _time(text: str) -> datetime | None:
    """Without zone, since one that is written without `Z` is the machine's own; None for what is no time."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    try:
        return datetime.strptime(f"{found[1]:0<14}", "%Y%m%d%H%M%S")  # noqa: DTZ007 -- the zone is not known
    except ValueError:
        return None


def _is_key(algorithm: str, encoded: str) -> bool:
    """Whether what is encoded begins with the type that is written before it, as every key of OpenSSH does."""
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return False
    length = int.from_bytes(raw[:4], "big")
    return algorithm.startswith(_KEY_TYPES) and raw[4 : 4 + length] == algorithm.encode() and len(raw) > 4 + length
