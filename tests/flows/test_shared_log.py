"""The audit log in PostgreSQL: of one hub, and of two that share the store of evidence and its keys, but no home."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.flows.hub import Hub

pytestmark = pytest.mark.long


@pytest.fixture
def shared(hub: Hub, postgresql_database: str, tmp_path: Path) -> Hub:
    hub.config.global_["audit"] = {
        "database": "${AUDIT_DATABASE_URL}",
        "storage": {"type": "local", "path": str(tmp_path / "evidence")},
        "sealing": {"keys": {"type": "files", "path": str(tmp_path / "keys")}},
    }
    hub.environment["AUDIT_DATABASE_URL"] = postgresql_database
    return hub


def beside(hub: Hub, home: Path) -> Hub:
    """Another one, with a home of its own."""
    home.parent.mkdir(parents=True, exist_ok=True)
    return replace(hub, home=home, environment={**hub.environment, "MERGE_HUB_HOME": str(home)})


def test_what_lands_is_recorded_in_postgresql_and_verifies_and_a_rerun_changes_nothing(shared: Hub) -> None:
    api = shared.organization.repository("api")
    shared.config.team("team-a", api)
    good, bad = api.pull_request("good", {"good.txt": "1\n"}), api.pull_request("bad", {"broken": "yes\n"})

    run = shared.run()
    kept = shared.traces()
    again = shared.run()

    assert run.told(good, bad) == ["merged", "refused: gate-failed"]
    assert len(shared.events_of("merge.completed")) == 1
    assert not (shared.home / "audit.db").exists()
    assert shared.flaws() == []
    assert shared.traces() == kept
    assert again.problems == ()


def test_two_hubs_with_homes_of_their_own_land_each_change_once_in_one_log(shared: Hub, tmp_path: Path) -> None:
    api = shared.organization.repository("api")
    shared.config.team("team-a", api)
    every = [api.pull_request(f"topic-{number}", {f"{number}.txt": "1\n"}) for number in range(4)]
    other = beside(shared, tmp_path / "elsewhere" / "home")

    processes = [each.start() for each in (shared, other)]
    ends = [process.communicate(timeout=180)[1] for process in processes]
    last = [each.run() for each in (shared, other)]
    kept = shared.traces()
    other.run()

    landed = Counter(event["subject"]["pull_request"] for event in shared.events_of("merge.completed"))
    assert landed == {each.number: 1 for each in every}, ends
    assert [each.state for each in every] == ["merged"] * 4
    assert [run.problems for run in last] == [(), ()]
    assert [event["seq"] for event in shared.events()] == list(range(1, len(shared.events()) + 1))
    assert other.flaws() == []
    assert shared.traces() == kept


def test_an_address_of_another_database_or_a_server_that_is_gone_stops_the_run_with_a_remedy(shared: Hub) -> None:
    api = shared.organization.repository("api")
    shared.config.team("team-a", api)
    topic = api.pull_request("topic", {"topic.txt": "1\n"})
    told = []
    for address in ("mysql://hub:hunter2-of-hub@127.0.0.1/log", "postgresql://hub:hunter2-of-hub@127.0.0.1:1/log"):
        shared.environment["AUDIT_DATABASE_URL"] = address
        process = shared.start()
        out, err = process.communicate(timeout=120)
        told.append((out + err).decode())

    assert "begin it with postgresql://" in told[0]
    assert "See that the database server runs" in told[1]
    assert "hunter2" not in "".join(told)
    assert topic.state == "open"
