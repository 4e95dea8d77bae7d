"""Each commit that a pull request adds bears a signature that the code host verified, or it is said which does not."""

from typing import Any

import pytest

from config.schema import SignedCommitsParameters
from tasks.domain.checks.judgement import InError, Judgement, Satisfied, Violated
from tasks.domain.checks.signatures import check_signed_commits
from tasks.domain.circumstances import circumstances_document
from tasks.domain.model import Circumstances, CommitSha, Contribution
from tasks.domain.protection import CommitSignature
from tasks.domain.reasons import ReasonCode
from tests.domain.builders import BASE, pull_request, sha

FIRST, SECOND = CommitSha("a" * 40), CommitSha("b" * 40)
UNSIGNED = CommitSignature("unsigned", verified=False, signer=None, by_host=False)
EXPECTED = "each of the 2 commits that it adds is to bear a verified signature"


def signed(signer: str | None = "alice", state: str = "valid", *, by_host: bool = False) -> CommitSignature:
    return CommitSignature(state, verified=state == "valid", signer=signer, by_host=by_host)


BOTH = "2 of 2 commits that it adds bear a verified signature"
UNKNOWN = f"{EXPECTED}, which is unknown of bbbbbbb"
ALICE: dict[str, Any] = {"signers": ["alice"]}
HOST = signed("web-flow", by_host=True)


def brought(*commits: CommitSha) -> Contribution:
    return Contribution(
        head=sha(1), base=BASE, files=(), complete=True, commits=commits, merges=(), behind=0, behind_since=None
    )


def judged(*found: CommitSignature | None, **parameters: Any) -> Judgement:
    """Of the first and the second commit; None: the code host says nothing of it."""
    told = dict(zip((FIRST, SECOND), found, strict=True))
    known = {commit: signature for commit, signature in told.items() if signature is not None}
    by = SignedCommitsParameters.model_validate(parameters)
    return check_signed_commits(by, pull_request(), brought(FIRST, SECOND), known)


@pytest.mark.parametrize(
    ("found", "parameters", "because"),
    [
        ((signed(), signed("bob")), {}, BOTH),
        ((signed(), UNSIGNED), {}, f"{EXPECTED}, unlike bbbbbbb (unsigned)"),
        ((signed(state="unknown_key"), signed()), {}, f"{EXPECTED}, unlike aaaaaaa (unknown_key)"),
        ((UNSIGNED, UNSIGNED), {}, f"{EXPECTED}, unlike aaaaaaa (unsigned), bbbbbbb (unsigned)"),
        ((signed(), None), {}, f"{UNKNOWN} (not told)"),
        ((signed(), signed(state="ocsp_pending")), {}, f"{UNKNOWN} (ocsp_pending)"),
        ((signed("Alice"), signed("bob")), {"signers": ["ALICE", "bob"]}, f"{BOTH} of ALICE or bob"),
        ((signed(), signed("bob")), ALICE, f"{EXPECTED} of alice, unlike bbbbbbb (signed by bob)"),
        ((signed(), signed(None)), ALICE, f"{EXPECTED} of alice, unlike bbbbbbb (signed by nobody known)"),
        ((signed(), HOST), {}, BOTH),
        ((signed(), HOST), {"by_host": False}, f"{EXPECTED}, unlike bbbbbbb (signed by the code host itself)"),
    ],
)
def test_each_commit_is_looked_at(
    found: tuple[CommitSignature | None, ...], parameters: dict[str, Any], because: str
) -> None:
    judgement = judged(*found, **parameters)

    assert judgement.because == because
    assert isinstance(judgement, Satisfied) is because.startswith(BOTH)
    assert isinstance(judgement, InError) is because.startswith(UNKNOWN)


def test_the_author_can_change_what_is_not_signed() -> None:
    judgement = judged(UNSIGNED, UNSIGNED)

    assert isinstance(judgement, Violated)
    assert [(reason.code, reason.actor) for reason in judgement.reasons] == [(ReasonCode.POLICY_VIOLATED, "alice")]


def test_what_is_not_signed_beside_what_is_unknown_is_no_violation_that_could_be_waived() -> None:
    judgement = judged(UNSIGNED, None)

    assert isinstance(judgement, InError)
    assert [reason.code for reason in judgement.reasons] == [ReasonCode.POLICY_ERROR, ReasonCode.POLICY_VIOLATED]


@pytest.mark.parametrize("contribution", [None, brought()])
def test_commits_that_are_unknown_are_not_signed(contribution: Contribution | None) -> None:
    judgement = check_signed_commits(SignedCommitsParameters(), pull_request(), contribution, {FIRST: signed()})

    assert isinstance(judgement, InError)


def test_what_another_commit_bears_counts_for_none() -> None:
    judgement = check_signed_commits(SignedCommitsParameters(), pull_request(), brought(FIRST), {SECOND: signed()})

    assert isinstance(judgement, InError)


def test_evidence_holds_what_is_said_of_each_commit() -> None:
    known = Circumstances(contributions={1: brought(FIRST, SECOND)}, signatures={FIRST: signed()})

    assert circumstances_document(known, pull_request())["signatures"] == {
        FIRST: {"state": "valid", "signer": "alice", "by_host": False},
        SECOND: None,
    }
