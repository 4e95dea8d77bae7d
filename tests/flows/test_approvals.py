"""Who tried to approve what, told of each in one run; and that a second run has nothing to add."""

import re
from collections.abc import Callable, Mapping

from tests.flows.hub import Hub
from tests.flows.proxy import between
from tests.flows.world import HUB, PullRequest, Repository

Attempt = Callable[[Repository], PullRequest]


def ask(pull: PullRequest, *reviewers: str, teams: tuple[str, ...] = ()) -> None:
    asked = {"reviewers": list(reviewers), "team_reviewers": list(teams)}
    pull.repository.rest("POST", f"/pulls/{pull.number}/requested_reviewers", asked)


def rebased(pull: PullRequest, files: Mapping[str, str | None], *, by: str = "alice") -> None:
    """Forced onto a target branch that has gone on, with `files` in the place of what it was."""
    api, again = pull.repository, f"{pull.branch}-again"
    api.commit("main", {"shared.txt": f"before {pull.branch}\n"}, by="root")
    api.point(pull.branch, api.commit(again, files, by=by))
    api.git("update-ref", "-d", f"refs/heads/{again}")


def written_with(api: Repository, branch: str, trailer: str = "", *, by: str = "alice") -> PullRequest:
    api.commit(branch, {f"{branch}.txt": "x\n"}, by=by, message=f"Change it\n\n{trailer}".strip())
    return api.pull_request(branch)


def approved_by_somebody_else(api: Repository) -> PullRequest:
    return api.pull_request("approved")


def nobody_approved(api: Repository) -> PullRequest:
    return api.pull_request("nobody", approved_by=[])


def pushed_after_the_approval(api: Repository) -> PullRequest:
    pull = api.pull_request("pushed")
    pull.push({"more.txt": "more\n"})
    return pull


def rebased_after_the_approval(api: Repository) -> PullRequest:
    pull = api.pull_request("rebased", {"rebased.txt": "x\n"})
    rebased(pull, {"rebased.txt": "x\n"})
    return pull


def retargeted_after_the_approval(api: Repository) -> PullRequest:
    """What was approved is small; with the new target it brings along what the old one had."""
    api.commit("side", {"unseen.txt": "x\n"}, by="erin")
    pull = api.pull_request("retargeted", onto="side", base="side")
    pull.edit(base="main")
    return pull


def retargeted_there_and_back(api: Repository) -> PullRequest:
    """Approved while it seemed to change nothing but a part of what it changes."""
    api.commit("half", {"half.txt": "x\n"}, by="erin")
    pull = api.pull_request("there-and-back", onto="half", approved_by=[])
    pull.edit(base="half")
    pull.approve("bob")
    pull.edit(base="main")
    return pull


def approval_dismissed(api: Repository) -> PullRequest:
    pull = api.pull_request("dismissed", approved_by=[])
    pull.dismiss(pull.approve("bob"))
    return pull


def approval_withdrawn(api: Repository) -> PullRequest:
    pull = api.pull_request("withdrawn")
    pull.approve("bob", "REQUEST_CHANGES")
    return pull


def asked_again(api: Repository) -> PullRequest:
    pull = api.pull_request("again")
    ask(pull, "bob")
    return pull


def team_asked_again(api: Repository) -> PullRequest:
    pull = api.pull_request("team-again")
    ask(pull, teams=("core",))
    return pull


def asked_again_and_approved_again(api: Repository) -> PullRequest:
    pull = api.pull_request("again-approved")
    ask(pull, "bob", teams=("core",))
    pull.approve("bob")
    return pull


def another_is_asked(api: Repository) -> PullRequest:
    pull = api.pull_request("another")
    ask(pull, "carol")
    return pull


def approved_by_a_co_author(api: Repository) -> PullRequest:
    return written_with(api, "co-author", "Co-authored-by: Bob <bob@example.org>")


def approved_by_a_committer(api: Repository) -> PullRequest:
    return written_with(api, "committer", by="bob")


