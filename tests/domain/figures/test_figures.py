"""A number is said with what it was counted from, and not at all where there is too little."""

from typing import Any

import pytest

from tasks.domain.figures import (
    NO_VALUE,
    Cell,
    duration,
    gate_cells,
    mission_row,
    percent,
    rate_cell,
    scope,
    summary,
    team_cells,
    total_cells,
)

QUICK: dict[str, Any] = {
    "team": "platform",
    "merged": 34,
    "compliant": 33,
    "landings_compliant": 0.97059,
    "merge_time_n": 34,
    "merge_hours_p50": 8.61,
    "merge_hours_p90": 23.8,
    "merge_hours_min": 1.36,
    "merge_hours_max": 33.5,
    "merge_hours_mean": 11.4,
    "gate_n": 52,
    "gate_passed": 48,
    "gate_errored": 1,
    "gate_success": 0.9231,
    "gate_success_low": 0.8183,
    "gate_success_high": 0.9697,
    "held": 1,
    "refused": 2,
    "failed": 0,
}
FEW = QUICK | {"merge_time_n": 3, "merge_hours_p50": None, "merge_hours_p90": None, "merged": 3, "compliant": 3}
IDLE: dict[str, Any] = dict.fromkeys(QUICK) | {
    "team": "idle", "merged": 0, "compliant": 0, "merge_time_n": 0, "gate_n": 0, "gate_passed": 0, "gate_errored": 0,
    "held": 0, "refused": 0, "failed": 0,
}  # fmt: skip


def test_a_median_is_said_with_how_many_it_is_of() -> None:
    assert team_cells(QUICK)[1:3] == (Cell("8.6 h", "n = 34"), Cell("23.8 h"))


def test_of_too_few_the_fastest_and_the_slowest_are_said() -> None:
    assert team_cells(FEW)[1:3] == (Cell("1.4 h to 33.5 h", "too few, n = 3"), Cell(NO_VALUE, "too few"))


def test_of_none_nothing_is_said() -> None:
    assert {cell.value for cell in team_cells(IDLE)[1:5]} == {NO_VALUE}


def test_a_rate_is_said_with_its_count_and_its_interval() -> None:
    assert team_cells(QUICK)[3] == Cell("92.3 %", "48 of 52; 81.8 % to 97.0 %", 48 / 52, (0.8183, 0.9697))


def test_a_gate_that_only_errored_has_no_rate() -> None:
    cells = gate_cells(IDLE | {"gate_errored": 4, "seconds_p50": None, "seconds_p90": None})

    assert [cell.value for cell in cells] == [NO_VALUE, "4", NO_VALUE, NO_VALUE]


def test_totals_are_the_sums_of_the_teams() -> None:
    assert total_cells([QUICK, FEW, IDLE]) == {
        "Merged": Cell("37"),
        "Compliant landings": rate_cell(36, 37),
        "Gate success": rate_cell(96, 104),
        "Not landed": Cell("6", "2 held, 4 refused"),
    }


@pytest.mark.parametrize(("share", "said"), [(1.0, "100 %"), (0.99999, "99.9 %"), (0.9231, "92.3 %"), (0.0, "0.0 %")])
def test_a_share_is_all_only_where_nothing_is_missing(share: float, said: str) -> None:
    assert percent(share) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, NO_VALUE),
        (0.0, "0 ms"),
        (0.25, "250 ms"),
        (59.0, "59.0 s"),
        (90.0, "1.5 min"),
        (7200.0, "2.0 h"),
        (172_800.0, "2.0 d"),
    ],
)
def test_a_duration_is_said_in_the_unit_that_people_would_use(seconds: float | None, said: str) -> None:
    assert duration(seconds) == said


def test_the_organization_s_own_dashboard_has_its_names() -> None:
    assert mission_row(QUICK) == {
        "team": "platform",
        "prs_merged": 34,
        "avg_merge_time": 11.4,
        "gate_success_rate": 0.9231,
        "compliance_score": 97.06,
    }


def test_a_score_of_nothing_is_no_score() -> None:
    assert mission_row(IDLE)["compliance_score"] is None


def test_a_hostile_team_stays_in_its_cell() -> None:
    assert r"| \<b\>a\</b\> \| b |" in summary([QUICK | {"team": "<b>a</b> | b"}], "All of it.")


def test_the_scope_names_the_events_that_were_counted() -> None:
    assert scope(9, "2026-03-02T12:01:00.000Z", "all of it").startswith("Counted from events 1 to 9 of the audit log")


def test_an_empty_log_is_said_to_be_empty() -> None:
    assert "holds nothing yet" in summary([], scope(0, None, "all of it"))
