"""The store looked at from the flow to the incident channel, and no second word about the same."""

from tests.flows.hub import Hub


def test_a_file_of_evidence_that_can_be_written_is_told_once_a_day(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    api.pull_request("one", approved_by=["carol"])
    hub.run()
    well = hub.look_at_store()
    segment = next(path for path in (hub.home / "evidence" / "events").iterdir())
    segment.chmod(0o644)
    found, before = hub.look_at_store(), hub.traces()
    again = hub.look_at_store()
    incidents = [post for post in hub.organization.posts() if "evidence store" in str(post)]

    assert (well["ok"], well["unfinished"]) == (True, [])
    assert (found["ok"], found["problems"]) == (False, [f"writable: events/{segment.name}"])
    assert len(incidents) == 1
    assert [event["data"]["ok"] for event in hub.events_of("storage.posture")] == [True, False]
    assert again["problems"] == found["problems"]
    assert hub.traces() == before
    assert hub.flaws() == []
