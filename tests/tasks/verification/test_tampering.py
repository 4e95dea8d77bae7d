"""Whatever is changed in evidence, a stranger finds it."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.domain.signed_note import VerifierKey
from tests.tasks.verification.spoiling import FIRST, LAST, SECOND, files, found, messages, overwrite

FLIPS = 400


def test_evidence_as_it_was_written_has_no_exceptions(copy: Path, keys: list[VerifierKey]) -> None:
    verified = found(copy, keys)

    assert verified.flaws == ()
    assert (verified.events, verified.checkpoints, verified.landings) == (7, 2, 2)
    assert verified.last is not None
    assert verified.document()["root"] == verified.last.root.hex()


def test_every_kind_of_file_is_there_to_be_spoilt(copy: Path) -> None:
    kinds = {path.relative_to(copy).parts[0] for path in files(copy)}

    assert kinds == {"events", "checkpoints", "attestations", "evidence"}


def test_every_bit_that_flips_is_found(copy: Path, keys: list[VerifierKey]) -> None:
    chance = random.Random(4711)  # noqa: S311 -- which bits, not secrets
    unseen = []
    for path in files(copy):
        content = path.read_bytes()
        for _ in range(FLIPS // len(files(copy)) + 1):
            at, bit = chance.randrange(len(content)), chance.randrange(8)
            overwrite(path, content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :])
            if not found(copy, keys).flaws:
                unseen.append((path.name, at, bit))
        overwrite(path, content)

    assert unseen == []


def test_every_file_that_is_removed_emptied_lengthened_or_cut_is_found(copy: Path, keys: list[VerifierKey]) -> None:
    unseen = []
    for path in files(copy):
        content = path.read_bytes()
        for spoilt in (None, b"", content + b"\n", content[:-1], content[: len(content) // 2]):
            if spoilt is None:
                path.unlink()
            else:
                overwrite(path, spoilt)
            if not found(copy, keys).flaws:
                unseen.append((path.name, spoilt))
            path.write_bytes(content)

    # What an older checkpoint says follows from the last one: without it nothing is missing.
    assert unseen == [("000000000003.txt", None)]


def test_no_two_files_can_change_places(copy: Path, keys: list[VerifierKey]) -> None:
    unseen = []
    for one in files(copy):
        for other in files(copy):
            first, second = one.read_bytes(), other.read_bytes()
            if one < other and first != second:
                overwrite(one, second)
                overwrite(other, first)
                if not found(copy, keys).flaws:
                    unseen.append((one.name, other.name))
                overwrite(one, first)
                overwrite(other, second)

    assert unseen == []


@pytest.mark.parametrize(
    "name",
    [
        "events/x",
        "events/000000000008-000000000008.jsonl",
        "checkpoints/x",
        "attestations/acme/web/x.tlog-proof",
        "evidence/sha256/00/00",
        "reports/x.md",
        "hidden",
        ".hidden",
    ],
)
def test_a_file_that_nobody_wrote_is_found(copy: Path, keys: list[VerifierKey], name: str) -> None:
    (copy / name).parent.mkdir(parents=True, exist_ok=True)
    (copy / name).write_bytes(b"{}\n")

    assert name in messages(copy, keys)


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(lambda lines: [*lines[1:]], id="removed"),
        pytest.param(lambda lines: [*reversed(lines)], id="reordered"),
        pytest.param(lambda lines: [lines[0], *lines], id="duplicated"),
        pytest.param(lambda lines: [lines[0], lines[0], *lines[2:]], id="replaced by another"),
    ],
)
def test_lines_that_were_moved_are_found(
    copy: Path, keys: list[VerifierKey], order: Callable[[list[bytes]], list[bytes]]
) -> None:
    overwrite(copy / SECOND, b"".join(order((copy / SECOND).read_bytes().splitlines(keepends=True))))

    assert SECOND in messages(copy, keys) or LAST in messages(copy, keys)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'{"data"', b'{ "data"'),
        (b'"seq":4', b'"seq":4.0'),
        (b'"v":1', b'"v":1,"v":1'),
        (b'"alice"', b'"\\u0061lice"'),
        (b'"type":"merge.intent"', b'"type":"merge.intend"'),
    ],
)
def test_another_spelling_of_an_event_is_none(copy: Path, keys: list[VerifierKey], old: bytes, new: bytes) -> None:
    content = (copy / SECOND).read_bytes()
    assert old in content
    overwrite(copy / SECOND, content.replace(old, new, 1))

    assert "is no event in canonical form" in messages(copy, keys)


def test_segments_that_overlap_say_the_same(copy: Path, keys: list[VerifierKey]) -> None:
    lines = ((copy / FIRST).read_bytes() + (copy / SECOND).read_bytes()).splitlines(keepends=True)
    overlapping = copy / "events/000000000002-000000000005.jsonl"
    overlapping.write_bytes(b"".join(lines[1:5]))
    alike = found(copy, keys).flaws
    overlapping.write_bytes(b"".join(lines[1:5]).replace(b"alice", b"malis"))

    assert alike == ()
    assert "is another one here than in an earlier segment" in messages(copy, keys)
