from tasks.domain.heads import reasons_against_heads
from tasks.domain.reasons import Reason, ReasonCode
from tests.domain.builders import pull_request, sha

ONE, OTHER = pull_request(1, author="alice"), pull_request(2, author="bob")


def test_a_head_that_is_gone_changed_meanwhile() -> None:
    message = "its head 0000000 is gone from the code host: it was pushed over or deleted"

    assert reasons_against_heads([ONE, OTHER], {sha(1)}, {}) == {
        1: (Reason(ReasonCode.CHANGED_MEANWHILE, message, "alice"),)
    }


def test_a_head_with_a_forbidden_path_is_refused_and_the_path_named() -> None:
    reasons = reasons_against_heads([ONE, OTHER], (), {sha(2): (".git/hooks/x",)})

    assert reasons == {2: (Reason(ReasonCode.PATH_FORBIDDEN, "holds what cannot be checked out: .git/hooks/x", "bob"),)}


def test_of_many_forbidden_paths_some_are_named_in_one_harmless_line() -> None:
    paths = ("a\nb", "l" * 500, *(f"{number}" for number in range(7)))
    ((reason,),) = reasons_against_heads([ONE], (), {sha(1): paths}).values()

    assert reason.message.endswith(" 0, 1, 2 and 4 more")
    assert reason.message.isprintable()
    assert len(reason.message) < 200


def test_heads_that_are_there_and_harmless_have_nothing_against_them() -> None:
    assert reasons_against_heads([ONE, OTHER], {sha(3)}, {sha(4): (".git/x",)}) == {}
