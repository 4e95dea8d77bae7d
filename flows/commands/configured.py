"""Commands about what the organization decided."""

import os

import typer

from config.check import check
from config.json_schemas import json_schemas
from config.settings import read_settings
from flows.options import Config, Json, use
from flows.terminal import told

app = typer.Typer()
config_app = typer.Typer(no_args_is_help=True, help="What the organization decided.")
app.add_typer(config_app, name="config")


@config_app.command("check", epilog="Example: merge-hub config check --config config/")
def config_check(*, as_json: Json = False, config: Config = None) -> None:
    """Validate every file and say all that is wrong at once."""
    with told(as_json=as_json) as teller:
        use(config)
        teller.checked(check(read_settings(os.environ).config_directory, os.environ))


@config_app.command("schema", epilog="Example: merge-hub config schema > schemas.json")
def config_schema(*, as_json: Json = False, config: Config = None) -> None:  # noqa: ARG001 -- it is JSON anyway
    """Print the JSON Schema of every kind of file."""
    with told(as_json=True) as teller:
        teller.document(json_schemas())
