"""What all tests have in common, and a server that several kinds of them speak to."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import HealthCheck, settings

from tests import postgresql

# How fast the machine is, and what else it does meanwhile, is no property of what is tested.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    programs = postgresql.programs()
    if programs is None:
        pytest.skip("there is no `postgres` on the PATH, and POSTGRESQL names no folder with one")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = int(free.getsockname()[1])
    with postgresql.server(programs, port) as running:
        yield running


@pytest.fixture
def postgresql_database(postgresql_server: postgresql.Server) -> str:
    """The address of an empty database of this test."""
    return postgresql_server.database()
