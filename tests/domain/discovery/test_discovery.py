from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.schema import Filters
from tasks.domain.discovery import find_candidates, in_short, reasons_against
from tasks.domain.model import Circumstances, HeadStatus, Mergeability, PullRequest, StatusState
from tasks.domain.reasons import ReasonCode
from tests.domain.builders import approval, pull_request, rules, snapshot

DEMANDING = rules(
    filters=Filters(labels=("ready",), exclude_labels=("hold",), required_approvals=2, required_reviewers=("dave",))
)


def codes(pull: PullRequest) -> list[ReasonCode]:
    return [reason.code for reason in reasons_against(pull, DEMANDING, Circumstances())]


def test_an_approved_pull_request_on_the_target_branch_is_a_candidate() -> None:
    discovered = find_candidates(snapshot(pull_request(7)), rules())

    assert (discovered.candidates, discovered.reasons) == ((7,), {})


def test_in_short_it_is_told_what_the_code_host_says_of_merging() -> None:
    world = snapshot(pull_request(1), replace(pull_request(2), mergeability=Mergeability.CONFLICTING), pull_request(3))

    told = "3 open; the code host says of merging them: 0 mergeable, 1 conflicting, 2 unknown"
    assert in_short(world) == told


@pytest.mark.long
@given(st.sampled_from(Mergeability), st.lists(st.builds(HeadStatus, st.text(), st.sampled_from(StatusState))))
def test_neither_mergeability_nor_statuses_decide(mergeability: Mergeability, statuses: list[HeadStatus]) -> None:
    before = [pull_request(1), pull_request(2, reviews=())]
    after = [replace(pull, mergeability=mergeability, statuses=tuple(statuses)) for pull in before]

    assert find_candidates(snapshot(*after), DEMANDING) == find_candidates(snapshot(*before), DEMANDING)


def test_every_reason_is_told_and_not_only_the_first() -> None:
    hopeless = pull_request(draft=True, target="release", labels={"hold"}, reviews=(approval("alice"),))

    assert codes(replace(hopeless, open=False, commit_count=9)) == [
        ReasonCode.CHANGED_MEANWHILE,
        ReasonCode.DRAFT,
        ReasonCode.TARGET_OTHER,
        ReasonCode.LABEL_MISSING,
        ReasonCode.LABEL_EXCLUDED,
        ReasonCode.COMMITS_UNKNOWN,
        ReasonCode.APPROVALS_MISSING,
        ReasonCode.APPROVAL_NOT_INDEPENDENT,
        ReasonCode.REVIEWER_MISSING,
    ]


def test_a_reason_of_the_team_that_a_policy_gives_too_is_told_once() -> None:
    unapproved = reasons_against(pull_request(reviews=()), rules(), Circumstances())

    assert [reason.code for reason in unapproved] == [ReasonCode.APPROVALS_MISSING]


def test_the_other_target_is_named() -> None:
    reasons = reasons_against(pull_request(target="release"), rules(), Circumstances())

    assert [reason.message for reason in reasons] == ["it targets release, platform lands on main"]


def test_the_team_s_own_scope_holds_without_any_policy() -> None:
    reasons = reasons_against(pull_request(reviews=()), rules(policies=()), Circumstances())

    assert [reason.code for reason in reasons] == [ReasonCode.APPROVALS_MISSING]


def test_a_label_is_not_another_label_that_it_is_part_of() -> None:
    ready = pull_request(labels={"not-ready", "Ready", "on-hold"}, reviews=(approval("carol"), approval("dave")))

    assert codes(ready) == [ReasonCode.LABEL_MISSING]


PULL_REQUESTS = st.builds(
    pull_request,
    draft=st.booleans(),
    target=st.sampled_from(["main", "release"]),
    labels=st.frozensets(st.sampled_from(["ready", "hold", "ready-2"])),
    reviews=st.lists(st.sampled_from(["alice", "carol", "dave", None]).map(approval), max_size=3).map(tuple),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(PULL_REQUESTS, max_size=5))
def test_every_open_pull_request_is_a_candidate_or_has_reasons_and_never_both(found: list[PullRequest]) -> None:
    pulls = [replace(pull, number=number) for number, pull in enumerate(found, start=1)]
    discovered = find_candidates(snapshot(*pulls), DEMANDING)

    assert sorted([*discovered.candidates, *discovered.reasons]) == [pull.number for pull in pulls]
    assert all(discovered.reasons.values())