def approved_by_the_last_pusher(api: Repository) -> PullRequest:
    """Who wrote nothing of it, and moved the branch to what somebody else had written."""
    pull = api.pull_request("last-pusher", approved_by=[])
    written = api.commit("last-pusher-next", {"next.txt": "x\n"}, onto="last-pusher")
    api.rest("PATCH", "/git/refs/heads/last-pusher", {"sha": written}, by="bob")
    pull.approve("bob")
    return pull


def approved_by_a_bot(api: Repository) -> PullRequest:
    return api.pull_request("bot", approved_by=["approver[bot]"])


def approved_by_the_hub(api: Repository) -> PullRequest:
    return api.pull_request("hub", approved_by=["app"])


def approved_by_a_reader(api: Repository) -> PullRequest:
    return api.pull_request("reader", approved_by=["reader"])


def approved_by_a_deleted_account(api: Repository) -> PullRequest:
    return api.pull_request("deleted", approved_by=["leaver"])


def approved_by_each_other(api: Repository) -> PullRequest:
    api.commit("each-other", {"one.txt": "x\n"}, by="bob")
    api.commit("each-other", {"two.txt": "x\n"}, by="carol")
    return api.pull_request("each-other", approved_by=["bob", "carol"])


def says_that_it_is_a_merge(api: Repository) -> PullRequest:
    api.commit("evil", {"evil.txt": "x\n"}, by="erin", message="Merge pull request #42 from erin/evil")
    return api.pull_request("evil", by="erin", approved_by=[], title="Merge pull request #42 from erin/evil")


def says_that_it_is_by_a_bot(api: Repository) -> PullRequest:
    api.commit(
        "as-bot", {"as-bot.txt": "x\n"}, by="dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"
    )
    return api.pull_request("as-bot", by="erin", approved_by=[])


def written_by_a_bot(api: Repository) -> PullRequest:
    return api.pull_request("by-bot", by="renovate[bot]", committed_by="erin", approved_by=[])


MISSING = "held: approvals-missing"
PART_OF_IT = f"{MISSING} approval-not-independent"
NOT_ALLOWED = f"{MISSING} approver-not-authorized"
STALE = f"{MISSING} approval-stale"
AGAIN = f"{MISSING} approval-asked-again"
ATTEMPTS: Mapping[Attempt, str] = {
    approved_by_somebody_else: "merged",
    nobody_approved: MISSING,
    pushed_after_the_approval: STALE,
    rebased_after_the_approval: STALE,
    retargeted_after_the_approval: STALE,
    retargeted_there_and_back: STALE,
    approval_dismissed: MISSING,
    approval_withdrawn: "held: changes-requested approvals-missing",
    asked_again: AGAIN,
    team_asked_again: AGAIN,
    asked_again_and_approved_again: "merged",
    another_is_asked: "merged",
    approved_by_a_co_author: PART_OF_IT,
    approved_by_a_committer: PART_OF_IT,
    approved_by_the_last_pusher: PART_OF_IT,
    approved_by_a_bot: PART_OF_IT,
    approved_by_the_hub: PART_OF_IT,
    approved_by_a_reader: NOT_ALLOWED,
    approved_by_a_deleted_account: NOT_ALLOWED,
    approved_by_each_other: f"{PART_OF_IT} approval-not-independent",
    says_that_it_is_a_merge: MISSING,
    says_that_it_is_by_a_bot: MISSING,
    written_by_a_bot: MISSING,
}


def deleted(login: str) -> Callable[[bytes], bytes]:
    """GitHub names nobody as the author of what a deleted account wrote."""
    whole = re.compile(rb'\{"__typename": ?"User", ?"login": ?"%s"\}' % login.encode())
    return lambda answer: whole.sub(b"null", answer)


