from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.domain.model import Digest
from tasks.domain.quarantine import reasons_of_quarantine
from tasks.domain.reasons import Outcome, ReasonCode
from tasks.domain.remembered import RefusalRecord
from tests.domain.builders import ENVIRONMENT, pull_request, sha


def refusal(head: int, gate: str = "unit", *, retry: str | None = None, number: int = 1) -> RefusalRecord:
    definition = Digest("sha256:" + "d" * 64)
    return RefusalRecord(number, sha(head), gate, definition, ENVIRONMENT, (), retry, "gate-failed", "gate unit failed")


THREE = [refusal(1), refusal(2), refusal(2, "lint"), refusal(3)]


def test_after_so_many_heads_it_is_left_alone_with_heads_and_gates_named() -> None:
    (reason,) = reasons_of_quarantine(pull_request(1, head=sha(4)), THREE, 3)

    assert (reason.code, reason.outcome, reason.actor) == (ReasonCode.QUARANTINED, Outcome.HELD, "alice")
    assert reason.message == (
        "gates refused it 3 times, the limit is 3: unit on 0000000; unit, lint on 0000000; unit on 0000000"
    )


def test_fewer_refusals_than_the_limit_hold_nothing() -> None:
    assert reasons_of_quarantine(pull_request(1), THREE, 4) == ()


def test_several_gates_on_one_head_are_one_refusal() -> None:
    assert reasons_of_quarantine(pull_request(1), [refusal(1, gate) for gate in "abcde"], 2) == ()


def test_the_refusals_of_others_do_not_count() -> None:
    assert reasons_of_quarantine(pull_request(1), [refusal(head, number=2) for head in range(9)], 1) == ()


def test_the_same_head_counts_again_after_each_retry() -> None:
    refusals = [refusal(1), refusal(1, retry="L1"), refusal(1, retry="L2")]

    assert reasons_of_quarantine(pull_request(1, retry_requested="L2"), refusals, 3)
    assert not reasons_of_quarantine(pull_request(1, retry_requested="L2"), refusals, 4)


def test_the_label_set_anew_ends_it_once() -> None:
    asked = pull_request(1, head=sha(4), retry_requested="L1")

    assert reasons_of_quarantine(asked, THREE, 3) == ()
    assert reasons_of_quarantine(asked, [*THREE, refusal(4, retry="L1")], 3)
    assert reasons_of_quarantine(replace(asked, retry_requested="L2"), [*THREE, refusal(4, retry="L1")], 3) == ()


def test_a_label_that_was_used_up_before_does_not_end_it() -> None:
    refusals = [refusal(1), refusal(2, retry="L1"), refusal(3, retry="L1")]

    assert reasons_of_quarantine(pull_request(1, head=sha(9), retry_requested="L1"), refusals, 3)


@settings(max_examples=40)
@given(st.integers(1, 300), st.lists(st.sampled_from([None, "L1", "L2"]), max_size=20), st.integers(1, 10))
def test_no_new_head_ever_ends_it(head: int, retries: list[str | None], limit: int) -> None:
    refusals = [refusal(400 + position, retry=retry) for position, retry in enumerate(retries)]

    told = reasons_of_quarantine(pull_request(1, head=sha(head)), refusals, limit)

    assert bool(told) == (len(retries) >= limit)
    assert all(len(reason.message) < 400 for reason in told)
