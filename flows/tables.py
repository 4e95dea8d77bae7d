"""Tables that people read on a terminal; texts of strangers are shown as they are, never as markup or control codes."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

STYLES = {"merged": "green", "held": "yellow", "refused": "red", "failed": "bold red"}


def table(*heads: str, rows: Iterable[Sequence[object]] = ()) -> Table:
    """Columns fold their texts, so that a narrow terminal loses nothing."""
    made = Table(box=box.SIMPLE_HEAD, expand=False, pad_edge=False, show_edge=False)
    for head in heads:
        made.add_column(head, overflow="fold")
    for row in rows:
        made.add_row(*map(plain, row))
    return made


def plain(value: object) -> Text:
    return Text("".join(character if character.isprintable() else " " for character in str(value)))
