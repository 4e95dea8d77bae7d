"""The forms of a report: valid for those who read them, deterministic, and deaf to what hostile people write."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from trestle.oscal.assessment_results import Model

from tasks.compliance_page import write_html
from tasks.domain.audit import EventType
from tasks.domain.compliance_report.document import COLUMNS, as_csv, as_json
from tasks.domain.compliance_report.markdown import write_markdown
from tasks.domain.compliance_report.oscal import as_oscal, control_id
from tasks.domain.compliance_report.pack import packed
from tasks.domain.compliance_report.report import PeriodReport
from tasks.domain.compliance_report.words import headline, page_of
from tests.domain.chronicle import HOSTILE
from tests.domain.compliance_report.accounts import LACKING, Accounts, rule


def told(title: str = "Mend the door") -> PeriodReport:
    """Of everything something, and `title` wherever people can write."""
    accounts = Accounts()
    accounts.lands(1, rule(), rule("SEC-001", controls=("ISO27001:A.8.28",)), title=title)
    accounts.lands(2, rule(judgement=LACKING), title=title)
    data: dict[str, Any] = {"alert": "x", "severity": "high", "message": title}
    accounts.tells(EventType.ALERT_RAISED, {"n": 1}, data)
    waiver = {
        "rule": "COM-001",
        "reason": title,
        "requested_by": "carol",
        "approved_by": "dave",
        "expires": "2026-04-01",
    }
    accounts.tells(EventType.WAIVER_USED, accounts.of_head(1, waiver="W-1"), {**waiver})
    accounts.justifies(accounts.is_passed("f" * 40, actor=title), "carol")
    accounts.is_compared("f" * 40, "e" * 40, chain_ok=False)
    return accounts.reported()


@pytest.fixture(scope="module")
def report() -> PeriodReport:
    return told()


@pytest.fixture(scope="module")
def hostile() -> PeriodReport:
    return told(HOSTILE)


def oscal(report: PeriodReport) -> dict[str, Any]:
    return dict(json.loads(as_oscal(report))["assessment-results"])


@pytest.mark.parametrize("whose", ["report", "hostile", "nothing"])
def test_the_assessment_results_are_valid_oscal(whose: str, request: pytest.FixtureRequest) -> None:
    found = Accounts().reported() if whose == "nothing" else request.getfixturevalue(whose)

    assert Model.model_validate_json(as_oscal(found)).assessment_results.results[0].title


def test_oscal_has_a_finding_for_each_tested_control_and_says_no_more_than_two_words(report: PeriodReport) -> None:
    findings = oscal(report)["results"][0]["findings"]

    assert {each["target"]["target-id"]: each["target"]["status"]["state"] for each in findings} == {
        "cc8.1": "not-satisfied",
        "a.8.28": "not-satisfied",
    }


def test_oscal_names_what_follows_from_the_root_of_the_log(report: PeriodReport) -> None:
    other = replace(report, scope=replace(report.scope, log=replace(report.scope.log, root="ab" * 32)))

    assert oscal(report) == oscal(told())
    assert oscal(report)["uuid"] != oscal(other)["uuid"]


@given(st.text(max_size=30))
def test_every_control_has_an_id_that_oscal_takes(control: str) -> None:
    assert all(character in "abcdefghijklmnopqrstuvwxyz0123456789._-" for character in control_id(control))
    assert control_id(control)[0].isalpha() or control_id(control)[0] == "_"


def test_json_and_page_say_the_same_figures(report: PeriodReport) -> None:
    score = json.loads(as_json(report))["score"]

    assert (score["met"], score["counted"], score["outside"], score["percent"]) == (1, 4, 2, 25.0)
    assert headline(report).startswith("Compliance ever: 25 % (1 of 4)")
    assert [each.value for each in page_of(report).tiles][:3] == ["25 %", "2", "1"]


def test_the_table_has_a_row_a_change_and_no_formula(hostile: PeriodReport) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(told("=cmd()|' /C calc'!A0")).decode())))

    assert list(rows[0]) == list(COLUMNS)
    assert [row["title"][0] for row in rows] == ["'", "'"]
    assert len(list(csv.reader(io.StringIO(as_csv(hostile).decode())))) == 1 + len(hostile.changes)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def parsed(html: str) -> _Tags:
    parser = _Tags()
    parser.feed(html)
    return parser


def test_what_people_write_is_no_markup_on_the_page(report: PeriodReport, hostile: PeriodReport) -> None:
    harmless, found = (parsed(write_html(page_of(each))) for each in (report, hostile))

    assert found.tags == harmless.tags
    assert {"script", "img", "link", "a", "iframe"} & set(found.tags) == set()
    assert {"src", "href", "style", "onerror"} & found.attributes == set()


def test_what_people_write_is_no_markup_in_markdown(report: PeriodReport, hostile: PeriodReport) -> None:
    markdown = MarkdownIt("gfm-like", {"linkify": False})
    harmless, found = (markdown.render(write_markdown(page_of(each))) for each in (report, hostile))

    assert parsed(found).tags == parsed(harmless).tags


def test_the_page_turns_no_direction(hostile: PeriodReport) -> None:
    assert "\u202e" not in write_html(page_of(hostile)) + write_markdown(page_of(hostile))


def test_a_pack_is_the_same_bytes_and_holds_the_sums_of_all_its_files() -> None:
    one, other = packed({"b": b"2", "a": b"1"}), packed({"a": b"1", "b": b"2"})

    assert one == other
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        listed = archive.read("SHA256SUMS").decode().split()[1::2]
        assert sorted([*listed, "SHA256SUMS"]) == archive.namelist()
