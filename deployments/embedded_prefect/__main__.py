"""The server: `python -m deployments.embedded_prefect DESCRIPTOR` serves until standard input ends."""

import os
import signal
import socket
import sys
import threading
import time

import uvicorn
from prefect.server.api.server import create_app

from deployments.embedded_prefect.patience import AsksAgain

ENDS_WITHIN_SECONDS = 5


def serve(descriptor: int) -> None:
    """Serves on the listening socket that was inherited as `descriptor`."""
    app = AsksAgain(create_app(ephemeral=True, final=True))
    config = uvicorn.Config(app, log_level="error", lifespan="on")
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


def end_with_standard_input() -> None:
    """In order if that is soon done: nobody waits for it any more."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ENDS_WITHIN_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    serve(int(sys.argv[1]))
