"""Commands about evidence: to verify it without trusting anybody but the keys, and to hand those out."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import evidence_words as words
from flows.demonstration import verifier_keys
from flows.options import Config, Json, use
from flows.running import look_at_store
from flows.terminal import ExitCode, told
from flows.usage import UnusableRequest
from tasks.domain.rotation import Role
from tasks.domain.signed_note import NoteRefused, VerifierKey, verifier_key

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from tasks.verification import Readable, Trust

_S3 = "s3://"


app = typer.Typer()
of_keys = typer.Typer(invoke_without_command=True, help="The keys that seal the log.")
app.add_typer(of_keys, name="keys")


@app.command(epilog="Example: merge-hub verify .merge-hub/evidence --key keys.txt")
def verify(
    store: Annotated[str, typer.Argument(metavar="STORE", help="A directory, or `s3://BUCKET/PREFIX`.")],
    key: Annotated[
        list[str], typer.Option(metavar="VKEY", help="A verifier key, or a file with one a line; say it for each.")
    ],
    checkpoint: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A checkpoint that you kept: the log must still be its.")
    ] = None,
    tsa: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Certificates (PEM) of an authority that stamped anchors.")
    ] = None,
    *,
    as_json: Json = False,
    config: Config = None,  # noqa: ARG001 -- every command takes it; nothing here is trusted but the keys
) -> None:
    """Verify evidence by the keys given: offline, with no database, trusting nothing that lies in the store."""
    with told(as_json=as_json) as teller:
        trust = _trust(key, checkpoint or (), tsa or ())
        from tasks.verification import verify_store  # noqa: PLC0415 -- takes what only this command needs

        found = verify_store(_opened(store), trust)
        teller.sentences(document := found.document(), words.verified(document))
        if found.flaws:
            raise typer.Exit(ExitCode.FAILED)


@of_keys.callback(epilog="Example: merge-hub keys > keys.txt")
def keys(context: typer.Context, *, as_json: Json = False, config: Config = None) -> None:
    """Print the verifier keys of this hub, for those who verify: they must not come with the evidence."""
    if context.invoked_subcommand is not None:
        return
    with told(as_json=as_json) as teller:
        use(config)
        found = {"keys": verifier_keys()}
        teller.sentences(found, found["keys"])


@of_keys.command(epilog="Example: merge-hub keys rotate log")
def rotate(
    role: Annotated[Role, typer.Argument(metavar="log|attest", help="Which key: of checkpoints, or of attestations.")],
    to: Annotated[
        str | None, typer.Option(metavar="VERSION|ID", help="The new one: a version in Vault, an id or ARN in AWS KMS.")
    ] = None,
    *,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Put another key in the place of one that seals the log, on record and signed by both."""
    with told(as_json=as_json) as teller:
        use(config)
        from flows.key_rotation import rotate as rotate_key  # noqa: PLC0415 -- adapters take a second to import

        found = rotate_key(role, to)
        teller.sentences(found, words.rotated(found))


@app.command(epilog="Example: merge-hub posture --json")
def posture(*, as_json: Json = False, config: Config = None) -> None:
    """Look whether the evidence store keeps what it must: lock, versions, a sample of objects; 1 where it does not."""
    with told(as_json=as_json) as teller:
        use(config)
        finished = look_at_store()
        teller.sentences(finished.document, [*words.posture(finished.document), *finished.problems])
        if finished.problems or not finished.document["ok"]:
            raise typer.Exit(ExitCode.FAILED)


@app.command(epilog="Example: merge-hub restore --checkpoint one-that-I-kept.txt")
def restore(
    key: Annotated[
        list[str] | None, typer.Option(metavar="VKEY", help="A key besides the hub's own that signed it in its time.")
    ] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A checkpoint that you kept: the log must still be its.")
    ] = None,
    *,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Bring the audit log of a hub that lost its state back from the evidence store, verified, byte by byte."""
    with told(as_json=as_json) as teller:
        use(config)
        from flows.wiring.restoring import open_restoration  # noqa: PLC0415 -- adapters take a second to import
        from tasks.restoring import restore_log  # noqa: PLC0415

        with open_restoration() as opened:
            own = (opened.seal.log.key, opened.seal.attest.key)
            trust = _trust(key or (), checkpoint or (), (), own)
            found = restore_log(opened.store, trust, opened.log).document()
        teller.sentences(found, words.restored(found))


def _trust(
    keys: Sequence[str], checkpoints: Sequence[Path], authorities: Sequence[Path], own: Sequence[VerifierKey] = ()
) -> "Trust":
    from tasks.verification import Trust  # noqa: PLC0415 -- takes what only this command needs

    remembered = {str(each): _bytes_of(each) for each in checkpoints}
    return Trust((*own, *_keys(keys)), remembered, tuple(root for each in authorities for root in _roots(each)))


def _roots(file: Path) -> Sequence["Certificate"]:
    from tasks.domain.time_stamp import roots_in  # noqa: PLC0415 -- takes what only this command needs

    try:
        return roots_in(_bytes_of(file))
    except ValueError as error:
        raise UnusableRequest(f"`{file}` has no certificates", "name a file with certificates in PEM") from error


def _keys(given: Sequence[str]) -> tuple[VerifierKey, ...]:
    return tuple(_key(text) for each in given for text in _texts(each))


def _texts(given: str) -> Sequence[str]:
    """A verifier key itself has two `+`; anything else is the file that has some."""
    if given.count("+") >= len("++") and not Path(given).is_file():
        return [given]
    try:
        lines = Path(given).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableRequest(f"`{given[:100]}` is no verifier key and no file of them", _REMEDY) from error
    return [line for line in lines if line.strip() and not line.startswith("#")]


_REMEDY = "give what `merge-hub keys` prints, by a way that whoever can write the store cannot change"


def _key(text: str) -> VerifierKey:
    try:
        return verifier_key(text)
    except NoteRefused as refused:
        raise UnusableRequest(f"`{text[:100]}`: {refused}", _REMEDY) from refused


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UnusableRequest(f"`{file}` cannot be read", "name a file that is there, and that you may read") from error


def _opened(store: str) -> "Readable":
    from flows.wiring.opening import open_store_to_read  # noqa: PLC0415 -- adapters take a second to import

    if store.startswith(_S3):
        return open_store_to_read(store)
    if not Path(store).is_dir():
        raise UnusableRequest(f"`{store[:200]}` is no directory", "name the one that holds `events/`, or an s3:// one")
    return open_store_to_read(store)
