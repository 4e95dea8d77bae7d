import errno
import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tasks.adapters.evidence_local import LocalEvidence
from tasks.domain.errors import EvidenceConflict, EvidenceError, EvidenceUnreachable

ROOT = Path(__file__).parents[3]


@pytest.fixture
def store(tmp_path: Path) -> LocalEvidence:
    return LocalEvidence(tmp_path / "home" / "evidence")


def put(store: LocalEvidence, key: str, content: bytes = b"evidence") -> str:
    return store.put(key, content, media_type="text/plain")


def files(store: LocalEvidence) -> list[str]:
    root = Path(store.location)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_what_is_put_is_read_back_under_an_address_of_its_own(store: LocalEvidence) -> None:
    address = put(store, "events/1-3.jsonl", b"one\n")

    assert address == f"{store.location}/events/1-3.jsonl"
    assert Path(address).read_bytes() == store.get("events/1-3.jsonl") == b"one\n"


def test_a_file_can_be_read_by_all_and_written_by_none(store: LocalEvidence) -> None:
    assert stat.S_IMODE(Path(put(store, "report.md")).stat().st_mode) == 0o444


def test_the_same_bytes_are_accepted_again(store: LocalEvidence) -> None:
    assert put(store, "report.md") == put(store, "report.md")


def test_other_bytes_are_refused_and_the_first_stay(store: LocalEvidence) -> None:
    put(store, "report.md", b"first")

    with pytest.raises(EvidenceConflict, match=r"report\.md holds other bytes"):
        put(store, "report.md", b"other")
    assert store.get("report.md") == b"first"


def test_of_many_writers_of_one_key_one_wins_and_the_others_hear_of_it(store: LocalEvidence) -> None:
    def attempt(number: int) -> bool:
        try:
            put(store, "deep/er/report.md", b"%d" % (number % 4))
        except EvidenceConflict:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        won = list(threads.map(attempt, range(64)))

    assert won.count(True) == 16
    assert files(store) == ["deep/er/report.md"]


def test_keys_are_sorted_and_begin_as_asked(store: LocalEvidence) -> None:
    for key in ("b/2", "b/10", "a", "bc", "c/.github/x", "c/d"):
        put(store, key)

    assert store.keys("") == ("a", "b/10", "b/2", "bc", "c/.github/x", "c/d")
    assert store.keys("b") == ("b/10", "b/2", "bc")
    assert store.keys("b/1") == ("b/10",)
    assert store.keys("c/") == ("c/.github/x", "c/d")
    assert store.keys("nothing/here") == ()


def test_a_store_that_does_not_exist_is_empty_and_stays_absent(store: LocalEvidence) -> None:
    assert store.keys("") == ()
    with pytest.raises(EvidenceError, match="No such file"):
        store.get("report.md")
    assert not Path(store.location).exists()


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".", "a/.", "a\nb", "a\x00b", "a\\b", "é" * 300, "x" * 256],
)
def test_a_key_that_could_leave_the_store_or_not_fit_a_bucket_is_refused(store: LocalEvidence, key: str) -> None:
    with pytest.raises(EvidenceError, match="is no key for evidence") as refusal:
        put(store, key)

    assert refusal.value.remedy
    assert not Path(store.location).parent.exists()


@pytest.mark.parametrize("prefix", ["..", "../", "a/../", "/", "/etc", "a//"])
def test_a_prefix_that_could_leave_the_store_is_refused(store: LocalEvidence, prefix: str) -> None:
    with pytest.raises(EvidenceError, match="is no key for evidence"):
        store.keys(prefix)


def test_a_root_that_is_a_file_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "evidence").touch()

    with pytest.raises(EvidenceError) as refusal:
        put(LocalEvidence(tmp_path / "evidence"), "report.md")
    assert "audit.storage.path" in refusal.value.remedy


@pytest.mark.parametrize(
    ("number", "kind", "remedy"),
    [
        (errno.ENOSPC, EvidenceUnreachable, "Free space"),
        (errno.EACCES, EvidenceError, "Let the account of merge-hub write"),
        (errno.EROFS, EvidenceError, "Let the account of merge-hub write"),
    ],
)
def test_a_disk_that_refuses_is_an_error_with_a_remedy(
    store: LocalEvidence, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[EvidenceError], remedy: str
) -> None:
    def refuse(_: object) -> None:
        raise OSError(number, os.strerror(number))

    # The tests may run as root, whom no file mode stops, and cannot fill a disk.
    monkeypatch.setattr(os, "fsync", refuse)

    with pytest.raises(kind, match=os.strerror(number)) as refusal:
        put(store, "report.md")
    assert type(refusal.value) is kind
    assert remedy in refusal.value.remedy


def test_a_file_that_outgrows_its_limit_leaves_nothing_behind(store: LocalEvidence) -> None:
    program = (
        "import resource; from pathlib import Path; from tasks.adapters.evidence_local import LocalEvidence\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        f"LocalEvidence(Path({store.location!r})).put('report.md', b'x' * 100_000, media_type='text/plain')"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert "EvidenceError: " in ended.stderr
    assert files(store) == []


def test_a_writer_that_is_killed_leaves_whole_files_only(store: LocalEvidence) -> None:
    program = (
        "from pathlib import Path; from tasks.adapters.evidence_local import LocalEvidence\n"
        f"store = LocalEvidence(Path({store.location!r}))\n"
        "for number in range(100_000):\n"
        "    store.put(f'{number}', b'x' * 300_000, media_type='text/plain'); print(number, flush=True)"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(20):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)

    assert len(store.keys("")) >= 20
    assert {len(store.get(key)) for key in store.keys("")} == {300_000}
    assert files(store) == sorted(store.keys(""))


def test_a_file_system_without_nameless_files_serves_as_well(
    store: LocalEvidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_TMPFILE")

    put(store, "report.md")
    put(store, "report.md")
    with pytest.raises(EvidenceConflict):
        put(store, "report.md", b"other")
    assert files(store) == ["report.md"]


def test_what_a_killed_writer_left_on_such_a_file_system_is_no_evidence(store: LocalEvidence) -> None:
    put(store, "reports/report.md")
    (Path(store.location) / "reports" / "unfinished\\0123").touch()

    assert store.keys("") == ("reports/report.md",)


def test_keys_are_listed_from_where_one_knows_them(store: LocalEvidence) -> None:
    for key in ("events/1", "events/2", "events/3"):
        store.put(key, b"evidence", media_type="text/plain")

    assert store.keys("events/", after="events/1") == ("events/2", "events/3")
