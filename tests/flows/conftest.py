"""Prefect's server and the sandbox, once a session; an organization, a home and a configuration for each test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.sandbox.process import Sandbox
from tests.flows.hub import Configuration, Hub
from tests.flows.world import World

PREFECT_ENVIRONMENT = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    # Flows that begin at the same time are answered 503 on SQLite; asked again every tenth of a second, see below, the
    # five tries that Prefect makes are over before a busy machine has answered.
    "PREFECT_CLIENT_MAX_RETRIES": "100",
    # What a test asks is answered by states; what the server would do with events only makes its database busy.
    **{
        f"PREFECT_SERVER_SERVICES_{service}_ENABLED": "false"
        for service in (
            "TASK_RUN_RECORDER",
            "EVENT_PERSISTER",
            "TRIGGERS",
            "SCHEDULER",
            "LATE_RUNS",
            "FOREMAN",
            "CANCELLATION_CLEANUP",
            "PAUSE_EXPIRATIONS",
        )
    },
}


@pytest.fixture(scope="session")
def prefect_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Prefect with its own server; what other processes need in their environment to use it too."""
    home = str(tmp_path_factory.mktemp("prefect"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**PREFECT_ENVIRONMENT, "PREFECT_HOME": home}.items():
            patch.setenv(name, value)
        from prefect.context import use_profile  # noqa: PLC0415 -- Prefect reads its environment when imported
        from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings  # noqa: PLC0415
        from prefect.testing.utilities import prefect_test_harness  # noqa: PLC0415

        # After a 503 they would ask again two seconds later.
        patch.setattr("prefect.client.base.clamped_poisson_interval", lambda *_: 0.1)
        with (
            use_profile("ephemeral", include_current_context=False),
            temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
            prefect_test_harness(server_startup_timeout=120),
        ):
            yield {**PREFECT_ENVIRONMENT, "PREFECT_HOME": home, "PREFECT_API_URL": PREFECT_API_URL.value()}


@pytest.fixture(scope="session")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data = tmp_path_factory.mktemp("sandbox")
    with Sandbox(data=data, object_store=False) as sandbox:
        yield World(sandbox, data)


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    yield shared_world
    shared_world.recovers()


@pytest.fixture
def hub(world: World, tmp_path: Path, prefect_environment: dict[str, str]) -> Hub:
    return hub_in(world, tmp_path, prefect_environment)


def hub_in(world: World, folder: Path, prefect_environment: dict[str, str], login: str | None = None) -> Hub:
    """A hub of its own over an organization of its own, with everything it keeps in `folder`."""
    organization = world.organization(login)
    config = Configuration(organization, folder / "config")
    home = folder / "home"
    environment = {
        **world.environment,
        "PATH": os.environ["PATH"],
        "MERGE_HUB_HOME": str(home),
        "MERGE_HUB_CONFIG_DIR": str(config.directory),
        "SLACK_WEBHOOK_ENTERPRISE": f"{world.root_url}/slack/{organization.login}",
    }
    return Hub(organization, home, config, environment, prefect_environment)
