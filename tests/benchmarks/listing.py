"""
What it costs a run to learn what a large bucket has: listed from its beginning, and from where the run knows it.

    python -m tests.benchmarks.listing --objects 100000
"""

import argparse
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]  # boto3 has no types
from botocore.config import Config  # type: ignore[import-untyped]  # botocore has no types

from deployments.sandbox.object_store import ObjectStore
from tasks.adapters.clock import SystemClock
from tasks.adapters.evidence_s3 import S3Evidence
from tasks.domain.checkpoint import PREFIX, key_for
from tests.adapters.evidence_s3.conftest import serving_objects

WRITERS = 16


def fill(server: ObjectStore, objects: int) -> None:
    """As many checkpoints, each a minute's; not locked, so that writing them does not take all day."""
    client = boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=server.credentials.access_key,
        aws_secret_access_key=server.credentials.secret_key,
        config=Config(s3={"addressing_style": "path"}, max_pool_connections=WRITERS),
    )
    with closing(client), ThreadPoolExecutor(WRITERS) as pool:
        for _ in pool.map(
            lambda size: client.put_object(Bucket="evidence", Key=f"acme/{key_for(size)}", Body=b"-"),
            range(1, objects + 1),
        ):
            pass


def measured(store: S3Evidence, after: str) -> tuple[int, int, float]:
    """Keys found, requests made, seconds."""
    asked: list[str] = []
    client: Any = store._client  # noqa: SLF001 -- to count what goes out
    client.meta.events.register("before-call.s3", count := lambda model, **_: asked.append(model.name))
    started = time.monotonic()
    found = len(store.keys(PREFIX, after=after))
    client.meta.events.unregister("before-call.s3", count)
    return found, len(asked), time.monotonic() - started


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=100_000)
    objects: int = parser.parse_args().objects
    with tempfile.TemporaryDirectory() as folder, serving_objects(Path(folder)) as server:
        os.environ |= {
            "AWS_ENDPOINT_URL_S3": server.url,
            "AWS_ACCESS_KEY_ID": server.credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": server.credentials.secret_key,
        }
        fill(server, objects)
        store = S3Evidence("evidence", region="us-east-1", retention_days=1, clock=SystemClock(), prefix="acme")
        with closing(store):
            for name, after in (("from the beginning", ""), ("from what is known", key_for(objects - 1))):
                found, asked, seconds = measured(store, after)
                print(f"{name}: {found} keys, {asked} requests, {seconds:.3f} s")  # noqa: T201 -- what it is for


if __name__ == "__main__":
    main()
