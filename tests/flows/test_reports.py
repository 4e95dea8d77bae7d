"""The audit report of a repository: kept once as evidence, and shown in Prefect as it is kept."""

from pathlib import Path
from typing import Any

import pytest

from tests.flows.hub import Hub
from tests.flows.world import Repository


@pytest.fixture
def api(hub: Hub) -> Repository:
    repository = hub.organization.repository("A.pi_1")
    hub.config.team("team-a", repository)
    return repository


def reports(hub: Hub) -> dict[str, bytes]:
    return {key: content for key, content in hub.evidence().items() if key.startswith("reports/")}


def shown(key: str) -> list[Any]:
    """The artifacts of this key in Prefect, the oldest first."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415 -- Prefect is imported only where it runs
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey  # noqa: PLC0415

    with get_client(sync_client=True) as client:
        found = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key])))
    return sorted(found, key=lambda artifact: artifact.created)


def folder_of(hub: Hub) -> Path:
    return hub.home / "evidence" / "reports"


def test_a_report_is_shown_in_prefect_as_it_is_kept_and_once(hub: Hub, api: Repository) -> None:
    topic = api.pull_request("topic")

    run = hub.run()
    again = hub.run()

    ((key, content),) = reports(hub).items()
    (artifact,) = shown(f"audit-report-{hub.organization.login}-a-pi-1")
    assert run.told(topic) == ["merged"]
    assert again.problems == ()
    assert artifact.data == content.decode()
    assert artifact.type == "markdown"
    assert artifact.description.startswith("Audit report, kept at ")
    assert artifact.description.endswith(key)
    tables = [table.data for table in shown("merge-outcomes") if api.full_name in str(table.data)]
    assert ['"merged"' in table and '"Bring topic"' in table for table in tables] == [True]


def test_a_report_that_the_store_lost_is_stored_again_whatever_prefect_remembers(hub: Hub, api: Repository) -> None:
    api.pull_request("topic")
    hub.run()
    kept = reports(hub)
    folder_of(hub).rename(hub.home / "lost")

    run = hub.run()

    assert run.problems == ()
    assert reports(hub) == kept
    assert len(shown(f"audit-report-{hub.organization.login}-a-pi-1")) == 2


def test_a_report_whose_storing_failed_is_stored_by_the_next_run(hub: Hub, api: Repository) -> None:
    topic = api.pull_request("topic")
    folder_of(hub).parent.mkdir(parents=True)
    folder_of(hub).write_text("a file where the reports would be")

    run = hub.run()
    recorded = [event["data"]["key"] for event in hub.events_of("report.generated")]
    folder_of(hub).unlink()
    after = hub.run()

    error = run.error(api)
    assert error is not None
    assert error["code"].startswith("evidence")
    assert error["remedy"]
    assert topic.state == "merged"
    assert after.problems == ()
    assert recorded[0] in reports(hub)
    assert [event["data"]["key"] for event in hub.events_of("report.generated")] == sorted(reports(hub))
