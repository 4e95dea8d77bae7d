import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from config.schema import MergeMethod
from tasks.adapters.audit_log import SqlAuditLog
from tasks.adapters.dry_run import ChangedWhileObserving, DryRunCode, DryRunCodeHost, DryRunEvidence, DryRunLog
from tasks.adapters.evidence_local import LocalEvidence
from tasks.adapters.git import GitCodeStore
from tasks.domain.audit import EventType
from tasks.domain.errors import AuditLogError, EvidenceConflict, EvidenceError, MergeHubError
from tasks.domain.merging import Change
from tasks.domain.model import CommitSha, RepositoryName
from tasks.ports import CodeHost
from tests.adapters.facts import SetClock, fact, facts
from tests.adapters.git.remote import REPOSITORY, Remote

SHOP = RepositoryName("acme/shop")
HEAD = CommitSha("4f2a91c")
CHANGE = Change(7, HEAD, "topic", "Add a cart", None)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with three events and one piece of evidence in it, and nothing open."""
    log = SqlAuditLog(f"sqlite:///{tmp_path}/home/audit.db", SetClock())
    with closing(log):
        log.append(facts(1, 3))
    LocalEvidence(tmp_path / "home" / "evidence").put("report.md", b"first", media_type="text/markdown")
    return tmp_path / "home"


@pytest.fixture
def kept(home: Path) -> Iterator[SqlAuditLog]:
    log = SqlAuditLog(f"sqlite:///{home}/audit.db", SetClock())
    yield log
    log.close()


@pytest.fixture
def log(kept: SqlAuditLog) -> DryRunLog:
    return DryRunLog(kept, SetClock())


@pytest.fixture
def evidence(home: Path) -> DryRunEvidence:
    return DryRunEvidence(LocalEvidence(home / "evidence"))


def contents(folder: Path) -> dict[str, str]:
    """Every path below, with the digest of what a file holds."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in folder.rglob("*")
    }


def put(store: DryRunEvidence, key: str, content: bytes) -> str:
    return store.put(key, content, media_type="text/plain")


def observe(home: Path) -> None:
    """Everything that a run may read and record."""
    with closing(SqlAuditLog(f"sqlite:///{home}/audit.db", SetClock())) as kept:
        log = DryRunLog(kept, SetClock())
        log.append(facts(2, 9))
        list(log.events())
        log.lines(1, log.size())
    evidence = DryRunEvidence(LocalEvidence(home / "evidence"))
    put(evidence, "other/report.md", b"new")
    evidence.keys("")


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize(
    "chosen", [{}, {"types": ()}, {"types": {EventType.MERGE_INTENT}}, {"mentioning": "SHOP"}, {"repository_id": "18"}]
)
def test_what_was_recorded_is_chosen_among_as_what_was_kept(
    kept: SqlAuditLog, log: DryRunLog, chosen: dict[str, Any], *, newest_first: bool
) -> None:
    news = [fact(4, repository="18"), fact(5, note="shop"), fact(6)]
    log.append(news)
    told = [event.id for event in log.events(after=2, newest_first=newest_first, **chosen)]
    kept.append(news)

    assert told == [event.id for event in kept.events(after=2, newest_first=newest_first, **chosen)]


def test_observing_leaves_every_file_as_it_was(home: Path) -> None:
    before = contents(home)
    observe(home)

    assert contents(home) == before


def test_observing_where_nothing_is_creates_nothing(tmp_path: Path) -> None:
    observe(tmp_path / "home")

    assert contents(tmp_path) == {}


def test_recorded_events_follow_the_kept_ones_as_they_would_for_real(
    home: Path, log: DryRunLog, tmp_path: Path
) -> None:
    shutil.copytree(home, tmp_path / "real")
    with closing(SqlAuditLog(f"sqlite:///{tmp_path}/real/audit.db", SetClock())) as real:
        batches = [
            [fact(3), fact(4), fact(4)],
            [fact(5, repository="18"), fact(1), fact(6, repository=None)],
            [fact(4)],
        ]

        assert [log.append(batch) for batch in batches] == [real.append(batch) for batch in batches]
        assert log.size() == real.size() == 6
        assert list(log.events()) == list(real.events())
        assert list(log.events(repository_id="17", after=1)) == list(real.events(repository_id="17", after=1))
        assert list(log.events(after=4)) == list(real.events(after=4))


