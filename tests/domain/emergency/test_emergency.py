"""Who may let land what cannot wait, and the review that this owes."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.schema import Emergency, MergeMethod, PolicyFile
from tasks.domain.compliance import ComplianceReport, evaluate
from tasks.domain.emergency import Emerged, emergency_of
from tasks.domain.emergency_records import (
    OpenReview,
    declared_event,
    declared_in,
    review_of,
    reviewed_event,
    reviews_owed,
    used_event,
)
from tasks.domain.land import Landed
from tasks.domain.model import Circumstances, Declared, PullRequest, Review, ReviewState
from tests.domain.builders import (
    NOON,
    approval,
    candidate,
    commit,
    pull_request,
    recorder,
    reference,
    review,
    rules,
    sha,
    taken,
    tree,
)

DECLARED = Declared("bob", "Logins fail.", NOON)
LATER = NOON + timedelta(hours=2)


def urgent(*approvers: str, body: str = "", **more: Any) -> PullRequest:
    given = tuple(approval(name) for name in approvers)
    return pull_request(labels=["Emergency"], body=body, reviews=given, **more)


def found(pull: PullRequest, declared: Declared | None = DECLARED) -> Emerged | None:
    return emergency_of(pull, Emergency(), declared, None)


def test_a_declared_one_needs_somebody_who_neither_wrote_it_nor_asked() -> None:
    emerged = found(urgent("bob", "carol"))

    assert emerged is not None
    assert emerged.told == "emergency asked for by bob, with carol: Logins fail."


def test_a_described_one_needs_two_since_nobody_knows_who_set_the_label() -> None:
    emerged = found(urgent("bob", "carol", body="- **Emergency:** Logins fail."), None)

    assert emerged is not None
    assert emerged.told == "emergency as its description says, with bob, carol: Logins fail."


@pytest.mark.parametrize(
    ("pull", "declared"),
    [
        (urgent(), DECLARED),
        (urgent("bob"), DECLARED),
        (urgent("carol"), Declared("Carol", "Logins fail.", NOON)),
        (urgent("alice"), DECLARED),
        (urgent("carol", commits=(commit("alice", "carol"),)), DECLARED),
        (urgent("carol", author=None), DECLARED),
        (replace(urgent("carol"), labels=frozenset({"emergencies"})), DECLARED),
        (replace(urgent("carol"), head=sha(99)), DECLARED),
        (urgent("carol", "dave"), None),
        (urgent("carol", body="Emergency: Logins fail."), None),
        (urgent("carol", "dave", body="Emergency:"), None),
    ],
    ids=[
        "nobody approved",
        "who asked approved",
        "who asked approved, spelt otherwise",
        "the author approved",
        "a contributor approved",
        "no known author",
        "another label",
        "another head was approved",
        "no reason",
        "one person and a description",
        "an empty reason",
    ],
)
def test_what_lacks_something_is_no_emergency(pull: PullRequest, declared: Declared | None) -> None:
    assert found(pull, declared) is None


def test_without_configuration_there_is_none() -> None:
    assert emergency_of(urgent("carol"), None, DECLARED, None) is None


def policies(**more: Any) -> tuple[PolicyFile, ...]:
    rule = {"id": "SEC-002", "title": "Reviewed", "check": "labels", "severity": "high", "waivable": True}
    outline = {"apiVersion": "merge-hub/v1", "kind": "Policy", "metadata": {"name": "security", "owner": "us"}}
    written = {**rule, "with": {"all_of": ["reviewed"]}, **more}
    return (PolicyFile.model_validate({**outline, "rules": [written]}),)


def judged(pull: PullRequest, **more: Any) -> ComplianceReport:
    here = replace(rules(policies=policies(**more)), emergency=Emergency())
    return evaluate(pull, here, Circumstances(emergencies={1: DECLARED}), None)


def test_it_lets_pass_what_is_waivable_and_nothing_else() -> None:
    (passed,), (kept,) = (judged(urgent("carol"), **more).findings for more in ({}, {"waivable": False}))

    assert (passed.result, kept.result) == ("waived", "fail")
    assert passed.because.endswith("; emergency asked for by bob, with carol: Logins fail.")
    assert (judged(urgent("carol")).for_emergency, judged(urgent("bob")).for_emergency) == (True, False)


def test_what_satisfies_every_rule_uses_no_emergency() -> None:
    pull = urgent("carol")
    satisfied = replace(pull, labels=frozenset({"emergency", "reviewed"}))

    assert used_event(recorder(), judged(satisfied), found(satisfied), timedelta(hours=72)) is None


def owed(*more: Any) -> tuple[OpenReview, ...]:
    pull = urgent("carol")
    used = used_event(recorder(), judged(pull), found(pull), timedelta(hours=72))
    assert used is not None
    intent = recorder().merge_intent(pull, candidate(1), MergeMethod.MERGE, {})
    landed = recorder().merge_completed(intent, Landed(1, sha(9), tree(1), tree(1), MergeMethod.MERGE))
    return reviews_owed([taken(used), taken(landed), *more])


def test_a_landing_owes_a_review_within_the_time_and_names_who_cannot_give_it() -> None:
    (review_owed,) = owed()

    assert (review_owed.due, review_owed.people) == (NOON + timedelta(hours=72), frozenset({"alice", "bob", "carol"}))
    assert review_owed.document(NOON + timedelta(hours=73))["overdue"] is True


@pytest.mark.parametrize("state", [ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED])
def test_the_first_independent_review_after_the_landing_settles_it(state: ReviewState) -> None:
    (review_owed,) = owed()
    given = replace(review("dave", state), commit=sha(1), submitted_at=LATER)
    later = replace(review("erin", state), commit=sha(1), submitted_at=LATER + timedelta(hours=1))
    event = reviewed_event(recorder(), review_owed, given)

    assert review_of(review_owed, replace(urgent("carol"), reviews=(later, given))) == given
    assert owed(taken(event)) == ()


@pytest.mark.parametrize(
    "given",
    [
        replace(review("dave"), commit=sha(1), submitted_at=NOON - timedelta(hours=1)),
        replace(review("dave"), commit=sha(1), submitted_at=None),
        replace(review("dave"), commit=sha(2), submitted_at=LATER),
        replace(review("dave", ReviewState.COMMENTED), commit=sha(1), submitted_at=LATER),
        replace(review("dave", by_bot=True), commit=sha(1), submitted_at=LATER),
        replace(review("dave", may_write=False), commit=sha(1), submitted_at=LATER),
        replace(review(None), commit=sha(1), submitted_at=LATER),
        *(replace(review(name), commit=sha(1), submitted_at=LATER) for name in ("alice", "bob", "carol")),
    ],
)
def test_no_other_review_settles_it(given: Review) -> None:
    (review_owed,) = owed()

    assert review_of(review_owed, replace(urgent("carol"), reviews=(given,))) is None


def test_the_latest_declaration_of_a_pull_request_counts() -> None:
    def declared(by: str, turn: int, at: datetime) -> Any:
        return taken(declared_event(recorder(), reference(1, "Acme/Web"), Declared(by, "Logins fail.", at), turn), at)

    events = [declared("bob", 0, NOON), declared("dave", 1, LATER)]

    assert declared_in(events) == {reference(1): Declared("dave", "Logins fail.", LATER)}
