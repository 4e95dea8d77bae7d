"""A log is brought to the store until it is taken: a gate that came to an answer is not run again for it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasks.adapters.evidence_local import LocalEvidence
from tasks.domain.errors import EvidenceUnreachable
from tests.flows.hub import Hub
from tests.flows.world import Repository


@pytest.fixture
def api(hub: Hub) -> Repository:
    repository = hub.organization.repository("api")
    hub.config.team("team-a", repository)
    return repository


class FailingEvidence:
    """The store takes no logs the first `times` times that it is asked to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
        self.left = times
        put = LocalEvidence.put

        def failing(store: LocalEvidence, key: str, content: bytes, *, media_type: str) -> str:
            if self.left and media_type.startswith("text/plain"):
                self.left -= 1
                raise EvidenceUnreachable("the store did not answer", remedy="Wait and run again.")
            return put(store, key, content, media_type=media_type)

        # A local store has no connection that could break; what an S3 store raises is tested with the adapter.
        monkeypatch.setattr(LocalEvidence, "put", failing)


@pytest.fixture
def executions(hub: Hub, api: Repository, tmp_path: Path) -> Callable[[], int]:
    """How often the gate ran."""
    counted = tmp_path / "counted"
    counted.touch()
    gates: list[dict[str, Any]] = [{"name": "tests", "command": f"echo ran | tee -a {counted}; test ! -e broken"}]
    hub.config.team("team-a", api, gates=gates)
    return lambda: len(counted.read_text().splitlines())


@pytest.mark.parametrize("files", [{"fine": "yes\n"}, {"broken": "yes\n"}], ids=["passed", "failed"])
def test_a_log_that_is_not_taken_at_once_is_brought_again_and_the_gate_is_not_run_again(
    hub: Hub,
    api: Repository,
    executions: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
    files: dict[str, str],
) -> None:
    topic = api.pull_request("topic", files)
    FailingEvidence(monkeypatch, times=2)

    run = hub.run()

    assert run.told(topic) == (["merged"] if "fine" in files else ["refused: gate-failed"])
    assert run.error(api) is None
    # What failed is asked again once, and so is the branch itself beside it: none of them for its log.
    assert executions() == (1 if "fine" in files else 3)


def test_a_pass_whose_log_is_not_kept_is_no_evidence_and_is_not_cached(
    hub: Hub, api: Repository, executions: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = api.pull_request("topic")
    failing = FailingEvidence(monkeypatch, times=100)

    run = hub.run()
    failing.left = 0
    recorded_before = hub.events_of("gate.finished")
    after = hub.run()

    error = run.error(api)
    assert error is not None
    assert error["code"] == "evidence-unreachable"
    assert recorded_before == []
    assert after.told(topic) == ["merged"]
    assert executions() == 2
    (row,) = after.gate_runs()
    assert not row["cached"]
    assert f"evidence/sha256/{row['log'][7:9]}/{row['log'][7:]}" in hub.evidence()


def test_a_pass_that_is_cached_keeps_the_log_that_it_was_stored_with(
    hub: Hub, api: Repository, executions: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.config.teams["team-a"]["stage"] = "gate"
    api.pull_request("topic")
    FailingEvidence(monkeypatch, times=1)

    first, second = hub.run(), hub.run()

    (ran,), (cached,) = first.gate_runs(), second.gate_runs()
    assert (ran["cached"], cached["cached"]) == (False, True)
    assert ran["log"] == cached["log"] is not None
    assert executions() == 1
