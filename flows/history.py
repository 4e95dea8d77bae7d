"""Commands that look back at what is on record: they read the log and the evidence, and change nothing."""

import os
from pathlib import Path
from typing import Annotated

import typer

from config.loader import load, load_policies
from config.schema import Configuration
from config.settings import read_settings
from flows import history_words as words
from flows.options import Config, Json, Repository, Team, use
from flows.terminal import told
from tasks.domain.moments import day_or_moment
from tasks.domain.run import assignments

Since = Annotated[
    str | None, typer.Option(metavar="MOMENT", help="Nothing earlier: `2026-11-01`, or a moment with its offset.")
]


app = typer.Typer()


@app.command(epilog="Example: merge-hub replay --policies proposed/ --since 2026-11-01")
def replay(
    policies: Annotated[Path, typer.Option(metavar="DIR", help="The policies, or a configuration that has some.")],
    since: Since = None,
    team: Team = "all",
    repository: Repository = None,
    *,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Judge what is on record by other policies: which verdicts would flip, and what wait that would have cost."""
    with told(as_json=as_json) as teller:
        use(config)
        begin = day_or_moment(since)
        proposed = load_policies(policies)
        chosen = _chosen(load(read_settings(os.environ).config_directory), team, repository)
        from flows.wiring import open_archive  # noqa: PLC0415 -- adapters take a second to import
        from tasks.domain.replay import document  # noqa: PLC0415
        from tasks.replay import replay as judge_record  # noqa: PLC0415

        with open_archive() as archive:
            found = document(judge_record(proposed, chosen, begin, archive), begin)
        teller.sentences(found, words.replayed(found))


def promotion(
    team: Annotated[str, typer.Option(metavar="NAME", help="Whose rollout.")],
    since: Since = None,
    *,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Say what would have landed since the team's stage began, and how far people did the same meanwhile."""
    with told(as_json=as_json) as teller:
        use(config)
        chosen = load(read_settings(os.environ).config_directory).team(team)
        begin = day_or_moment(since or chosen.since)
        from flows.wiring import open_records  # noqa: PLC0415 -- adapters take a second to import
        from tasks.domain.promotion import OF_ROLLOUT, compared, document  # noqa: PLC0415
        from tasks.domain.remembered import moment_of  # noqa: PLC0415

        with open_records() as records:
            last = next(iter(records.log.events(newest_first=True)), None)
            until = records.clock.now() if last is None else moment_of(last)
            judged = compared(records.log.events(types=OF_ROLLOUT), team, begin)
            found = document(team, chosen.stage_at(records.clock.now()).value, judged, begin, until)
        teller.sentences(found, words.promoted(found))


def _chosen(configuration: Configuration, team: str, repository: str | None) -> tuple[str, ...]:
    """Raises UnknownTeam or UnknownRepository."""
    return tuple(each.repository for each in assignments(configuration, team, repository))
