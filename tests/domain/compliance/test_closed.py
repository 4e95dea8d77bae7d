"""
Whatever is missing from what is judged, a refusal never becomes a pass.

Three kinds of emptiness are answers and no gaps, and are left out: a pull request without labels carries no excluded
one; a contributor without a login is one that the code host cannot resolve, which by contract blocks nothing; and a
login vanishes with its account, from everything that the account did, never from one review alone.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.schema import Filters
from tasks.domain.checks.gating import Proof
from tasks.domain.compliance import evaluate
from tasks.domain.discovery import reasons_against
from tasks.domain.gates import Evaluation, Verdict
from tasks.domain.model import Circumstances, Login, PullRequest, Review, ReviewState
from tests.domain.builders import NOON, commit, evaluation, gate, gate_result, pull_request, review, rules

Judged = tuple[PullRequest, Proof | None, dict[str, frozenset[Login]]]

RULES = rules(
    filters=Filters(labels=("ready",), required_approvals=1, required_reviewers=("acme/leads",)),
    gates=(gate("unit"), gate("e2e"), gate("docs", required=False)),
    approvers=("carol", "dave", "bob", "alice"),
)
EMPTY: dict[type, Any] = {str: "", int: 0, tuple: (), frozenset: frozenset(), bool: None}
ANSWERS = frozenset({"labels"})


def passes(judged: Judged) -> bool:
    pull, proof, groups = judged
    known = Circumstances(groups=groups)
    return not reasons_against(pull, RULES, known) and evaluate(pull, RULES, known, proof).compliant


def emptied(value: Any) -> Iterator[Any]:
    """Each copy of `value` that lacks the content of one field; a field whose type has no empty value keeps it."""
    for field in fields(value):
        found = getattr(value, field.name)
        gap = EMPTY.get(type(found), None if field.name in {"submitted_at", "commit", "log"} else found)
        if field.name not in ANSWERS and type(found) is not bool and gap != found:
            yield replace(value, **{field.name: gap})


def shortened(values: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for position in range(len(values)):
        yield values[:position] + values[position + 1 :]


def with_gap_in_pull_request(pull: PullRequest) -> Iterator[PullRequest]:
    yield from (gap for gap in emptied(pull) if gap.author is not None)
    yield from (replace(pull, commits=commits) for commits in shortened(pull.commits))
    for position, each in enumerate(pull.reviews):
        for gap in emptied(each):
            if gap.reviewer == each.reviewer:
                yield replace(pull, reviews=(*pull.reviews[:position], gap, *pull.reviews[position + 1 :]))
    for position, written in enumerate(pull.commits):
        gap = replace(written, contributors=())
        yield replace(pull, commits=(*pull.commits[:position], gap, *pull.commits[position + 1 :]))


def without_account(pull: PullRequest, login: str) -> PullRequest:
    reviews = tuple(replace(one, reviewer=None) if one.reviewer == login else one for one in pull.reviews)
    return replace(pull, reviews=reviews, author=None if pull.author == login else pull.author)


def with_gap_in_proof(proof: Proof) -> Iterator[Proof | None]:
    yield None
    yield replace(proof, recorded=frozenset())
    yield from (replace(proof, recorded=proof.recorded - {name}) for name in proof.recorded)
    found = proof.evaluation
    for results in ((), *shortened(found.results)):
        yield replace(proof, evaluation=Evaluation(found.candidate, results))
    for position, result in enumerate(found.results):
        for gap in emptied(result):
            results = (*found.results[:position], gap, *found.results[position + 1 :])
            yield replace(proof, evaluation=Evaluation(found.candidate, results))
    for candidate in emptied(found.candidate):
        yield replace(proof, evaluation=Evaluation(candidate, found.results))


def with_gap(judged: Judged) -> Iterator[Judged]:
    pull, proof, groups = judged
    yield from ((gap, proof, groups) for gap in with_gap_in_pull_request(pull))
    yield from ((without_account(pull, login), proof, groups) for login in ("alice", "bob", "carol", "dave"))
    yield from ((pull, gap, groups) for gap in (with_gap_in_proof(proof) if proof else ()))
    yield (pull, proof, {})
    yield (pull, proof, dict.fromkeys(groups, frozenset()))


REVIEWS = st.builds(
    review,
    st.sampled_from(["alice", "bob", "carol", "dave"]),
    st.sampled_from(ReviewState),
    by_bot=st.sampled_from([False, False, True]),
    may_write=st.sampled_from([True, True, True, False]),
    commit=st.sampled_from(["at-head", "at-head", "0" * 40]),
    submitted_at=st.integers(0, 3).map(lambda hours: NOON + timedelta(hours=hours)),
    identifier=st.integers(0, 10**9).map(str),
)
PULL_REQUESTS = st.builds(
    lambda pull, lists: replace(pull, commit_count=pull.commit_count + lists),
    st.builds(
        pull_request,
        draft=st.sampled_from([False, False, False, True]),
        target=st.sampled_from(["main", "main", "main", "release"]),
        labels=st.sampled_from([{"ready"}, {"ready"}, {"ready", "security-review-pending"}, set[str]()]),
        reviews=st.lists(REVIEWS, max_size=4).map(tuple),
        commits=st.sampled_from([(commit("alice"),), (commit("alice"), commit("bob", None))]),
    ),
    st.sampled_from([0, 0, 0, 1]),
)
VERDICTS = st.sampled_from([Verdict.PASSED, Verdict.PASSED, Verdict.PASSED, *Verdict])
PROOFS = st.builds(
    lambda verdicts, recorded: Proof(
        evaluation(
            1,
            results=tuple(
                gate_result(each.name, verdict, required=each.required)
                for each, verdict in zip(RULES.gates, verdicts, strict=True)
            ),
        ),
        recorded,
    ),
    st.tuples(VERDICTS, VERDICTS, VERDICTS),
    st.sampled_from([frozenset({"unit", "e2e"}), frozenset({"unit", "e2e"}), frozenset({"unit"})]),
)
GROUPS = {"acme/leads": frozenset({Login("carol"), Login("bob"), Login("alice")})}
WORLDS = st.tuples(PULL_REQUESTS, PROOFS, st.just(GROUPS))


SOUND = pull_request(labels={"ready"})
PROVEN = Proof(evaluation(1, results=(gate_result("unit"), gate_result("e2e"))), frozenset({"unit", "e2e"}))


def test_what_lacks_nothing_passes() -> None:
    assert passes((SOUND, PROVEN, GROUPS))


def reviewed(*reviews: Review, **facts: Any) -> PullRequest:
    return pull_request(labels={"ready"}, reviews=reviews, **facts)


LATER = NOON + timedelta(hours=1)
FAULTY = {
    "an approval by its author": reviewed(review("alice")),
    "an approval by a contributor": reviewed(review("bob"), commits=(commit("alice"), commit("bob"))),
    "an approval by a bot": reviewed(review("carol", by_bot=True)),
    "an approval by somebody without write access": reviewed(review("carol", may_write=False)),
    "an approval of an earlier head": reviewed(review("carol", commit="0" * 40)),
    "an approval that a later one of an earlier head replaced": reviewed(
        review("carol"), review("carol", commit="0" * 40, submitted_at=LATER)
    ),
    "an approval that was dismissed": reviewed(
        review("carol"), review("carol", ReviewState.DISMISSED, submitted_at=LATER)
    ),
    "an approval that became a veto": reviewed(
        review("carol"), review("carol", ReviewState.CHANGES_REQUESTED, submitted_at=LATER)
    ),
    "a veto that took the place of a dismissed one": reviewed(
        review("carol"),
        review("dave", ReviewState.DISMISSED),
        review("dave", ReviewState.CHANGES_REQUESTED, submitted_at=LATER),
    ),
    "a comment and no approval": reviewed(review("carol", ReviewState.COMMENTED)),
    "more commits than were listed": replace(SOUND, commit_count=2),
    "a draft": replace(SOUND, draft=True),
    "another target": replace(SOUND, target="release"),
    "no label": replace(SOUND, labels=frozenset({"qa"})),
}


@pytest.mark.parametrize("pull", FAULTY.values(), ids=FAULTY)
def test_no_gap_hides_a_fault(pull: PullRequest) -> None:
    hidden = [gap for gap in [(pull, PROVEN, GROUPS), *with_gap((pull, PROVEN, GROUPS))] if passes(gap)]

    assert hidden == []


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.TIMED_OUT, Verdict.ERRORED, Verdict.SKIPPED])
def test_no_gap_hides_a_gate_that_did_not_pass(verdict: Verdict) -> None:
    failing = replace(PROVEN, evaluation=evaluation(1, results=(gate_result("unit"), gate_result("e2e", verdict))))
    hidden = [gap for gap in with_gap((SOUND, failing, GROUPS)) if passes(gap)]

    assert hidden == []


@settings(max_examples=30, deadline=None)
@given(WORLDS)
def test_no_gap_turns_a_refusal_into_a_pass(world: Judged) -> None:
    turned = [gap for gap in with_gap(world) if passes(gap) and not passes(world)]

    assert turned == []


NEEDED = {
    "reviews": {"reviews": ()},
    "commits": {"commits": ()},
    "the number of commits": {"commit_count": 0},
    "labels": {"labels": frozenset[str]()},
    "the head": {"head": ""},
    "the target": {"target": ""},
    "being open": {"open": False},
}


@pytest.mark.parametrize("gap", NEEDED.values(), ids=NEEDED)
def test_a_pull_request_does_not_pass_without(gap: dict[str, Any]) -> None:
    pull = replace(SOUND, **gap)

    assert not passes((pull, PROVEN, GROUPS))


@pytest.mark.parametrize("gap", [{"reviewer": None}, {"commit": None}, {"submitted_at": None}, {"state": "PENDING"}])
def test_a_pull_request_does_not_pass_where_its_approval_lacks(gap: dict[str, Any]) -> None:
    pull = replace(SOUND, reviews=(replace(SOUND.reviews[0], **gap),))

    assert not passes((pull, PROVEN, GROUPS))


@pytest.mark.parametrize(
    "proof", [None, replace(PROVEN, recorded=frozenset()), replace(PROVEN, recorded=frozenset({"unit"}))]
)
def test_a_pull_request_does_not_pass_without_its_gates_on_record(proof: Proof | None) -> None:
    assert not passes((SOUND, proof, GROUPS))


def test_a_pull_request_does_not_pass_without_the_members_of_a_team_that_must_approve() -> None:
    assert not passes((SOUND, PROVEN, {}))


def test_without_policies_nothing_passes() -> None:
    assert not evaluate(SOUND, replace(RULES, policies=()), Circumstances(groups=GROUPS), PROVEN).compliant
