import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from deployments.sandbox.codehost import CodeHostSettings, create_app
from tasks.adapters.github import GitHubCodeHost
from tests.adapters.github.scripted import Scripted, scripted_server
from tests.adapters.github.world import HUB, World

TOKEN = "ghp_thisisnobodystoken"


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with scripted_server() as script:
        yield script


@pytest.fixture
def scripted_code_host(scripted: Scripted) -> GitHubCodeHost:
    return GitHubCodeHost(scripted.api_url, TOKEN)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data = tmp_path_factory.mktemp("codehost")
    # asyncio sends without delay only where the socket says that it is TCP's; otherwise an answer takes 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        root = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = create_app(CodeHostSettings(data=data, public_url=root))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
        thread.start()
        world = World(root, data, tmp_path_factory.mktemp("scratch"))
        yield world
        world.close()
        server.should_exit = True
        thread.join()


@pytest.fixture
def world(sandbox: World) -> Iterator[World]:
    sandbox.forget_requests()
    yield sandbox
    sandbox.recovers()


@pytest.fixture
def code_host(world: World) -> GitHubCodeHost:
    return GitHubCodeHost(world.api_url, HUB)
