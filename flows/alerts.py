"""Commands of alerts: which are open, who closes one and why, and what the rules would say of what is on record."""

import os
from typing import Annotated, Any

import typer

from config.loader import load
from config.settings import read_settings
from flows import alert_words as words
from flows.options import Config, Json, use
from flows.terminal import told
from tasks.domain.moments import day_or_moment

app = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="What is out of the ordinary, until a person has looked at it.")
app.add_typer(group, name="alerts")


@group.command("list", epilog="Example: merge-hub alerts list --all")
def list_alerts(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those as well that somebody has acknowledged.")] = False,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Which alerts nobody has acknowledged yet, since when, who can act and what to do next."""
    with told(as_json=as_json) as teller:
        use(config)
        from flows.wiring import open_records  # noqa: PLC0415 -- adapters take a second to import
        from tasks.domain.alerts import OF_ALERTS, standings_of  # noqa: PLC0415

        with open_records() as records:
            standings = standings_of(records.log.events(types=OF_ALERTS))
        found = {"alerts": [each.document() for each in standings if everything or each.acknowledged is None]}
        teller.sentences(found, words.listed(found))


@group.command(epilog="Example: merge-hub alerts acknowledge 3f9a1c --by carol --reason 'renewed, ticket 12'")
def acknowledge(
    alert: Annotated[str, typer.Argument(metavar="ID", help="The alert's id, or the beginning of it.")],
    by: Annotated[str, typer.Option(metavar="LOGIN", help="Who has looked at it, at the code host.")],
    reason: Annotated[str, typer.Option(help="What came of it, as reports tell it.")],
    *,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Close an alert: somebody has looked at it, other than the one whose doing it is."""
    with told(as_json=as_json) as teller:
        use(config)
        found = _acknowledged(alert, by, reason)
        teller.sentences(found, words.acknowledged(found))


@group.command(epilog="Example: merge-hub alerts replay --since 2026-11-01")
def replay(
    since: Annotated[
        str | None, typer.Option(metavar="MOMENT", help="Tell nothing earlier: `2026-11-01`, or a moment.")
    ] = None,
    *,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Say what the rules, as they are configured now, make of all that is on record; nothing is raised."""
    with told(as_json=as_json) as teller:
        use(config)
        begin = day_or_moment(since)
        configuration = load(read_settings(os.environ).config_directory)
        from flows.wiring import open_records  # noqa: PLC0415 -- adapters take a second to import
        from tasks.domain.alerts import alert_document  # noqa: PLC0415
        from tasks.domain.anomalies import JUDGED, judged, settings_of  # noqa: PLC0415

        with open_records() as records:
            alerts = judged(records.log.events(types=JUDGED), settings_of(configuration), records.clock.now())
        found = {"alerts": [alert_document(each) for each in alerts if begin is None or each.found.at >= begin]}
        teller.sentences(found, words.replayed(found))


def _acknowledged(alert: str, by: str, reason: str) -> dict[str, Any]:
    """Raises AcknowledgementRefused."""
    from flows.wiring import open_records  # noqa: PLC0415 -- adapters take a second to import
    from tasks.domain.alerts import OF_ALERTS, acknowledgement, chosen_by, standings_of  # noqa: PLC0415

    with open_records() as records:
        before = chosen_by(alert, standings_of(records.log.events(types=OF_ALERTS)))
        recorded = bool(records.log.append([acknowledgement(before, by, reason)]))
        standing = chosen_by(before.raised.id, standings_of(records.log.events(types=OF_ALERTS)))
    return {**standing.document(), "recorded": recorded}
