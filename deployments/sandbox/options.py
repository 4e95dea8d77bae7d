"""What `python -m deployments.sandbox serve` can be told."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Seed(StrEnum):
    ACME = "acme"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Options:
    """
    `port` 0 takes a free one; `data` None is a temporary directory, removed at the end.

    `env` is the file that is to lead merge-hub here, for a shell to read; None where none is wanted.
    """

    port: int = 0
    data: Path | None = None
    seed: Seed = Seed.NONE
    smart_http: bool = False
    object_store: bool = True
    stop_at_eof: bool = False
    env: Path | None = None


def parse(arguments: Sequence[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(
        prog="python -m deployments.sandbox",
        description="A code host, an object store, a mailbox and a chat on loopback; no account needed.",
        epilog="example: python -m deployments.sandbox serve --seed acme",
    )
    serve = parser.add_subparsers(required=True).add_parser("serve", help="run in the foreground until interrupted")
    serve.add_argument("--port", type=int, default=0, help="of the code host and the chat; a free one by default")
    serve.add_argument("--data", type=Path, help="directory that survives; a temporary one by default")
    serve.add_argument("--seed", type=Seed, choices=tuple(Seed), default=Seed.NONE, help="what to begin with")
    serve.add_argument("--smart-http", action="store_true", help="git over HTTP, with tokens and branch protection")
    serve.add_argument("--no-s3", dest="object_store", action="store_false", help="without the object store")
    serve.add_argument("--stop-at-eof", action="store_true", help="also stop when standard input ends")
    serve.add_argument("--env", type=Path, metavar="FILE", help="write what merge-hub needs to know, for `. FILE`")
    return Options(**vars(parser.parse_args(arguments)))
