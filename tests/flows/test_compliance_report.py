"""The compliance report of an organization: what it counts, what it is beside git, and that nobody is told it twice."""

from typing import Any

import pytest

from tests.flows.hub import Hub
from tests.flows.world import Repository

EVER = {"since": "2025-01-01", "until": "2100-01-01"}


def report(hub: Hub, **chosen: str) -> dict[str, Any]:
    from flows.compliance_report import compliance_report  # noqa: PLC0415 -- Prefect is imported only where it runs

    hub.config.write()
    with hub.entered():
        return dict(compliance_report(**(chosen or EVER)))


def brought_by_the_hub(repository: Repository, before: str) -> set[str]:
    """What git says: commits on main's own line that are new since `before`."""
    return set(repository.git("rev-list", "--first-parent", f"{before}..refs/heads/main").split())


def tip(repository: Repository) -> str:
    return str(repository.tip("main"))


@pytest.fixture
def api(hub: Hub) -> Repository:
    repository = hub.organization.repository("api")
    hub.config.team("team-a", repository)
    return repository


def test_the_population_is_what_git_has_and_a_second_report_tells_nobody_anything(hub: Hub, api: Repository) -> None:
    web = hub.organization.repository("web")
    hub.config.team("team-b", web)
    before = {each.full_name: tip(each) for each in (api, web)}
    api.pull_request("one")
    web.pull_request("two")
    web.pull_request("broken", {"broken": "yes\n"})
    hub.run()

    made = report(hub)
    kept = hub.traces()
    again = report(hub)

    found = {(each["repository"], each["commit"]) for each in made["population"]}
    assert found == {(r.full_name, sha) for r in (api, web) for sha in brought_by_the_hub(r, before[r.full_name])}
    assert (made["score"]["percent"], made["score"]["changes"], made["score"]["compliant"]) == (None, 2, 2)
    assert made["completeness"]["not_compared"] == [f"{api.full_name} main", f"{web.full_name} main"]
    assert (hub.traces(), again) == (kept, made)
    assert hub.flaws() == []
    mails = [mail["subject"] for mail in hub.organization.mails() if "Compliance" in mail["subject"]]
    posts = [text for post in hub.organization.posts() if "Compliance" in (text := post["payload"]["text"])]
    assert (len(mails), len(posts)) == (1, 1)


def test_what_went_past_the_hub_counts_against_the_score_beside_what_did_not(hub: Hub, api: Repository) -> None:
    before = tip(api)
    api.pull_request("one")
    api.pull_request("two")
    hub.run()
    landed = brought_by_the_hub(api, before)
    direct = api.commit("main", {"direct.txt": "now\n"}, by="erin")
    hub.reconcile()

    made = report(hub)

    on_branch = set(api.git("rev-list", "--first-parent", f"{before}..refs/heads/main").split())
    assert landed == on_branch - {direct}
    assert {each["commit"] for each in made["population"]} <= landed
    assert sum(each["commits"] for each in made["population"]) == len(landed)
    assert [each["what"] for each in made["completeness"]["bypasses"]] == [direct]
    assert (made["score"]["met"], made["score"]["counted"], made["score"]["percent"]) == (2, 3, 66.6)
    assert {each["status"] for each in made["controls"]} == {"not-satisfied"}
    assert {"bypass not justified", "alert not acknowledged"} <= {each["kind"] for each in made["open_findings"]}
