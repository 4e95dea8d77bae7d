import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]  # boto3 has no types
import pytest
from botocore.config import Config  # type: ignore[import-untyped]  # botocore has no types

from deployments.sandbox.object_store import ObjectStore, running_object_store
from tasks.adapters.clock import SystemClock
from tasks.adapters.evidence_s3 import S3Evidence

RETENTION = timedelta(days=2)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    with serving_objects(tmp_path_factory.mktemp("object-store")) as store:
        yield store


@contextmanager
def serving_objects(folder: Path) -> Iterator[ObjectStore]:
    """SeaweedFS, with the bucket `evidence` that locks and the bucket `plain` that does not."""
    ready: Future[ObjectStore] = Future()
    stop = asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with running_object_store(folder, bucket="evidence") as store:
            ready.set_result(store)
            await stop.wait()

    with closing(loop):
        thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
        thread.start()
        yield ready.result(timeout=60)
        loop.call_soon_threadsafe(stop.set)
        thread.join()


@pytest.fixture
def client(server: ObjectStore) -> Iterator[Any]:
    """Somebody with the keys to the store, and no good intentions."""
    keys = {
        "aws_access_key_id": server.credentials.access_key,
        "aws_secret_access_key": server.credentials.secret_key,
    }
    config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    with closing(boto3.client("s3", endpoint_url=server.url, region_name="us-east-1", config=config, **keys)) as made:
        yield made


@pytest.fixture
def aws(server: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS's own variables, as they stand where merge-hub runs."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.credentials.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.credentials.secret_key)


@pytest.fixture
def open_store(aws: None) -> Iterator[Callable[..., S3Evidence]]:
    with ExitStack() as opened:

        def open_one(bucket: str = "evidence", *, prefix: str = "", days: int = RETENTION.days) -> S3Evidence:
            store = S3Evidence(bucket, region="us-east-1", retention_days=days, clock=SystemClock(), prefix=prefix)
            opened.callback(store.close)
            return store

        yield open_one


@pytest.fixture
def store(open_store: Callable[..., S3Evidence], request: pytest.FixtureRequest) -> S3Evidence:
    """A part of the bucket of this test's own."""
    return open_store(prefix=f"acme/{request.node.name}")
