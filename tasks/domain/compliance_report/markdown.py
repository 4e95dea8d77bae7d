"""A page in Markdown; whatever people wrote means nothing there."""

from collections.abc import Iterator

from tasks.domain.compliance_report.page import Cell, Mark, Page, Part, Table, Tone
from tasks.domain.escaping import for_markdown, one_line


def write_markdown(page: Page) -> str:
    lines = [f"# {for_markdown(page.title)}", "", *(f"{for_markdown(line)}  " for line in page.scope), ""]
    lines += ["| | | |", "|---|---|---|"]
    lines += [f"| {for_markdown(t.name)} | **{for_markdown(t.value)}** | {for_markdown(t.note)} |" for t in page.tiles]
    for part in page.parts:
        lines += ["", f"## {for_markdown(part.heading)}", "", *_part(part)]
    return "\n".join(lines).rstrip() + "\n"


def _part(part: Part) -> Iterator[str]:
    for line in part.lines:
        yield from (for_markdown(line), "")
    if part.table is not None and part.table.rows:
        yield from _table(part.table)
    elif part.nothing:
        yield for_markdown(part.nothing)


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(map(for_markdown, table.heads))} |"
    yield f"|{'|'.join('---:' if at in table.numbers else '---' for at in range(len(table.heads)))}|"
    yield from (f"| {' | '.join(map(_cell, row))} |" for row in table.rows)
    if table.unlisted:
        yield from ("", f"and {table.unlisted} more, in {for_markdown(table.where)}")


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return for_markdown(cell)
    if cell.tone is Tone.CODE:
        return f"`{one_line(cell.text).replace('`', '')}`"
    return _strong(cell) if cell.tone is Tone.BAD else for_markdown(cell.text)


def _strong(mark: Mark) -> str:
    told = for_markdown(mark.text)
    return f"**{told}**" if told else ""
