"""Commands about the sandbox: a demonstration on it, and itself alone."""

import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from config.loader import load
from deployments.sandbox.process import Sandbox
from flows import demonstration
from flows.options import Config, Json
from flows.sandbox_messages import keep_messages
from flows.terminal import told

app = typer.Typer()
sandbox_app = typer.Typer(no_args_is_help=True, help="A whole world on loopback: code host, object store, mail, chat.")
app.add_typer(sandbox_app, name="sandbox")


@app.command(epilog="Example: merge-hub demo --keep")
def demo(
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the sandbox running until interrupted.")] = False,
    as_json: Json = False,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="DIR", help="Another configuration for it than its own.")
    ] = None,
) -> None:
    """Land the pull requests of AcmeCorp on the sandbox: no account, no token, nothing left running."""
    with told(as_json=as_json) as teller:
        chosen = config or demonstration.CONFIGURATION
        load(chosen)
        teller.aside("Starting the sandbox with AcmeCorp and its pull requests …")
        home = demonstration.prepare()
        with Sandbox(seed="acme", object_store=False) as sandbox:
            teller.aside("Landing what may land, for all teams …")
            finished = demonstration.demonstrate(home, sandbox.environment(), chosen)
            teller.demo(
                finished,
                keep_messages(home, sandbox.ask("GET", "/_sandbox/mail"), sandbox.ask("GET", "/_sandbox/slack")),
            )
            if keep:
                teller.aside(f"The sandbox answers at {sandbox.endpoints.root_url} until you press Ctrl-C.")
                _wait_for_interrupt()


@sandbox_app.command("serve", epilog="Example: merge-hub sandbox serve --seed acme --env sandbox.env")
def sandbox_serve(  # noqa: PLR0913 -- its options
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Of the code host and the chat; 0 takes a free one.")
    ] = 0,
    data: Annotated[Path | None, typer.Option(help="A directory that survives; else a temporary one.")] = None,
    seed: Annotated[str, typer.Option(metavar="acme|none", help="What to begin with.")] = "none",
    *,
    smart_http: Annotated[
        bool, typer.Option("--smart-http", help="Git over HTTP, with tokens and branch protection.")
    ] = False,
    env: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what merge-hub must know of it, for `. FILE` in a shell.")
    ] = None,
    as_json: Json = False,  # noqa: ARG001 -- what it prints is JSON anyway
    config: Config = None,  # noqa: ARG001 -- every command takes it; the sandbox has none
) -> None:
    """Serve the sandbox in the foreground; one JSON line says when it answers and where."""
    arguments = ["serve", f"--port={port}", f"--seed={seed}"]
    arguments += [] if data is None else [f"--data={data}"]
    arguments += [] if env is None else [f"--env={env}"]
    arguments += ["--smart-http"] if smart_http else []
    os.execv(sys.executable, [sys.executable, "-m", "deployments.sandbox", *arguments])  # noqa: S606 -- no shell wanted


def _wait_for_interrupt() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        signal.pause()
