"""The options that many commands have."""

import os
from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, and nothing else there.")]
Config = Annotated[
    Path | None, typer.Option("--config", metavar="DIR", help="Where the configuration is; else MERGE_HUB_CONFIG_DIR.")
]
Team = Annotated[str, typer.Option(metavar="all|NAME", help="Whose pull requests.")]
Repository = Annotated[str | None, typer.Option(metavar="OWNER/NAME", help="One repository of theirs only.")]


def use(config: Path | None) -> None:
    if config is not None:
        os.environ["MERGE_HUB_CONFIG_DIR"] = str(config)
