"""The command that says why a pull request is not merged; it imports what is heavy for the questions that need it."""

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from config.errors import ConfigurationError
from config.settings import read_settings
from flows.explaining_question import Question
from flows.options import Config, Json, use
from tasks.domain.explanation import words
from tasks.domain.explanation.answer import State, answer
from tasks.explaining import UnreadableAnswers, kept_answers

app = typer.Typer()


class Face(StrEnum):
    """The forms that one answer takes for people."""

    TERMINAL = "terminal"
    STATUS = "status"
    PAGE = "page"


@app.command(epilog="Example: merge-hub explain acme/api#42 --assume-approval carol")
def explain(  # noqa: PLR0913 -- its options
    pull_request: Annotated[str, typer.Argument(metavar="OWNER/NAME#N", help="The pull request.")],
    approval: Annotated[
        list[str] | None,
        typer.Option("--assume-approval", metavar="LOGIN", help="What if this person approved its head?"),
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option("--assume-label", metavar="LABEL", help="What if it had this label?")
    ] = None,
    policies: Annotated[
        Path | None, typer.Option(metavar="DIR", help="What if it were judged by these policies?")
    ] = None,
    *,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Say what is met as well.")] = False,
    face: Annotated[
        Face, typer.Option("--as", help="For a terminal; as a commit status; as a page in Markdown.")
    ] = Face.TERMINAL,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Say why a pull request is not merged: every unmet condition, who can change it, since when, and what next."""
    use(config)
    question = Question(pull_request, tuple(approval or ()), tuple(label or ()), policies, verbose=verbose)
    found = None if question.goes_further else _from_last_run(question)
    if found is None:
        from flows.explaining_further import explained  # noqa: PLC0415 -- what most questions need nothing of

        found = explained(question, as_json=as_json)
    _show(found, face, verbose=verbose, as_json=as_json)
    if found["state"] == State.UNKNOWN:
        raise typer.Exit(1)


def _from_last_run(question: Question) -> dict[str, Any] | None:
    """None where only the audit log knows, or what was asked for has to be refused."""
    if question.number is None:
        return None
    try:
        kept = kept_answers(read_settings(os.environ).home, question.repository)
    except (ConfigurationError, UnreadableAnswers):
        return None
    return None if kept is None else answer(kept, question.number)


def _show(found: Mapping[str, Any], face: Face, *, verbose: bool, as_json: bool) -> None:
    now = datetime.now(UTC)
    if as_json:
        sys.stdout.write(json.dumps({**found, "status": words.status_line(found)}, indent=2, ensure_ascii=False) + "\n")
    elif face is Face.STATUS:
        sys.stdout.write(words.status_line(found) + "\n")
    elif face is Face.PAGE:
        sys.stdout.write(words.page(found, now))
    else:
        from flows.explaining_words import shown  # noqa: PLC0415 -- programs need no terminal's tables

        shown(found, now, verbose=verbose)
