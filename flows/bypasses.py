"""Commands of the bypass ledger: what reached target branches around the hub, and what a second person says of it."""

import os
from typing import Annotated, Any

import typer

from config.loader import load
from config.settings import read_settings
from flows import reconciliation_words as words
from flows.options import Config, Json, use
from flows.running import reconcile_teams
from flows.terminal import told
from flows.usage import UnusableRequest
from tasks.domain.dependencies import printable
from tasks.domain.run import EVERY_TEAM, assignments

app = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="What reached target branches around the hub.")
app.add_typer(group, name="bypass")


@app.command(epilog="Example: merge-hub reconcile --team team-a")
def reconcile(
    team: Annotated[str, typer.Option(metavar="all|NAME", help="Whose target branches.")] = "all",
    repository: Annotated[str | None, typer.Option(metavar="OWNER/NAME", help="One repository of theirs only.")] = None,
    *,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Account for every commit on the target branches; exit code 1 while a bypass waits for its justification."""
    with told(as_json=as_json) as teller:
        use(config)
        teller.concluded(done := reconcile_teams(team, repository), words.reconciled(done.document))


@group.command("list", epilog="Example: merge-hub bypass list")
def list_bypasses(*, as_json: Json = False, config: Config = None) -> None:
    """What went around the hub: what nobody has justified yet, and who justified the rest."""
    with told(as_json=as_json) as teller:
        use(config)
        from flows.wiring import open_records  # noqa: PLC0415 -- adapters take a second to import
        from tasks.bypass_ledger import bypasses  # noqa: PLC0415

        with open_records() as records:
            ledger = [each.document() for each in bypasses(records.log)]
        found = {
            "open": [each for each in ledger if each["justified"] is None],
            "justified": [each for each in ledger if each["justified"] is not None],
        }
        teller.sentences(found, words.listed(found))


@group.command(
    epilog="Example: merge-hub bypass justify acme/api 4f2a91c --reason 'incident 4711, the host was down' --by carol"
)
def justify(  # noqa: PLR0913 -- its options
    repository: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="Where it was found.")],
    commit: Annotated[str, typer.Argument(metavar="COMMIT", help="The commit, or the beginning of it, as listed.")],
    reason: Annotated[str, typer.Option(help="Why it is right that it is there, as reports tell it.")],
    by: Annotated[str, typer.Option(metavar="LOGIN", help="Who says so, at the code host: not who did it.")],
    *,
    ticket: Annotated[str | None, typer.Option(help="Where more is to be read.")] = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Answer for something that went around the hub, as somebody else than who did it."""
    with told(as_json=as_json) as teller:
        use(config)
        found = _justified(repository, commit, reason, by, ticket)
        teller.sentences(found, words.justified(found))


def _justified(named: str, commit: str, reason: str, by: str, ticket: str | None) -> dict[str, Any]:
    """Raises UnusableRequest, UnknownRepository or ConfigurationError."""
    configuration = load(read_settings(os.environ).config_directory)
    (assignment,) = assignments(configuration, EVERY_TEAM, named)
    if not reason.strip() or not by.strip():
        raise UnusableRequest("a justification needs a reason and who gives it", "name both")
    from flows.wiring import open_records  # noqa: PLC0415 -- adapters take a second to import
    from tasks import bypass_ledger  # noqa: PLC0415
    from tasks.domain.bypasses import objection_to  # noqa: PLC0415

    with open_records() as records:
        here = [
            each for each in bypass_ledger.bypasses(records.log) if _is_in(each.repository.name, assignment.repository)
        ]
        called = [each for each in here if each.is_called(commit)]
        if len({each.commit for each in called}) != 1:
            known = ", ".join(each.commit[:12] for each in here if each.justified is None) or "none: all are justified"
            shown = printable(commit, 60)
            raise UnusableRequest(
                f"{shown!r} names {'several bypasses' if called else 'no bypass'} of {assignment.repository}",
                f"write seven digits at least of one that is open ({known}); `merge-hub bypass list` shows them",
            )
        for each in called:
            if (objection := objection_to(each, by, configuration.global_.robots)) is not None:
                raise UnusableRequest(objection, "let somebody else look at it, and justify it")
        name = configuration.organization.name
        recorded = bypass_ledger.justify(called, by, reason, ticket, records.log, name)
        events = {each.event for each in called}
        now = next(each for each in bypass_ledger.bypasses(records.log) if each.event in events)
    return {**now.document(), "recorded": recorded}


def _is_in(recorded: str, asked: str) -> bool:
    return recorded.casefold() == asked.casefold()
