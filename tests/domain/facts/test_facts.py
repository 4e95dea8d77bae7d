from dataclasses import replace

import pytest

from tasks.domain.checks.gating import Proof
from tasks.domain.facts import Facts, UnreadableFacts, digest_of_facts, facts_of, read_facts, written
from tasks.domain.model import (
    Circumstances,
    Contribution,
    FileChange,
    HeadStatus,
    Login,
    Mergeability,
    OwnersFile,
    PullRequest,
    StatusState,
)
from tasks.domain.protection import Bypass, CommitSignature, Guard, Protection, Reach, Unread
from tests.domain.builders import (
    BASE,
    NOON,
    approval,
    candidate,
    evaluation,
    gate_result,
    pull_request,
    rules,
    sha,
    tree,
)

KNOWN = Circumstances(
    at=NOON,
    groups={"acme/security": frozenset({Login("dave"), Login("carol")})},
    contributions={
        1: Contribution(
            head=sha(1),
            base=BASE,
            files=(FileChange("a", 1), FileChange("b", None)),
            complete=True,
            commits=(sha(1),),
            merges=(),
            behind=3,
            behind_since=NOON,
        )
    },
    owners=OwnersFile("CODEOWNERS", "* @carol"),
    trees={sha(1): tree(1)},
    protection=Protection(
        "main",
        (Guard("branch protection", reviews=1, checks=("unit",), bypass=(Bypass("role:admin", Reach.MERGING),)),),
        (Unread("its rulesets", "the permission metadata: read"),),
    ),
    signatures={sha(1): CommitSignature("valid", verified=True, signer="alice", by_host=False)},
)


def facts(pull: PullRequest | None = None, *, seconds: float = 1.5, cached: bool = False) -> Facts:
    proof = Proof(evaluation(1, results=(gate_result(seconds=seconds, cached=cached),)), frozenset({"unit"}))
    return facts_of((pull or pull_request(),), rules(approvers=["carol", "bob"]), KNOWN, proof)


@pytest.mark.parametrize(
    "kept",
    [
        facts(),
        facts(pull_request(author=None, labels=["b", "a"], reviews=(approval(None, submitted_at=None),))),
        facts_of((pull_request(1), pull_request(2)), rules(), Circumstances(), None),
        facts_of((), rules(), Circumstances(), Proof(evaluation(1, 2), frozenset())),
    ],
)
def test_facts_are_read_back_as_they_were_written(kept: Facts) -> None:
    content = written(kept)
    read = read_facts(content)

    assert (read, written(read)) == (kept, content)


def test_the_same_facts_are_the_same_bytes_whatever_time_gates_took_and_whoever_is_asked_to_merge() -> None:
    status = HeadStatus("ci", StatusState.SUCCESS)
    other = replace(
        pull_request(), url="x", statuses=(status,), mergeability=Mergeability.MERGEABLE, retry_requested="L1"
    )

    assert written(facts(other, seconds=0.0, cached=True)) == written(facts())
    assert digest_of_facts(other) == digest_of_facts(pull_request())


@pytest.mark.parametrize(
    "other", [pull_request(labels=["x"]), pull_request(reviews=()), pull_request(head="f" * 40), pull_request(2)]
)
def test_other_facts_have_another_digest(other: PullRequest) -> None:
    assert digest_of_facts(other) != digest_of_facts(pull_request())


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", written(facts()).replace(b'"reviews"', b'"opinions"')])
def test_facts_that_lack_something_are_not_read(content: bytes) -> None:
    with pytest.raises(UnreadableFacts):
        read_facts(content)


def test_a_pull_request_is_found_by_its_head() -> None:
    kept = facts()

    assert kept.pull_request(1, sha(1)) == kept.pull_requests[0]
    assert kept.pull_request(1, sha(2)) is None
    assert candidate(1) == (kept.proof and kept.proof.evaluation.candidate)
