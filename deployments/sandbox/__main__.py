import asyncio
import sys
from collections.abc import Iterator

from deployments.sandbox.object_store import ObjectStoreError
from deployments.sandbox.options import parse
from deployments.sandbox.seed import SeedError
from deployments.sandbox.server import SandboxError, serve


def main() -> None:
    options = parse()
    try:
        asyncio.run(serve(options))
    except* (SandboxError, ObjectStoreError, SeedError) as failures:
        sys.exit("\n".join(_sentences(failures)))


def _sentences(failure: BaseException) -> Iterator[str]:
    if isinstance(failure, BaseExceptionGroup):
        for part in failure.exceptions:
            yield from _sentences(part)
    else:
        yield str(failure)


if __name__ == "__main__":
    main()
