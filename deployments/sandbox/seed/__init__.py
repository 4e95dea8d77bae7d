"""
AcmeCorp: three teams, six repositories, and a pull request for every outcome and reason.

It is built by a program of its own through the sandbox's public API and git, as an outsider would build it.
"""

import asyncio
import sys
from pathlib import Path


class SeedError(Exception):
    """AcmeCorp could not be built; the sentence says what to do."""


async def plant(api_url: str, data: Path) -> None:
    """Builds AcmeCorp, unless `data` says that it was built before."""
    done = data / "seeded-acme"
    if await asyncio.to_thread(done.exists):
        return
    command = [sys.executable, "-m", "deployments.sandbox.seed", api_url, str(data)]
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, stdout=sys.stderr)
    try:
        status = await process.wait()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if status != 0:
        raise SeedError(f"AcmeCorp could not be built, see above; begin again without {data}")
    await asyncio.to_thread(done.touch)
