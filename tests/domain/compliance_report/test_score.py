"""The score, by cases that were counted by hand: what lands in it, what counts against it, and when there is none."""

from collections.abc import Callable

import pytest
from pydantic import JsonValue

from config.schema import Enforcement
from tasks.domain.audit import EventType
from tasks.domain.compliance_report.score import Score
from tests.domain.compliance_report.accounts import LACKING, Accounts, rule, waived

Told = Callable[[Accounts], object]


def said(*steps: Told) -> Accounts:
    accounts = Accounts()
    for step in steps:
        step(accounts)
    return accounts


def lands(number: int, *rules: object, **told: object) -> Told:
    return lambda accounts: accounts.lands(number, *rules, **told)  # type: ignore[arg-type]  # as the cases write them


def compared(*unaccounted: str, count: int | None = None) -> Told:
    return lambda accounts: accounts.is_compared(*unaccounted, count=count)


def passed(commit: str) -> Told:
    return lambda accounts: accounts.is_passed(commit)


def uses_waiver(number: int, **told: str) -> Told:
    data = {"rule": "COM-001", "requested_by": "carol", "approved_by": "dave", "expires": "2026-03-02"} | told
    return lambda accounts: accounts.tells(EventType.WAIVER_USED, accounts.of_head(number, waiver="W-1"), {**data})


WARNING = rule("QUA-001", LACKING, enforcement=Enforcement.WARN)
CASES: dict[str, tuple[tuple[Told, ...], tuple[int, int]]] = {
    "nothing": ((), (0, 0)),
    "one, and nobody looked at the branch since": ((lands(1),), (0, 0)),
    "one, seen by a comparison": ((lands(1), compared()), (1, 1)),
    "one before the comparison and one after it": ((lands(1), compared(), lands(2)), (1, 1)),
    "a commit that nobody accounts for": ((lands(1), compared("f" * 40)), (1, 2)),
    "the same commit in the comparison and the ledger": ((lands(1), passed("f" * 40), compared("f" * 40)), (1, 2)),
    "more than the comparison lists": ((lands(1), compared("f" * 40, count=3)), (1, 4)),
    "a bypass and nothing else": ((passed("f" * 40),), (0, 1)),
    "a blocking rule that was not satisfied": ((lands(1, rule(judgement=LACKING)), lands(2), compared()), (1, 2)),
    "a warning beside a rule that could hold it": ((lands(1, rule(), WARNING), compared()), (1, 1)),
    "nothing but a warning": ((lands(1, WARNING), compared()), (0, 1)),
    "no decision on record": ((lands(1, judged=False), compared()), (0, 1)),
    "no evidence of what it rested on": ((lands(1, kept=False), compared()), (0, 1)),
    "another tree than the gated one": ((lands(1, same_tree=False), compared()), (0, 1)),
    "a waiver that is not on record": ((lands(1, waived()), compared()), (0, 1)),
    "a waiver on its last day": ((uses_waiver(1), lands(1, waived()), compared()), (1, 1)),
    "a waiver after its last day": ((uses_waiver(1, expires="2026-03-01"), lands(1, waived()), compared()), (0, 1)),
    "a waiver by who asked for it": ((uses_waiver(1, approved_by="Carol"), lands(1, waived()), compared()), (0, 1)),
    "a waiver by who wrote it": ((uses_waiver(1, approved_by="Alice"), lands(1, waived()), compared()), (0, 1)),
    "another one's waiver": ((uses_waiver(2), lands(1, waived()), compared()), (0, 1)),
}


@pytest.mark.parametrize(("steps", "counted"), CASES.values(), ids=CASES.keys())
def test_the_score_is_what_is_counted_by_hand(steps: tuple[Told, ...], counted: tuple[int, int]) -> None:
    score = said(*steps).reported().score

    assert (score.met, score.counted) == counted


def test_without_a_comparison_there_is_no_score_and_it_says_so() -> None:
    score = said(lands(1)).reported().score

    assert (score.percent, score.compliant, score.changes) == (None, 1, 1)
    assert score.explained[0].startswith("Not reconciled: none of 1 changes")


def test_what_lacks_anything_is_never_told_as_all() -> None:
    assert Score(99_999, 100_000, 1, 99_999, 99_999, 99_999, 0).told == "99.9 %"


EMERGENCY: dict[str, JsonValue] = {
    "asked_by": "carol",
    "others": ["dave"],
    "rules": ["COM-001"],
    "review_within_seconds": 3600,
}
HURRIED: dict[str, tuple[tuple[Told, ...], str, tuple[int, int]]] = {
    "reviewed": ((lambda a: a.tells(EventType.EMERGENCY_REVIEWED, a.of_head(1), {}),), "2026-03-09", (1, 1)),
    "not reviewed, and not yet due": ((), "2026-03-02T12:30:00Z", (1, 1)),
    "not reviewed, and overdue": ((), "2026-03-02T13:30:00Z", (0, 1)),
}


@pytest.mark.parametrize(("steps", "as_of", "counted"), HURRIED.values(), ids=HURRIED.keys())
def test_an_emergency_counts_while_its_review_is_there_or_not_overdue(
    steps: tuple[Told, ...], as_of: str, counted: tuple[int, int]
) -> None:
    accounts = Accounts()
    accounts.tells(EventType.EMERGENCY_USED, accounts.of_head(1), EMERGENCY)
    accounts.lands(1, waived("emergency"), urgent=True)
    for step in steps:
        step(accounts)
    accounts.is_compared()

    score = accounts.reported(as_of=as_of if "T" in as_of else f"{as_of}T00:00:00Z").score

    assert (score.met, score.counted) == counted
