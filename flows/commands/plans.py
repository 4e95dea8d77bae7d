"""The command that signs plans."""

from pathlib import Path
from typing import Annotated

import typer

from flows import governance_words as words
from flows import signing
from flows.options import Config, Json, use
from flows.terminal import told
from tasks.domain.signing_desk import Wish

app = typer.Typer()


@app.command("sign-off", epilog="Example: merge-hub sign-off 3f9a1c --role security-lead; merge-hub sign-off list")
def sign_off(  # noqa: PLR0913 -- its options
    plan: Annotated[
        str, typer.Argument(metavar="PLAN|list", help="A plan's digest, or the beginning of it; or `list`.")
    ],
    role: Annotated[str | None, typer.Option(help="As what you sign: a role of signers.yml.")] = None,
    *,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your SSH key; else the one git signs with, or your agent's.")
    ] = None,
    person: Annotated[str | None, typer.Option(help="Who you are, where your key is in more than one name.")] = None,
    for_form: Annotated[
        bool, typer.Option("--for-form", help="Print the signature for the form in the Prefect UI; record nothing.")
    ] = False,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Sign a plan with your own SSH key, or list what waits for whom."""
    with told(as_json=as_json or for_form) as teller:
        use(config)
        if plan == "list":
            teller.sentences(waiting := signing.awaited(), words.awaited(waiting))
        elif role is None:
            raise typer.BadParameter("name the role that you sign in, with --role ROLE", param_hint="--role")
        else:
            wish = Wish(plan, role, None if key is None else str(key), person)
            if for_form:
                teller.document(signing.signature_for_form(wish))
            else:
                teller.sentences(done := signing.sign(wish), words.signed(done))
