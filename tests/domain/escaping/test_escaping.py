import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tasks.domain.escaping import for_html, for_markdown, for_slack, for_spreadsheet, one_line, shortened


def test_text_becomes_one_line_without_control_or_direction_characters() -> None:
    assert one_line("a\r\nBcc: b\t\x1b[31mc\u202egnp\u2066 d\u0000") == "a Bcc: b [31mcgnp d"


def test_text_that_is_too_long_ends_in_an_ellipsis() -> None:
    assert shortened("four words of text", 10) == "four word…"


def test_text_that_fits_is_left_alone() -> None:
    assert shortened("four", 4) == "four"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("<https://evil.example|bank>", "&lt;https://evil.example|bank&gt;"),
        ("a & b", "a &amp; b"),
        ("*loud* `code` ~gone~", "∗loud∗ ˋcodeˋ ∼gone∼"),  # noqa: RUF001 -- look-alikes are the point
    ],
)
def test_slack_reads_no_markup_in_text(text: str, shown: str) -> None:
    assert for_slack(text) == shown


@given(st.text())
def test_slack_text_never_holds_what_slack_acts_on(text: str) -> None:
    escaped = for_slack(text)

    assert not set(escaped) & set("<>*`~\n\r")


def test_html_is_shown_as_text() -> None:
    assert for_html('<img src=x onerror="x"> \'') == "&lt;img src=x onerror=&quot;x&quot;&gt; &#x27;"


MARKDOWN = MarkdownIt("gfm-like", {"linkify": False})


@given(st.text(alphabet=st.sampled_from("ab1 \\`*_{}[]()<>#+-.!|~&@:/$\n\"'")))
def test_markdown_text_is_rendered_as_the_characters_it_has(text: str) -> None:
    tokens = MARKDOWN.parseInline(f"#1 {for_markdown(text)} end")[0].children or []

    assert {token.type for token in tokens} <= {"text", "text_special"}
    assert "".join(token.content for token in tokens) == f"#1 {one_line(text)} end"


def test_markdown_text_breaks_out_of_no_table_cell() -> None:
    assert for_markdown("a | b") == r"a \| b"


@pytest.mark.parametrize("text", ["https://evil.example", "http://evil.example", "www.evil.example"])
def test_markdown_text_that_looks_like_an_address_is_not_linked(text: str) -> None:
    assert text not in for_markdown(text)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1", "＝1"])  # noqa: RUF001 -- full width is the point
def test_a_cell_that_begins_like_a_formula_is_quoted(text: str) -> None:
    assert for_spreadsheet(text).startswith("'")


def test_a_plain_cell_is_left_alone() -> None:
    assert for_spreadsheet("team-a") == "team-a"


@given(st.text())
def test_a_cell_never_begins_a_formula_or_another_row(text: str) -> None:
    sheet = io.StringIO()
    csv.writer(sheet, lineterminator="\n").writerow(["first", for_spreadsheet(text)])
    rows = list(csv.reader(io.StringIO(sheet.getvalue())))

    assert len(rows) == 1
    assert not rows[0][1].lstrip().startswith(("=", "+", "-", "@"))
