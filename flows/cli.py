"""
The command line, thin over the flows.

Nothing is imported before it is needed: the commands are in `flows/commands`. With `--json` one JSON document goes to
standard output and nothing else; what people are told on the way goes to standard error.
"""

import os
import sys
from typing import Annotated

import typer
from typer._click.exceptions import ClickException  # typer exports only some of what is raised for bad usage

from flows.commands import Commands
from tasks.redaction import know_secrets, without_secrets_in

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Lands pull requests of many teams under gates and controls, and leaves evidence that a stranger can verify.",
    epilog="Example: merge-hub demo",
)


def _say_version(asked: bool) -> None:  # noqa: FBT001 -- as typer calls it
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 -- it takes as long to import as all else here

        typer.echo(f"merge-hub {version('merge-hub')}")
        raise typer.Exit


@app.callback()
def merge_hub(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None: ...


def main() -> None:
    """Bad usage is told as JSON too where JSON is asked for: whoever reads it finds one document in any case."""
    know_secrets(os.environ)
    sys.stderr = without_secrets_in(sys.stderr)
    if "--json" not in sys.argv[1:]:
        app(prog_name="merge-hub")
    try:
        sys.exit(app(prog_name="merge-hub", standalone_mode=False))
    except ClickException as error:
        from flows.terminal import told_bad_usage  # noqa: PLC0415 -- nobody waits for what says nothing

        sys.exit(told_bad_usage(error.format_message()))
