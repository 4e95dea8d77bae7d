"""A commit as git stores it, parsed once; its object id is its identity, so it never changes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from deployments.sandbox.codehost.clock import timestamp

SIGNATURE = re.compile(r"^(?P<name>.*?) ?<(?P<email>[^>]*)> (?P<seconds>-?\d+) [+-]\d{4}$")
TRAILER = re.compile(r"^co-authored-by:\s*(?P<name>.*?)\s*<(?P<email>[^>]+)>\s*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Signature:
    name: str
    email: str
    seconds: int

    @property
    def date(self) -> str:
        return timestamp(self.seconds)

    @property
    def line(self) -> str:
        return f"{self.name} <{self.email}> {self.seconds} +0000"


@dataclass(frozen=True, slots=True)
class Commit:
    oid: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str
    signature: str | None = None

    @property
    def headline(self) -> str:
        return self.message.split("\n", 1)[0]

    @property
    def body(self) -> str:
        return self.message.split("\n", 1)[1].strip() if "\n" in self.message else ""

    @property
    def co_authors(self) -> tuple[Signature, ...]:
        """Authors and co-authors, each e-mail once, the author first."""
        found = {self.author.email.lower(): self.author}
        for match in TRAILER.finditer(self.message):
            found.setdefault(match["email"].lower(), Signature(match["name"], match["email"], self.author.seconds))
        return tuple(found.values())


def parse_signature(text: str) -> Signature:
    match = SIGNATURE.match(text)
    if match is None:
        return Signature(text, "", 0)
    return Signature(match["name"], match["email"], int(match["seconds"]))


def parse_commit(oid: str, raw: bytes) -> Commit:
    head, _, message = raw.decode(errors="replace").partition("\n\n")
    headers: dict[str, list[str]] = {}
    last: list[str] = []
    for line in head.split("\n"):
        if line.startswith(" "):
            last[-1] += "\n" + line[1:]
            continue
        key, _, value = line.partition(" ")
        last = headers.setdefault(key, [])
        last.append(value)
    return Commit(
        oid=oid,
        tree=headers["tree"][0],
        parents=tuple(headers.get("parent", ())),
        author=parse_signature(headers["author"][0]),
        committer=parse_signature(headers["committer"][0]),
        message=message.rstrip("\n"),
        signature="\n".join(headers["gpgsig"]) if "gpgsig" in headers else None,
    )


def parse_batch(output: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Object id, type and content of everything `git cat-file --batch` found; missing objects are left out."""
    position = 0
    while position < len(output):
        end = output.index(b"\n", position)
        words = output[position:end].decode().split(" ")
        position = end + 1
        if words[-1] in {"missing", "ambiguous"}:
            continue
        oid, kind, size = words[0], words[1], int(words[2])
        yield oid, kind, output[position : position + size]
        position += size + 1
