"""
What each run keeps of every pull request that it saw open, so that people are told at once why it is where it is.

It is written for people on this machine, and nothing rests on it: the audit log says what was decided.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tasks.domain.explanation import KEPT_SCHEMA
from tasks.files import write_whole

if TYPE_CHECKING:
    from pydantic import JsonValue

    from tasks.domain.journey import Journey
    from tasks.ports import Services


class UnreadableAnswers(ValueError):
    """What the last run kept cannot be read by this version."""


def keep_answers(journey: "Journey", services: "Services") -> None:
    """In place of what the last run kept; and the facts that policies judge, for who asks what would be otherwise."""
    from tasks.domain.explanation.record import repository_record  # noqa: PLC0415 -- who asks need not import it
    from tasks.domain.facts import facts_of, written  # noqa: PLC0415
    from tasks.domain.retention import KeptRun  # noqa: PLC0415

    snapshot, now = journey.snapshot, services.clock.now()
    run = KeptRun.named(services.run.name, finished=False)
    document = repository_record(
        journey,
        _before(services.home, snapshot.repository),
        run=services.run.name,
        began=now if run is None else run.begun,
        now=now,
    )
    facts = facts_of(snapshot.pull_requests, journey.rules, snapshot.circumstances, None)
    write_whole(_facts_of(services.home, snapshot.repository), written(facts))
    write_whole(_answers_of(services.home, snapshot.repository), json.dumps(document, ensure_ascii=False) + "\n")


def kept_answers(home: Path, repository: str) -> "dict[str, JsonValue] | None":
    """None where no run kept anything; raises UnreadableAnswers."""
    try:
        found = json.loads(_answers_of(home, repository).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UnreadableAnswers(f"what the last run kept of {repository} cannot be read: {error}") from error
    if not isinstance(found, dict) or found.get("schema") != KEPT_SCHEMA:
        raise UnreadableAnswers(f"what the last run kept of {repository} is of another version")
    return found


def kept_facts(home: Path, repository: str) -> bytes:
    """Raises UnreadableAnswers."""
    try:
        return _facts_of(home, repository).read_bytes()
    except OSError as error:
        raise UnreadableAnswers(f"the facts that the last run judged of {repository} are not at hand") from error


def _before(home: Path, repository: str) -> "Mapping[str, JsonValue] | None":
    """What cannot be read is written anew; conditions are then as old as this run."""
    try:
        return kept_answers(home, repository)
    except UnreadableAnswers:
        return None


def _answers_of(home: Path, repository: str) -> Path:
    return home / "explanations" / f"{repository.casefold()}.json"


def _facts_of(home: Path, repository: str) -> Path:
    return home / "explanations" / f"{repository.casefold()}.facts.json"
