"""The credential is looked at when a run begins, and recorded once for as long as nothing about it changes."""

from tests.flows.hub import Hub


def test_what_is_found_of_the_credential_is_recorded_once_and_anew_when_it_changes(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    hub.run()
    first = hub.events_of("token.checked")
    kept = hub.traces()
    hub.run()
    again = hub.traces()
    held = {"type": "token", "place": {"type": "environment"}, "made_on": "2020-01-01"}
    hub.config.global_["credentials"] = {"code_host": held}
    hub.run()

    assert [event["data"]["concerns"] for event in first] == [["age-unknown"]]
    assert again == kept
    assert [event["data"]["concerns"] for event in hub.events_of("token.checked")] == [["age-unknown"], ["too-old"]]
    assert {event["subject"]["credential"] for event in hub.events_of("token.checked")} == {
        first[0]["subject"]["credential"]
    }
    assert hub.environment["GITHUB_TOKEN"] not in str(first)
