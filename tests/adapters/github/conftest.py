from collections.abc import Iterator

import pytest

from tasks.adapters.github import GitHubCodeHost
from tests.adapters.github.scripted import Scripted, scripted_server

TOKEN = "ghp_thisisnobodystoken"


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with scripted_server() as script:
        yield script


@pytest.fixture
def scripted_code_host(scripted: Scripted) -> GitHubCodeHost:
    return GitHubCodeHost(scripted.api_url, TOKEN, timeout_seconds=1)
