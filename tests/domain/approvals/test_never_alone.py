"""
The scenarios of Kosli's `never-alone`, by its numbers: may a change land that only one person has seen?

Two are answered otherwise here. Nobody is exempt for the name in a commit (2), which anybody can write, and who wrote
part of a change approves no other part of it either (13). What is pushed straight to the target (5, 15) is no pull
request; `tests/flows/test_approvals.py` shows that it is no landing and lends nobody an approval.
"""

from dataclasses import dataclass, replace

import pytest

from tasks.domain.discovery import find_candidates
from tasks.domain.model import Login, PullRequest
from tests.domain.builders import approval, commit, pull_request, rules, sha, snapshot

MISSING, STALE, PART_OF_IT = "approvals-missing", "approval-stale", "approval-not-independent"


@dataclass(frozen=True)
class Scenario:
    """`refused` are the codes of each pull request that may not land, by number; all others may."""

    pulls: tuple[PullRequest, ...]
    refused: dict[int, tuple[str, ...]]


def by(
    author: str, *approvers: str, number: int = 1, wrote: tuple[str | None, ...] = (), title: str = ""
) -> PullRequest:
    """In one commit by each of `wrote`, or one by its author."""
    written = tuple(replace(commit(name), sha=sha(100 + place)) for place, name in enumerate(wrote or (author,)))
    approvals = tuple(approval(name) for name in approvers)
    return pull_request(number, author=author, title=title or None, commits=written, reviews=approvals)


SCENARIOS = {
    "1: what somebody else approved may land": Scenario((by("alice", "bob"),), {}),
    "2: what a service account wrote needs an approval as well": Scenario((by("renovate[bot]"),), {1: (MISSING,)}),
    "2: what somebody else approved of a service account may land": Scenario((by("renovate[bot]", "bob"),), {}),
    "2: a commit that only says to be a service account's exempts nobody": Scenario(
        (by("mallory", wrote=(None,)),), {1: (MISSING,)}
    ),
    "3: whoever merged the target into it in the browser wrote nothing of it": Scenario(
        (by("alice", "bob", wrote=("alice", "alice")),), {}
    ),
    "4: a title that says it is a merge approves nothing": Scenario(
        (by("alice", title="Merge pull request #42 from alice/evil"),), {1: (MISSING,)}
    ),
    "6: what nobody approved may not land": Scenario((by("alice"),), {1: (MISSING,)}),
    "7: what only its author approved may not land": Scenario((by("alice", "alice"),), {1: (MISSING, PART_OF_IT)}),
    "8: what was pushed after the approval may not land": Scenario(
        (replace(by("alice"), reviews=(approval("bob", commit="0" * 40),)),), {1: (MISSING, STALE)}
    ),
    "8: a push back to what was approved is approved, whatever the time": Scenario(
        (replace(by("alice", "bob"), last_pusher=Login("alice")),), {}
    ),
    "11: of several only those are told of that may not land": Scenario(
        (by("renovate[bot]", "bob", number=1), by("alice", number=2)), {2: (MISSING,)}
    ),
    "13: two who wrote it together cannot approve each other's part": Scenario(
        (by("sami", "sami", "faye", wrote=("sami", "faye")),), {1: (MISSING, PART_OF_IT, PART_OF_IT)}
    ),
    "13: two who wrote it together need a third": Scenario(
        (by("sami", "sami", "faye", "bob", wrote=("sami", "faye")),), {}
    ),
    "14: one of two who wrote it cannot approve the other's part": Scenario(
        (by("sami", "faye", wrote=("sami", "faye")),), {1: (MISSING, PART_OF_IT)}
    ),
    "16: two who approve each other's pull requests may land both": Scenario(
        (by("sami", "faye", number=1), by("faye", "sami", number=2)), {}
    ),
    "17: of two the one that only its author approved may not land": Scenario(
        (by("sami", "faye", number=1), by("faye", "faye", number=2)), {2: (MISSING, PART_OF_IT)}
    ),
}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_nobody_is_alone_in(scenario: Scenario) -> None:
    found = find_candidates(snapshot(*scenario.pulls), rules())

    assert {number: tuple(one.code for one in told) for number, told in found.reasons.items()} == scenario.refused
    assert set(found.candidates) == {pull.number for pull in scenario.pulls} - scenario.refused.keys()
