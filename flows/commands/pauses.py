"""Commands that stop landings, and let them go on."""

from typing import Annotated

import typer

from flows import governance_words as words
from flows import pausing
from flows.options import Config, Json, Repository, use
from flows.terminal import told
from tasks.domain.pause import Scope

app = typer.Typer()


@app.command(epilog="Example: merge-hub pause --team team-a --reason 'incident 4711' --until 2026-12-01T09:00:00Z")
def pause(
    reason: Annotated[str, typer.Option(help="Why, as everybody is told who is held.")],
    team: Annotated[str | None, typer.Option(metavar="NAME", help="This team only.")] = None,
    repository: Repository = None,
    until: Annotated[str | None, typer.Option(metavar="MOMENT", help="When it ends; else in 24 hours.")] = None,
    *,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Stop all landings, of everything or of a team or repository, at once; also those of a run that goes on."""
    with told(as_json=as_json) as teller:
        use(config)
        found = pausing.pause(Scope(team, repository), reason, until, stated="command line")
        teller.sentences(found, words.paused(found))


@app.command(epilog="Example: merge-hub resume --team team-a")
def resume(
    team: Annotated[str | None, typer.Option(metavar="NAME", help="The team that was paused.")] = None,
    repository: Repository = None,
    *,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Take back a pause that was given by command; name what was named then."""
    with told(as_json=as_json) as teller:
        use(config)
        found = pausing.resume(Scope(team, repository), stated="command line")
        teller.sentences(found, words.resumed(found))
