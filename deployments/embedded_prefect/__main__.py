"""
The server: `python -m deployments.embedded_prefect DESCRIPTOR HOME RUNS` serves until standard input ends.

Of what is in HOME it forgets all but the latest RUNS runs when nobody is served any more.
"""

import gc
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import uvicorn
from prefect.server.api.server import create_app

from deployments.embedded_prefect.patience import AsksAgain
from deployments.embedded_prefect.retention import forget_old_runs

ENDS_WITHIN_SECONDS = 5


def serve(descriptor: int) -> None:
    """Serves on the listening socket that was inherited as `descriptor`."""
    app = AsksAgain(create_app(ephemeral=True, final=True))
    config = uvicorn.Config(app, log_level="error", lifespan="on")
    # What is loaded stays: the garbage collector need not go over it again and again.
    gc.freeze()
    # When it has ended in order, uvicorn raises once more what ended it.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


def end_with_standard_input() -> None:
    """In order if that is soon done: nobody waits for it any more."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ENDS_WITHIN_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    serve(int(sys.argv[1]))
    forget_old_runs(Path(sys.argv[2]), int(sys.argv[3]))