@pytest.mark.parametrize(("first", "last"), [(1, 5), (1, 3), (2, 4), (4, 5), (5, 5), (3, 2)])
def test_lines_span_kept_and_recorded_events(log: DryRunLog, kept: SqlAuditLog, first: int, last: int) -> None:
    log.append(facts(4, 5))
    every = [event.canonical() + b"\n" for event in log.events()]

    assert log.lines(first, last) == b"".join(every[first - 1 : last])
    assert kept.size() == 3


def test_lines_that_were_never_recorded_are_refused(log: DryRunLog) -> None:
    log.append(facts(4, 5))

    with pytest.raises(AuditLogError, match="lacks event 6"):
        log.lines(5, 6)


def test_what_another_process_records_meanwhile_is_left_out(log: DryRunLog, kept: SqlAuditLog) -> None:
    log.append([fact(4)])
    kept.append(facts(10, 12))

    assert [event.subject["number"] for event in log.events()] == [1, 2, 3, 4]


def test_recorded_evidence_is_there_beside_what_is_kept(evidence: DryRunEvidence, home: Path) -> None:
    address = put(evidence, "plan.json", b"{}")

    assert address == f"{home}/evidence/plan.json"
    assert evidence.keys("") == ("plan.json", "report.md")
    assert (evidence.get("plan.json"), evidence.get("report.md")) == (b"{}", b"first")


@pytest.mark.parametrize("key", ["report.md", "plan.json"])
def test_evidence_is_not_overwritten_in_a_dry_run_either(evidence: DryRunEvidence, key: str) -> None:
    put(evidence, "plan.json", b"first")
    put(evidence, key, b"first")

    with pytest.raises(EvidenceConflict):
        put(evidence, key, b"other")
    assert evidence.get(key) == b"first"


def test_evidence_without_a_store_is_what_was_recorded() -> None:
    evidence = DryRunEvidence()

    assert put(evidence, "plan.json", b"{}") == "nowhere/plan.json"
    assert (evidence.keys(""), evidence.get("plan.json")) == (("plan.json",), b"{}")
    with pytest.raises(EvidenceError, match="was not recorded"):
        evidence.get("report.md")


def test_a_key_that_would_be_refused_for_real_is_refused(evidence: DryRunEvidence) -> None:
    with pytest.raises(EvidenceError, match="is no key for evidence"):
        put(evidence, "../report.md", b"")


# What is asked of them is refused before it could reach a host.
HOST = DryRunCodeHost(cast("CodeHost", None))


@pytest.mark.parametrize(
    ("act", "named"),
    [
        (lambda: HOST.merge(SHOP, "42", CHANGE, MergeMethod.MERGE, "message"), "merge acme/shop#7"),
        (lambda: HOST.close(SHOP, "42", 7, "landed"), "close acme/shop#7"),
        (lambda: HOST.comment(SHOP, "42", 7, "rolled back"), "comment on acme/shop#7"),
    ],
)
def test_a_step_that_would_change_something_is_a_defect(act: Callable[[], object], named: str) -> None:
    with pytest.raises(ChangedWhileObserving, match=f"{named} in a run that changes nothing") as defect:
        act()

    assert not isinstance(defect.value, MergeHubError)


def test_a_push_is_a_defect_and_the_branch_stays(tmp_path: Path) -> None:
    remote = Remote.made(tmp_path / "origin" / f"{REPOSITORY}.git")
    base = remote.commit({"a": "1"}, branch="main", message="base")
    code = DryRunCode(
        GitCodeStore(tmp_path / "home", f"file://{tmp_path}/origin/{{repository}}.git", None, lambda _: REPOSITORY)
    )

    with code.exclusively(REPOSITORY, "42") as mirror, pytest.raises(ChangedWhileObserving, match="to main"):
        mirror.push("main", HEAD, expected=mirror.fetch("main", []))
    with code.exclusively(REPOSITORY, "42") as mirror:
        assert mirror.fetch("main", []) == base
