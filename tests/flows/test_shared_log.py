"""The audit log in PostgreSQL: of one hub, and of two that share the store of evidence and its keys, but no home."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from config.errors import ConfigurationError
from flows.wiring import open_for_examination
from tasks.doctor import examine
from tasks.domain.doctor import Check, Status
from tasks.domain.errors import AuditLogError
from tests.flows.hub import Hub
from tests.postgresql import Server

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


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("mysql://hub:hunter2-of-hub@127.0.0.1/log", "begin it with postgresql://"),
        ("postgresql://hub:hunter2-of-hub@127.0.0.1:1/log", "See that the database server runs"),
        ("postgresql://hub:p@hunter2@127.0.0.1:1/log", "characters such as @ in a password are written as %40"),
    ],
)
def test_a_log_that_cannot_be_had_stops_the_run_with_a_remedy_and_tells_no_password(
    shared: Hub, address: str, told: str
) -> None:
    api = shared.organization.repository("api")
    shared.config.team("team-a", api)
    topic = api.pull_request("topic", {"topic.txt": "1\n"})
    shared.environment["AUDIT_DATABASE_URL"] = address

    with pytest.raises((AuditLogError, ConfigurationError)) as refusal:
        shared.run()
    said = f"{refusal.value} {getattr(refusal.value, 'remedy', '')}"

    assert told in said
    assert "hunter2" not in said
    assert topic.state == "open"


def test_the_doctor_says_where_the_log_is_and_that_it_does_not_answer(shared: Hub, postgresql_server: Server) -> None:
    shared.config.team("team-a", shared.organization.repository("api"))
    answers = examined(shared)
    shared.environment["AUDIT_DATABASE_URL"] = "postgresql://hub:hunter2-of-hub@127.0.0.1:1/log"
    silent = examined(shared)

    place = f"127.0.0.1:{postgresql_server.port} (PostgreSQL): nothing was recorded yet"
    assert place in answers.found
    assert silent.status is Status.DEFECT
    assert "log at 127.0.0.1:1 (PostgreSQL) could not be read" in silent.found
    assert "hunter2" not in answers.found + silent.found


def examined(hub: Hub) -> Check:
    hub.config.write()
    with hub.entered(), open_for_examination() as (configuration, examiner):
        checks = examine(configuration, 0, examiner)
    return next(each for each in checks if each.name == "audit log")
