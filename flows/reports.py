"""Commands about reports: to make one of a period, to list them, and to sign one off."""

from pathlib import Path
from typing import Annotated

import typer

from flows import history, signing
from flows import report_words as words
from flows.options import Config, Json, Team, use
from flows.running import report_compliance
from flows.terminal import told
from tasks.domain.signing_desk import Wish

app = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="Reports on what is on record.")
app.add_typer(group, name="report")
group.command(epilog="Example: merge-hub report promotion --team team-a")(history.promotion)


@group.command(epilog="Example: merge-hub report compliance --period 2026-11")
def compliance(
    period: Annotated[
        str, typer.Option(help="`2026-11`, `2026-W47`, `2026-Q4`, `2026`, or `last-month`, `this-week` and the like.")
    ] = "this-month",
    since: Annotated[
        str | None, typer.Option("--from", metavar="MOMENT", help="Instead of a period, from here: `2026-11-01`.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="MOMENT", help="Before this one; with --from.")] = None,
    team: Team = "all",
    *,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Report what landed in a period, how it was controlled, what is open, and who has signed it off."""
    with told(as_json=as_json) as teller:
        use(config)
        finished = report_compliance(team, period, since, until)
        teller.report(finished, words.reported(finished.document))


@group.command("list", epilog="Example: merge-hub report list")
def listed(*, as_json: Json = False, config: Config = None) -> None:
    """List the compliance reports that were made, with who has signed each and who is missing."""
    with told(as_json=as_json) as teller:
        use(config)
        teller.sentences(found := signing.reports(), words.listed(found))


@group.command(epilog="Example: merge-hub report sign 2026-11 --role compliance-officer")
def sign(
    report: Annotated[str, typer.Argument(metavar="REPORT", help="Its period, or the beginning of its digest.")],
    role: Annotated[str, typer.Option(help="platform-lead, security-lead or compliance-officer.")],
    *,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your SSH key; else the one git signs with, or your agent's.")
    ] = None,
    person: Annotated[str | None, typer.Option(help="Who you are, where your key is in more than one name.")] = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Sign a compliance report off with your own SSH key."""
    with told(as_json=as_json) as teller:
        use(config)
        found = signing.sign_report(Wish(report, role, None if key is None else str(key), person))
        teller.sentences(found, words.signed(found))