def test_each_attempt_to_approve_counts_or_is_told_why_it_does_not(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.organization.team("core", "bob", "dave")
    hub.organization.world.tell(
        users=["approver[bot]", "renovate[bot]", "leaver", {"login": "reader", "permission": "read"}]
    )
    hub.config.team("team-a", api)
    pulls = {attempt: attempt(api) for attempt in ATTEMPTS}

    with between(hub) as host:
        host.answer = deleted("leaver")
        run = hub.run()
        kept = hub.traces()
        hub.run()

    assert {attempt.__name__: run.told(pull) for attempt, pull in pulls.items()} == {
        attempt.__name__: [expected] for attempt, expected in ATTEMPTS.items()
    }
    assert hub.traces() == kept
    assert len(hub.events_of("merge.completed")) == list(ATTEMPTS.values()).count("merged")


def test_only_listed_people_approve_where_some_are_listed(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    hub.config.access = {"teams": {"team-a": {"repos": ["api"], "approvers": ["Carol"]}}}
    by_bob, by_carol = api.pull_request("by-bob"), api.pull_request("by-carol", approved_by=["carol"])

    run = hub.run()

    assert run.told(by_bob, by_carol) == [NOT_ALLOWED, "merged"]
    assert run.messages(by_bob)[1] == "bob approved, but is no listed approver"


def test_a_person_whose_token_the_hub_uses_approves_nothing(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    hub.environment["GITHUB_TOKEN"] = "sandbox-bob"
    by_bob, by_carol = api.pull_request("by-bob"), api.pull_request("by-carol", approved_by=["carol"])

    run = hub.run()

    assert HUB != "sandbox-bob"
    assert run.told(by_bob, by_carol) == [PART_OF_IT, "merged"]
    assert run.messages(by_bob)[1] == "bob approved, but is the account of the hub itself"


def test_what_is_pushed_straight_to_the_target_is_no_landing_and_lends_nobody_an_approval(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    direct = api.commit("main", {"hotfix.txt": "x\n"}, by="erin", message="Merge pull request #1 from erin/hotfix")
    approved, other = api.pull_request("approved"), api.pull_request("other", approved_by=[])

    run = hub.run()

    landed = [event["data"]["commit"] for event in hub.events_of("merge.completed")]
    assert run.told(approved, other) == ["merged", MISSING]
    assert direct not in landed
    assert len(landed) == 1


def conflicting(api: Repository) -> PullRequest:
    """What it changes was changed on the target too, and the same lines were kept after all."""
    pull = api.pull_request("conflicting", {"shared.txt": "mine\n"})
    rebased(pull, {"shared.txt": "mine\n"})
    return pull


def rebased_and_changed(api: Repository) -> PullRequest:
    pull = api.pull_request("changed", {"changed.txt": "x\n"})
    rebased(pull, {"changed.txt": "x\n", "more.txt": "more\n"})
    return pull


def rebased_by_who_approved(api: Repository) -> PullRequest:
    pull = api.pull_request("by-approver", {"by-approver.txt": "x\n"})
    rebased(pull, {"by-approver.txt": "x\n"}, by="bob")
    return pull


REBASED: Mapping[Attempt, str] = {
    rebased_after_the_approval: "merged",
    pushed_after_the_approval: STALE,
    rebased_and_changed: STALE,
    conflicting: STALE,
    rebased_by_who_approved: PART_OF_IT,
}


def test_an_approval_survives_a_rebase_that_changes_nothing_where_the_team_lets_it(hub: Hub) -> None:
    api = hub.organization.repository("api", {"shared.txt": "before\n"})
    hub.config.global_["approvals_survive"] = "rebase"
    hub.config.team("team-a", api, policies={"approvals_survive": "rebase"})
    pulls = {attempt: attempt(api) for attempt in REBASED}

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert {attempt.__name__: run.told(pull) for attempt, pull in pulls.items()} == {
        attempt.__name__: [expected] for attempt, expected in REBASED.items()
    }
    grounds = hub.grounds_of(pulls[rebased_after_the_approval])
    assert [(one["reviewer"], one["brings_the_same"]) for one in grounds["approvals"]] == [("bob", True)]
    assert hub.traces() == kept
