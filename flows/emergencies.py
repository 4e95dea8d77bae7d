"""Commands of emergencies: to declare one, and to see which reviews are still owed."""

import os
from typing import Annotated, Any

import typer

from config.loader import load
from config.settings import read_settings
from flows import governance_words as words
from flows.options import Config, Json, use
from flows.terminal import told
from flows.usage import UnusableRequest
from tasks.domain.dependencies import printable
from tasks.domain.model import Declared, Reference, RepositoryName
from tasks.domain.run import EVERY_TEAM, assignments

app = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="What two people let land although rules are not satisfied.")
app.add_typer(group, name="emergency")


@group.command(epilog="Example: merge-hub emergency declare acme/api#42 --reason 'logins fail, incident 4711' --by bob")
def declare(
    pull_request: Annotated[str, typer.Argument(metavar="OWNER/NAME#N", help="The pull request; it bears the label.")],
    reason: Annotated[str, typer.Option(help="Why it cannot wait, as reports tell it.")],
    by: Annotated[str, typer.Option(metavar="LOGIN", help="Who asks, at the code host: somebody else must approve.")],
    *,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Say that a pull request cannot wait; somebody who did not write it and is not you has to approve it."""
    with told(as_json=as_json) as teller:
        use(config)
        found = _declared(pull_request, reason, by)
        teller.sentences(found, words.declared(found))


@group.command("list", epilog="Example: merge-hub emergency list")
def list_owed(*, as_json: Json = False, config: Config = None) -> None:
    """Which landings nobody independent has reviewed yet, and until when somebody must."""
    with told(as_json=as_json) as teller:
        use(config)
        from flows.wiring import open_records  # noqa: PLC0415 -- adapters take a second to import
        from tasks.emergency_log import owed_reviews  # noqa: PLC0415

        with open_records() as records:
            now = records.clock.now()
            found = {"owed": [each.document(now) for each in owed_reviews(records.log)]}
        teller.sentences(found, words.owed(found))


def _declared(named: str, reason: str, by: str) -> dict[str, Any]:
    """Raises UnusableRequest, UnknownRepository or ConfigurationError."""
    configuration = load(read_settings(os.environ).config_directory)
    emergency = configuration.global_.emergency
    if emergency is None:
        raise UnusableRequest("this organization knows no emergencies", "configure `emergency` in global.yml")
    repository, _, number = named.rpartition("#")
    if not repository or not number.isdecimal():
        raise UnusableRequest(f"{printable(named, 60)!r} names no pull request", "write `OWNER/NAME#NUMBER`")
    if not reason.strip() or not by.strip():
        raise UnusableRequest("an emergency needs a reason and who asks", "name both")
    (assignment,) = assignments(configuration, EVERY_TEAM, repository)
    from flows.wiring import open_records  # noqa: PLC0415 -- adapters take a second to import
    from tasks.emergency_log import declare as record  # noqa: PLC0415

    about = Reference(RepositoryName(assignment.repository), int(number))
    with open_records() as records:
        wanted = Declared(by, reason, records.clock.now())
        recorded = record(about, wanted, emergency.declaration_lasts, configuration.organization.name, records.log)
    return {"pull_request": str(about), "asked_by": by, "reason": reason, "recorded": recorded}
