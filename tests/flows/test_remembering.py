"""What a rerun knows from the log: nothing is gated, told or written twice, until a fact changes."""

import pytest

from tests.flows.hub import Hub
from tests.flows.world import PullRequest, Repository


@pytest.fixture
def api(hub: Hub) -> Repository:
    repository = hub.organization.repository("api")
    hub.config.team("team-a", repository)
    return repository


@pytest.fixture
def refused(hub: Hub, api: Repository) -> PullRequest:
    """One that a gate refused in an earlier run."""
    pull_request = api.pull_request("bad", {"broken": "yes\n"})
    hub.run()
    return pull_request


def test_a_rerun_over_unchanged_facts_changes_nothing(hub: Hub, api: Repository, refused: PullRequest) -> None:
    api.pull_request("good")
    api.pull_request("waiting", approved_by=[])
    hub.run()
    kept = hub.traces()

    again = hub.run()

    assert hub.traces() == kept
    assert again.gate_runs() == []
    assert again.told(refused) == ["refused: gate-failed"]


def test_what_others_report_about_a_head_is_no_news(hub: Hub, api: Repository, refused: PullRequest) -> None:
    waiting = api.pull_request("waiting", approved_by=[])
    hub.run()
    for head in (refused.head, waiting.head):
        api.rest("POST", f"/statuses/{head}", {"context": "ci/tests", "state": "failure"})
    kept = hub.traces()

    hub.run()

    assert hub.traces() == kept


def test_a_new_head_is_gated_again(hub: Hub, refused: PullRequest) -> None:
    refused.push({"broken": None})
    refused.approve("bob")

    assert hub.run().told(refused) == ["merged"]


def test_a_changed_gate_is_run_again(hub: Hub, api: Repository, refused: PullRequest) -> None:
    hub.config.team("team-a", api, gates=[{"name": "tests", "command": "test -e README.md"}])

    assert hub.run().told(refused) == ["merged"]


def test_another_gate_beside_it_leaves_the_refusal_standing(hub: Hub, api: Repository, refused: PullRequest) -> None:
    hub.config.team(
        "team-a", api, gates=[{"name": "tests", "command": "test ! -e broken"}, {"name": "lint", "command": "true"}]
    )

    run = hub.run()

    assert run.told(refused) == ["refused: gate-failed"]
    assert run.gate_runs() == []


def test_a_gate_that_came_to_no_answer_is_asked_again_and_nobody_is_told_again(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api, gates=[{"name": "tests", "command": "test ! -e shaky || exit 75"}])
    one, shaky = api.pull_request("one"), api.pull_request("shaky", {"shaky": "yes\n"})
    two = api.pull_request("two")
    run = hub.run()
    kept = hub.events_of("change.evaluated"), hub.organization.posts(), hub.organization.mails()

    again = hub.run()

    assert run.told(one, shaky, two) == ["merged", "failed: gate-errored", "merged"]
    assert again.evaluated == [[shaky.number]]
    assert again.messages(shaky) == run.messages(shaky)
    assert (hub.events_of("change.evaluated"), hub.organization.posts(), hub.organization.mails()) == kept


def test_the_label_retry_asks_once_for_each_time_it_is_set(hub: Hub, refused: PullRequest) -> None:
    groups = []
    for change in (refused.label, None, refused.unlabel, refused.label, None):
        if change is not None:
            change("retry")
        groups.append(hub.run().evaluated)

    asked = [[refused.number]]
    assert groups == [asked, [], [], asked, []]


def test_a_refusal_in_company_does_not_hold_without_that_company(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api, gates=[{"name": "tests", "command": "! test -e one -a -e two"}], stage="gate")
    one, two = api.pull_request("one", {"one": "x\n"}), api.pull_request("two", {"two": "x\n"})
    first = hub.run()
    one.close()

    second = hub.run()

    assert first.told(one, two) == ["held: stage-gate", "refused: interaction"]
    assert second.told(two) == ["held: stage-gate"]


def test_on_a_red_base_nobody_is_refused_and_it_is_found_out_once(hub: Hub, api: Repository) -> None:
    api.commit("main", {"broken": "yes\n"})
    one, two = api.pull_request("one"), api.pull_request("two")

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(one, two) == ["held: base-red", "held: base-red"]
    assert [] in run.evaluated
    assert again.told(one, two) == run.told(one, two)
    assert again.gate_runs() == []
    assert hub.traces() == kept
    assert [post["channel"] for post in hub.organization.posts()].count("#incidents") == 1


def test_a_red_base_heals_when_it_is_mended(hub: Hub, api: Repository) -> None:
    api.commit("main", {"broken": "yes\n"})
    one = api.pull_request("one", {"one.txt": "x\n"})
    hub.run()
    api.commit("main", {"broken": None})

    assert hub.run().told(one) == ["merged"]


def test_the_pull_request_that_mends_a_red_base_lands(hub: Hub, api: Repository) -> None:
    api.commit("main", {"broken": "yes\n"})
    mend = api.pull_request("mend", {"broken": None})
    hub.run()

    assert mend.state == "merged"


def test_a_base_that_another_landing_made_red_holds_those_behind(hub: Hub, api: Repository) -> None:
    one = api.pull_request("one")
    hub.run()
    api.commit("main", {"broken": "yes\n"})
    two = api.pull_request("two")

    run = hub.run()

    assert one.state == "merged"
    assert run.told(two) == ["held: base-red"]


def test_what_waits_for_several_is_told_of_all_of_them_in_the_first_run_already(hub: Hub, api: Repository) -> None:
    bad = api.pull_request("bad", {"broken": "yes\n"})
    waiting = api.pull_request("waiting", approved_by=[])
    needing = api.pull_request("needing", depends_on=[f"#{bad.number}", f"#{waiting.number}"])
    circular = api.pull_request("circular", depends_on=[f"#{bad.number}", "#4"])

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(needing, circular) == [
        "held: dependency-held dependency-held",
        "refused: dependency-cycle dependency-held",
    ]
    assert hub.traces() == kept


@pytest.mark.parametrize("method", ["squash", "rebase"])
def test_who_waits_for_one_that_we_landed_and_one_that_is_held_is_told_of_the_held_one_only(
    hub: Hub, api: Repository, method: str
) -> None:
    hub.config.team("team-a", api, policies={"method": method})
    landed, held = api.pull_request("landed"), api.pull_request("held", approved_by=[])
    needing = api.pull_request("needing", depends_on=[f"#{landed.number}", f"#{held.number}"])

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert landed.state == "closed"
    assert again.messages(needing) == run.messages(needing)
    assert hub.traces() == kept
