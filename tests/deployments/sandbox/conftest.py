from collections.abc import Iterator

import pytest

from deployments.sandbox.process import Sandbox


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    """One sandbox without an object store, shared; ask for `sandbox`, which empties it."""
    with Sandbox(object_store=False) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.ask("DELETE", "/_sandbox/mail")
    running.ask("DELETE", "/_sandbox/slack")
    return running
