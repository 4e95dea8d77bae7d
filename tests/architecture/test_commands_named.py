"""What a message or the README tells people to type can be typed."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from typer._click.core import Command
from typer.core import TyperGroup

from flows.commands import COMMANDS, loaded

ROOT = Path(__file__).parent.parent.parent
PRODUCT = ("flows", "tasks", "config", "deployments")
COMMAND = re.compile(
    r"(?:`|Example: |in full: |[Rr]un |\$ )(?:\.venv/bin/)?merge-hub ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?"
)
"""The words after the name where it is a command, and not the subject of a sentence."""


def texts() -> Iterator[tuple[str, str]]:
    for folder in PRODUCT:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value
    for path in (ROOT / "README.md", ROOT / "Makefile", *(ROOT / "deployments").glob("*.yaml")):
        yield path.name, as_typed(path.read_text("utf-8"))


def as_typed(text: str) -> str:
    """With a shell's prompt where a line of a block of code begins with the command."""
    return re.sub(r"```.*?```", lambda block: re.sub(r"(?m)^(?=merge-hub )", "$ ", block[0]), text, flags=re.DOTALL)


def commands() -> set[str]:
    return {spelled for name in COMMANDS for spelled in spellings(name, loaded(name))}


def spellings(name: str, command: Command) -> set[str]:
    if not isinstance(command, TyperGroup):
        return {name}
    below = [spellings(f"{name} {each}", found) for each, found in command.commands.items()]
    return set().union(*below, {name} if command.invoke_without_command else set())


def test_every_command_that_is_named_exists() -> None:
    groups = {command.split()[0] for command in commands() if " " in command}
    named = [
        (place, f"{found[1]} {found[2]}" if found[1] in groups and found[2] else found[1])
        for place, text in texts()
        for found in COMMAND.finditer(text)
    ]

    assert len(named) > 10
    assert [(place, command) for place, command in named if command not in commands()] == []


def test_no_command_that_exists_is_said_to_be_missing() -> None:
    missing = " ".join(re.findall(r"Not yet there: ([^.;]*)", as_one_line((ROOT / "README.md").read_text("utf-8"))))

    assert {*re.findall(r"`([a-z -]+)`", missing)} & commands() == set()


def test_the_list_of_commands_says_of_each_what_it_says_of_itself() -> None:
    told = {name: (place.help, loaded(name).help) for name, place in COMMANDS.items()}

    assert {name: own for name, (listed, own) in told.items() if listed != own} == {}


def as_one_line(text: str) -> str:
    return " ".join(text.split())
