"""The compliance report of an organization: what it counts, what it is beside git, and that nobody is told it twice."""

from collections.abc import Mapping
from typing import Any

from tests.flows.hub import Hub
from tests.flows.world import Repository

EVER = {"since": "2025-01-01", "until": "2100-01-01"}


def report(hub: Hub, **chosen: str) -> Mapping[str, Any]:
    from flows.compliance_report import compliance_report  # noqa: PLC0415 -- Prefect is imported only where it runs

    hub.config.write()
    with hub.entered():
        return dict(compliance_report(**(chosen or EVER)))


def brought_by_the_hub(repository: Repository, before: str) -> set[str]:
    """What git says: commits on main's own line that are new since `before`."""
    return set(repository.git("rev-list", "--first-parent", f"{before}..refs/heads/main").split())


def test_the_population_is_what_git_has_and_a_second_report_tells_nobody_anything(hub: Hub) -> None:
    api, web = hub.organization.repository("api"), hub.organization.repository("web")
    hub.config.team("team-a", api)
    hub.config.team("team-b", web)
    before = {each.full_name: str(each.tip("main")) for each in (api, web)}
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
