"""Prefect's server and the sandbox, once a session; an organization, a home and a configuration for each test."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest

from deployments.embedded_prefect.process import PrefectServer
from deployments.sandbox.process import Sandbox
from tests.flows.forked import Forks
from tests.flows.histories.coverage import ENOUGH_TO_MEET_ALL, MET, TOGETHER, missing, table
from tests.flows.hub import Configuration, Hub
from tests.flows.world import World

PREFECT_ENVIRONMENT = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
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
    """Prefect with the server that a command starts; what other processes need in their environment to use it too."""
    home = tmp_path_factory.mktemp("prefect")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**PREFECT_ENVIRONMENT, "PREFECT_HOME": str(home)}.items():
            patch.setenv(name, value)
        patch.setenv("PREFECT_API_SSL_CERT_FILE", str(one_authority(home)))
        server = PrefectServer(home, keep_runs=100)
        from prefect.events.clients import NullEventsClient  # noqa: PLC0415 -- Prefect reads its environment when imported
        from prefect.events.worker import EventsWorker  # noqa: PLC0415
        from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings  # noqa: PLC0415

        with temporary_settings({PREFECT_API_URL: server.api_url, PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            # Nothing listens to events here, and a quarter of all work would go into them.
            EventsWorker.set_client_override(NullEventsClient)
            server.wait_until_ready()
            yield {**PREFECT_ENVIRONMENT, "PREFECT_HOME": str(home), "PREFECT_API_URL": server.api_url}
            EventsWorker.set_client_override(None)
        server.stop()


def one_authority(folder: Path) -> Path:
    """Prefect reads the authorities it trusts each time it connects, also without TLS: one is read sooner than all."""
    end = "-----END CERTIFICATE-----"
    first, _, _ = Path(certifi.where()).read_text("utf-8").partition(end)
    there = folder / "authority.pem"
    there.write_text(f"{first}{end}\n", encoding="utf-8")
    return there


@pytest.fixture(scope="session")
def forks(prefect_environment: dict[str, str]) -> Iterator[tuple[Forks, Forks]]:
    """Where runs of the hub are forked, and where sandboxes are."""
    prefect = {**prefect_environment, "PREFECT_API_SSL_CERT_FILE": os.environ["PREFECT_API_SSL_CERT_FILE"]}
    with (
        Forks("tests.flows.hub_process", waits=True, environment=prefect) as hubs,
        Forks("deployments.sandbox.__main__", waits=False, environment={}) as sandboxes,
    ):
        yield hubs, sandboxes


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


def pytest_sessionfinish(session: pytest.Session) -> None:
    """All random histories together have to meet what they are for."""
    if lived := _histories(session.config):
        many = len(lived) * TOGETHER >= ENOUGH_TO_MEET_ALL
        if many and missing(_met(lived)) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What they met, from whatever worker lived through them."""
    if lived := _histories(terminalreporter.config):
        terminalreporter.section("what the histories met")
        terminalreporter.write_line("\n".join([*table(_met(lived)), f"too rare: {missing(_met(lived))}"]))


def _met(lived: list[dict[str, int]]) -> Counter[str]:
    return sum((Counter(each) for each in lived), Counter[str]())


def _histories(config: pytest.Config) -> list[dict[str, int]]:
    """What each organization met; a worker has no reporter, and knows nothing of the others."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    stats = {} if reporter is None else reporter.stats
    ended = [each for kind in ("passed", "failed") for each in stats.get(kind, []) if each.when == "call"]
    return [counts for each in ended for name, counts in each.user_properties if name == MET]
