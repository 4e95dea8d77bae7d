import asyncio
import sys

from deployments.sandbox.object_store import ObjectStoreError
from deployments.sandbox.options import parse
from deployments.sandbox.server import SandboxError, serve


def main() -> None:
    options = parse()
    try:
        asyncio.run(serve(options))
    except* (SandboxError, ObjectStoreError) as failures:
        sys.exit("\n".join(str(failure) for failure in failures.exceptions))


if __name__ == "__main__":
    main()
