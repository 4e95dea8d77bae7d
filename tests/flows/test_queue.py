"""In which order pull requests land, and what keeps them from landing for a time."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows import wiring
from tests.adapters.facts import SetClock
from tests.flows.hub import Hub, Run
from tests.flows.pause import Pause
from tests.flows.world import PullRequest, Repository

HOTFIX = {"hotfix": {"labels": ["hotfix"]}}


@pytest.fixture
def api(hub: Hub) -> Repository:
    repository = hub.organization.repository("api")
    hub.config.team("team-a", repository)
    hub.config.teams["team-a"]["queue"] = {**HOTFIX, "priorities": [{"label": "urgent", "priority": 5}]}
    return repository


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """The time at which the hub runs: the one thing of the outside that no server can be asked to answer."""
    clock = SetClock()
    clock.moment = datetime(2026, 12, 24, 12, tzinfo=UTC)
    monkeypatch.setattr(wiring, "SystemClock", lambda: clock)
    return clock


def freezes(hub: Hub, **said: object) -> None:
    about = {"name": "holidays", "reason": "nobody is on call", "owner": "acme/release"}
    hub.config.global_["freezes"] = [{**about, **said}]


def plan_of(hub: Hub, run: Run, repository: Repository) -> dict[str, Any]:
    path = hub.home / "runs" / run.document["run_id"] / repository.full_name / "plan.json"
    return dict(json.loads(path.read_text("utf-8")))


def landed(api: Repository, since: str) -> list[str]:
    """What was landed, in order, by the titles of the merges."""
    return [api.git("show", "-s", "--format=%b", commit).split("\n")[0] for commit in api.history(since)]


def apart(run: Run, lane: set[int]) -> bool:
    """Whether nothing was gated both with one of `lane` and with one that is not in it."""
    return all(set(group) <= lane or not set(group) & lane for group in run.evaluated)


def test_a_hotfix_and_what_it_needs_land_first_and_apart_from_everything_else(hub: Hub, api: Repository) -> None:
    base = api.tip()
    bad = api.pull_request("bad", {"broken": "yes\n"})
    needed, urgent = api.pull_request("needed"), api.pull_request("urgent", labels=["urgent"])
    in_the_way = api.pull_request("in-the-way", {"shared.txt": "one\n"})
    hotfix = api.pull_request("hotfix", {"shared.txt": "two\n"}, labels=["hotfix"], depends_on=[f"#{needed.number}"])

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(bad, needed, urgent, in_the_way, hotfix) == [
        "refused: gate-failed",
        "merged",
        "merged",
        "held: conflict-ahead",
        "merged",
    ]
    assert run.evaluated[0] == [needed.number, hotfix.number]
    assert apart(run, {needed.number, hotfix.number})
    assert landed(api, base or "")[2] == "Bring urgent"
    members = plan_of(hub, run, api)["members"]
    assert [(each["number"], each["lane"], each["lane_from"], each["priority"]) for each in members] == [
        (needed.number, "hotfix", f"inherited from #{hotfix.number}", 0),
        (hotfix.number, "hotfix", "label hotfix", 0),
        (urgent.number, "ordinary", "", 5),
        (bad.number, "ordinary", "", 0),
    ]
    assert hub.traces() == kept
    assert again.gate_runs() == []


def test_hotfixes_stay_in_front_when_one_of_them_turns_their_batch_red(hub: Hub, api: Repository) -> None:
    ordinary = [api.pull_request(name) for name in ("one", "two")]
    good = [api.pull_request(name, labels=["hotfix"]) for name in ("fix-one", "fix-two")]
    bad = api.pull_request("fix-bad", {"broken": "yes\n"}, labels=["hotfix"])
    last = api.pull_request("fix-last", labels=["hotfix"])
    lane = {each.number for each in (*good, bad, last)}

    run = hub.run()

    gated = [set(group) for group in run.evaluated if group]
    assert run.told(*ordinary, *good, bad, last) == [*["merged"] * 4, "refused: gate-failed", "merged"]
    assert apart(run, lane)
    assert [group <= lane for group in gated] == sorted((group <= lane for group in gated), reverse=True)
    assert gated[-1] == {each.number for each in ordinary}


def test_what_is_frozen_is_planned_and_not_gated_and_hotfixes_land(hub: Hub, api: Repository, clock: SetClock) -> None:
    freezes(hub, cron="0 18 23 12 *", duration="14d", time_zone="Europe/Berlin", except_labels=["docs"])
    frozen, hotfix = api.pull_request("frozen"), api.pull_request("hotfix", labels=["hotfix"])
    docs = api.pull_request("docs", labels=["docs"])
    above = api.pull_request("above", depends_on=[f"#{frozen.number}"], labels=["docs"])

    run = hub.run()
    kept = hub.traces()
    clock.move(timedelta(days=1))
    again = hub.run()

    assert run.told(frozen, hotfix, docs, above) == ["held: frozen", "merged", "merged", "held: dependency-held"]
    assert run.messages(frozen) == ["frozen until 2027-01-06T17:00:00Z by the freeze holidays: nobody is on call"]
    assert run.pull_request(frozen)["reasons"][0]["actor"] == "acme/release"
    assert {number for group in run.evaluated for number in group} == {hotfix.number, docs.number}
    (told, _) = plan_of(hub, run, api)["not_planned"]
    assert (told["number"], told["reasons"][0]["until"]) == (frozen.number, "2027-01-06T17:00:00Z")
    assert [hub.grounds_of(each)["freezes_passed"] for each in (hotfix, docs)] == [
        [{"name": "holidays", "owner": "acme/release", "because": "hotfix lane, label hotfix"}],
        [{"name": "holidays", "owner": "acme/release", "because": "label docs"}],
    ]
    assert again.gate_runs() == []
    assert hub.traces() == kept

    clock.moment = datetime(2027, 1, 6, 17, tzinfo=UTC)

    assert hub.run().told(frozen, above) == ["merged", "merged"]


def test_a_freeze_that_begins_after_the_gates_stops_the_landing(
    hub: Hub, api: Repository, clock: SetClock, tmp_path: Path
) -> None:
    pause = Pause(tmp_path)
    hub.config.teams["team-a"]["gates"] = [pause.gate]
    hub.config.teams["team-a"]["policies"] = {"max_prs_per_batch": 1}
    freezes(hub, **{"from": "2026-12-24T13:00:00Z", "until": "2026-12-27T00:00:00Z"})
    gated, behind = api.pull_request("gated"), api.pull_request("behind")

    with pause.doing(lambda: clock.move(timedelta(hours=1))):
        run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(gated, behind) == ["held: frozen", "held: frozen"]
    assert run.evaluated == [[gated.number]]
    assert hub.traces() == kept

    clock.move(timedelta(days=3))

    assert hub.run().told(gated, behind) == ["merged", "merged"]


def test_a_hotfix_whose_label_is_taken_away_meanwhile_is_frozen(
    hub: Hub, api: Repository, clock: SetClock, tmp_path: Path
) -> None:
    pause = Pause(tmp_path)
    hub.config.teams["team-a"]["gates"] = [pause.gate]
    freezes(hub, until="2026-12-27T00:00:00Z")
    needed = api.pull_request("needed")
    hotfix = api.pull_request("hotfix", labels=["hotfix"], depends_on=[f"#{needed.number}"])

    with pause.doing(lambda: hotfix.unlabel("hotfix")):
        run = hub.run()

    assert run.told(needed, hotfix) == ["held: frozen", "held: frozen"]


def test_what_a_hotfix_needs_stays_frozen_where_the_hotfix_cannot_land(
    hub: Hub, api: Repository, clock: SetClock
) -> None:
    freezes(hub, until="2026-12-27T00:00:00Z")
    needed = api.pull_request("needed")
    need = [f"#{needed.number}"]
    hotfix = api.pull_request("hotfix", {"README.md": "mine\n"}, labels=["hotfix"], depends_on=need)
    api.commit("main", {"README.md": "theirs\n"})

    run = hub.run()

    assert run.told(needed, hotfix) == ["held: frozen", "refused: conflict-base"]
    assert run.gate_runs() == []


def test_it_lands_at_the_moment_that_its_description_names(hub: Hub, api: Repository, clock: SetClock) -> None:
    waiting = api.pull_request("waiting", body="Merge-After: 2026-12-25")
    unreadable = api.pull_request("unreadable", body="Not-before: Christmas")

    run = hub.run()
    kept = hub.traces()
    clock.move(timedelta(hours=11, minutes=59))
    hub.run()

    assert run.told(waiting, unreadable) == ["held: not-before", "held: not-before"]
    assert run.messages(waiting) == ["is not to land before 2026-12-25T00:00:00Z"]
    assert run.gate_runs() == []
    assert hub.traces() == kept

    clock.move(timedelta(minutes=1))

    assert hub.run().told(waiting, unreadable) == ["merged", "held: not-before"]


def push_bad(pull_request: PullRequest, text: str) -> None:
    pull_request.push({"broken": text})
    pull_request.approve("bob")


def test_what_gates_refused_too_often_comes_back_only_when_it_is_asked_for(hub: Hub, api: Repository) -> None:
    hub.config.teams["team-a"]["queue"] = {"quarantine_after": 2}
    tried = api.pull_request("tried", {"broken": "1\n"})

    first = hub.run()
    push_bad(tried, "2\n")
    second = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert first.told(tried) == ["refused: gate-failed"]
    assert second.told(tried) == again.told(tried) == ["refused: gate-failed quarantined"]
    assert hub.traces() == kept

    tried.push({"broken": None, "mended.txt": "yes\n"})
    tried.approve("bob")
    mended = hub.run()

    assert mended.told(tried) == ["held: quarantined"]
    assert mended.messages(tried)[0].startswith("gates refused it 2 times, the limit is 2: tests on ")
    assert mended.gate_runs() == []

    tried.label("retry")

    assert hub.run().told(tried) == ["merged"]


def test_a_change_set_that_gates_refused_too_often_is_told_so_once(hub: Hub, api: Repository) -> None:
    hub.config.teams["team-a"]["queue"] = {"quarantine_after": 1}
    one = api.pull_request("one", {"broken": "yes\n"}, body="Change-set: both")
    other = api.pull_request("other", body="Change-set: both")

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(one) == again.told(one)
    assert run.codes(one)[:2] == ["gate-failed", "quarantined"]
    assert run.outcome(other) == "refused"
    assert hub.traces() == kept


def test_a_gate_that_could_not_be_run_quarantines_nobody(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api, gates=[{"name": "tests", "command": "exit 75"}])
    hub.config.teams["team-a"]["queue"] = {"quarantine_after": 1}
    tried = api.pull_request("tried")
    hub.run()
    tried.push({"more.txt": "more\n"})
    tried.approve("bob")

    assert hub.run().told(tried) == ["failed: gate-errored"]
