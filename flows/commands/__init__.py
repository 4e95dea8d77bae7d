"""
Every command of `merge-hub`, by name: where it is, and what it does in a line.

What a command needs is imported when it is called. A list of all of them needs none of that: these lines are what it
shows, and a test holds them to what the commands say of themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
import typer.main
from typer._click.core import Command, Context  # typer exports neither
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True)
class Place:
    """`module` has an `app` in which the command is, or the group of commands; `help` is its first sentence."""

    module: str
    help: str


COMMANDS: Mapping[str, Place] = {
    "demo": Place(
        "flows.commands.sandboxes",
        "Land the pull requests of AcmeCorp on the sandbox: no account, no token, nothing left running.",
    ),
    "run": Place("flows.commands.journeys", "Land what may land: every team, every repository."),
    "plan": Place(
        "flows.commands.journeys", "Say what would happen and why, and change nothing but the hub's own files."
    ),
    "explain": Place(
        "flows.explaining",
        "Say why a pull request is not merged: every unmet condition, who can change it, since when, and what next.",
    ),
    "sign-off": Place("flows.commands.plans", "Sign a plan with your own SSH key, or list what waits for whom."),
    "pause": Place(
        "flows.commands.pauses",
        "Stop all landings, of everything or of a team or repository, at once; also those of a run that goes on.",
    ),
    "resume": Place("flows.commands.pauses", "Take back a pause that was given by command; name what was named then."),
    "emergency": Place("flows.emergencies", "What two people let land although rules are not satisfied."),
    "verify": Place(
        "flows.evidence",
        "Verify evidence by the keys given: offline, with no database, trusting nothing that lies in the store.",
    ),
    "keys": Place("flows.evidence", "The keys that seal the log."),
    "posture": Place(
        "flows.evidence",
        "Look whether the evidence store keeps what it must: lock, versions, a sample of objects; 1 where it does not.",
    ),
    "restore": Place(
        "flows.evidence",
        "Bring the audit log of a hub that lost its state back from the evidence store, verified, byte by byte.",
    ),
    "reconcile": Place(
        "flows.bypasses",
        "Account for every commit on the target branches; exit code 1 while a bypass waits for its justification.",
    ),
    "bypass": Place("flows.bypasses", "What reached target branches around the hub."),
    "alerts": Place("flows.alerts", "What is out of the ordinary, until a person has looked at it."),
    "report": Place("flows.reports", "Reports on what is on record."),
    "metrics": Place("flows.commands.journeys", "Report merge times, gate success and compliance per team."),
    "replay": Place(
        "flows.history",
        "Judge what is on record by other policies: which verdicts would flip, and what wait that would have cost.",
    ),
    "simulate": Place(
        "flows.commands.imagined",
        "Compare queue strategies on an imagined or a recorded load: their cost, their time, whom they refuse.",
    ),
    "doctor": Place(
        "flows.commands.journeys",
        "Look at everything that a run needs, change nothing, and say what is not well and what to do.",
    ),
    "config": Place("flows.commands.configured", "What the organization decided."),
    "sandbox": Place("flows.commands.sandboxes", "A whole world on loopback: code host, object store, mail, chat."),
}


class Commands(TyperGroup):
    """The top of the command line, which imports nothing of a command before that is called."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, place in COMMANDS.items():
            self.add_command(TyperCommand(name, help=place.help))

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        name, found, rest = super().resolve_command(ctx, args)
        return name, found if name is None else loaded(name), rest


def loaded(name: str) -> Command:
    """One of COMMANDS, with all that it needs."""
    return typer.main.get_group(import_module(COMMANDS[name].module).app).commands[name]
