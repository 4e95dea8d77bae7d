import re
from itertools import chain, combinations

import pytest

from tasks.domain.reasons import TABLE, Outcome, Reason, ReasonCode, outcome_of

HELD = Reason(ReasonCode.DRAFT, "it is a draft")
REFUSED = Reason(ReasonCode.GATE_FAILED, "gate unit failed")
FAILED = Reason(ReasonCode.GATE_ERRORED, "gate unit could not be run")
GRAVITY = [Outcome.HELD, Outcome.REFUSED, Outcome.FAILED]


def test_every_code_has_its_place_in_the_table() -> None:
    assert list(TABLE) == list(ReasonCode)


@pytest.mark.parametrize("code", ReasonCode)
def test_a_code_is_its_name_in_kebab_case(code: ReasonCode) -> None:
    assert code.value == code.name.lower().replace("_", "-")
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code.value)


@pytest.mark.parametrize("code", ReasonCode)
def test_a_code_belongs_to_an_outcome_other_than_merged_and_says_what_it_means(code: ReasonCode) -> None:
    assert TABLE[code].outcome is not Outcome.MERGED
    assert TABLE[code].meaning


def test_no_two_codes_mean_the_same() -> None:
    assert len({entry.meaning for entry in TABLE.values()}) == len(TABLE)


@pytest.mark.parametrize("reason", [HELD, REFUSED, FAILED])
def test_a_reason_has_the_outcome_of_its_code(reason: Reason) -> None:
    assert outcome_of([reason]) is reason.outcome is TABLE[reason.code].outcome


SOME = list(chain.from_iterable(combinations([HELD, REFUSED, FAILED], size) for size in (1, 2, 3)))


@pytest.mark.parametrize("reasons", SOME, ids=lambda reasons: " ".join(one.code for one in reasons))
def test_of_several_reasons_the_gravest_decides_in_whatever_order(reasons: tuple[Reason, ...]) -> None:
    gravest = max((reason.outcome for reason in reasons), key=GRAVITY.index)

    assert outcome_of(reasons) is outcome_of(reversed(reasons)) is gravest


def test_nothing_is_no_reason() -> None:
    with pytest.raises(ValueError, match="at least one reason"):
        outcome_of([])
