"""Freezes that are over, or never are: what a clock says about a configuration."""

from collections.abc import Iterator
from datetime import datetime

from config.errors import Problem
from config.loader import Sources
from config.schema import GlobalFile, TeamFile
from config.validation import Source


def idle_freezes(sources: Sources, at: datetime) -> Iterator[Problem]:
    files: tuple[Source[GlobalFile] | Source[TeamFile], ...] = sources.teams
    for source in (*([sources.global_] if sources.global_ else []), *files):
        for position, freeze in enumerate(source.model.freezes):
            if freeze.expired(at):
                message = f"is over: nothing is frozen by `{freeze.name}` any more"
                yield source.problem(("freezes", position, "until"), message, "remove the freeze, or let it end later")
            if freeze.runs_into_itself(at):
                message = f"begins again before `{freeze.name}` has ended, without end: nothing ever lands"
                yield source.problem(("freezes", position, "duration"), message, "make it shorter, or begin less often")


def idle_pauses(sources: Sources, at: datetime) -> Iterator[Problem]:
    files: tuple[Source[GlobalFile] | Source[TeamFile], ...] = sources.teams
    for source in (*([sources.global_] if sources.global_ else []), *files):
        if source.model.pause is not None and not source.model.pause.holds(at):
            yield source.problem(("pause", "until"), "is over: nothing is paused by it any more", "remove the pause")
