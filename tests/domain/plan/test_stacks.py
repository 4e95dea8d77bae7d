from tasks.domain.model import PullRequest
from tasks.domain.plan import Ordered, order_candidates
from tasks.domain.reasons import ReasonCode
from tests.domain.builders import commit, pull_request, sha, snapshot

LOWER, UPPER = sha(1), sha(2)


def lower(number: int = 2, target: str = "main") -> PullRequest:
    return pull_request(number, head=LOWER, target=target, commits=(commit("alice", sha=LOWER),))


def upper(number: int = 1, head: str = UPPER) -> PullRequest:
    return pull_request(number, head=head, commits=(commit("alice", sha=LOWER), commit("alice", sha=head)))


def ordered(*pulls: PullRequest, candidates: set[int]) -> Ordered:
    return order_candidates(snapshot(*sorted(pulls, key=lambda pull: pull.number)), candidates)


def test_what_is_brought_along_lands_first_whatever_its_number() -> None:
    assert [pull.number for pull in ordered(lower(), upper(), candidates={1, 2}).order] == [2, 1]


def test_what_brings_along_one_that_may_not_land_is_held() -> None:
    found = ordered(lower(), upper(), candidates={1})

    assert [reason.code for reason in found.reasons[1]] == [ReasonCode.DEPENDENCY_HELD]


def test_a_branch_that_goes_elsewhere_is_not_waited_for() -> None:
    assert [pull.number for pull in ordered(lower(target="release"), upper(), candidates={1}).order] == [1]


def test_two_with_the_same_head_do_not_wait_for_each_other() -> None:
    assert [pull.number for pull in ordered(upper(1), upper(2), candidates={1, 2}).order] == [1, 2]
