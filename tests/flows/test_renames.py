"""A repository is who its id says: a new name is followed, and another repository under its name is not landed on."""

from pathlib import Path

import pytest

from tests.flows.hub import Hub
from tests.flows.pause import Pause
from tests.flows.sweeps import mostly_long
from tests.flows.world import PullRequest, Repository


@pytest.fixture
def api(hub: Hub) -> Repository:
    repository = hub.organization.repository("api")
    hub.config.team("team-a", repository)
    return repository


def impostor_of(repository: Repository, name: str) -> Repository:
    """`repository` gets another name, and its own is given to a copy of it, pull requests and all."""
    taken = repository.name
    repository.rename(name)
    other = repository.organization.repository(taken)
    other.git("fetch", "--quiet", "--force", str(repository.directory), "refs/heads/*:refs/heads/*")
    return other


def copied(pull_request: PullRequest, to: Repository) -> PullRequest:
    """The same branch with the same head and the same approval, proposed elsewhere."""
    return to.pull_request(pull_request.branch, by=pull_request.author)


def alerts(hub: Hub, kind: str) -> list[str]:
    return [event["data"]["message"] for event in hub.events_of("alert.raised") if event["data"]["alert"] == kind]


@pytest.mark.parametrize("policies", mostly_long([{"landing": "api"}, {}, {"method": "squash"}]))
def test_a_renamed_repository_keeps_its_memory_and_people_are_told_of_the_name_once(
    hub: Hub, api: Repository, policies: dict[str, str]
) -> None:
    hub.config.team("team-a", api, policies=policies)
    bad, good = api.pull_request("bad", {"broken": "yes\n"}), api.pull_request("good")
    waiting = api.pull_request("waiting", approved_by=[])
    hub.run()
    before, told, tip = hub.events(), len(hub.organization.mails()), api.tip()
    api.rename("api5")

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.error(api) is None
    assert run.told(bad, waiting) == ["refused: gate-failed", "held: approvals-missing"]
    assert run.gate_runs() == again.gate_runs() == []
    assert api.tip() == tip
    assert good.state != "open"
    new = [event for event in hub.events()[len(before) :] if not event["type"].startswith(("message.", "report."))]
    assert [(event["type"], event["repository"]["id"]) for event in new] == [("alert.raised", api.identifier)]
    (message,) = alerts(hub, "repository-renamed")
    assert message == f"{hub.organization.login}/api, as the configuration calls it, is now {api.full_name}"
    assert len(hub.organization.mails()) == told + 1
    assert hub.traces() == kept


def test_what_was_held_lands_under_the_new_name(hub: Hub, api: Repository) -> None:
    waiting = api.pull_request("waiting", approved_by=[])
    hub.run()
    api.rename("api5")
    waiting.approve("bob")

    run = hub.run()

    assert run.told(waiting) == ["merged"]
    assert {event["repository"]["id"] for event in hub.events() if event["repository"]} == {api.identifier}


def test_a_repository_with_the_name_of_another_is_not_landed_on(hub: Hub, api: Repository) -> None:
    waiting = api.pull_request("waiting", approved_by=[])
    hub.run()
    impostor = impostor_of(api, "api5")
    there = copied(waiting, impostor)
    tip = impostor.tip()

    run = hub.run()
    kept = hub.traces()
    hub.run()

    error = run.error(impostor)
    assert error is not None
    assert error["code"] == "repository-replaced"
    assert error["message"] == (
        f"{impostor.full_name} leads to repository {impostor.identifier}, and was recorded as {api.identifier}, "
        f"which is now {api.full_name}"
    )
    assert api.full_name in error["remedy"]
    assert (impostor.tip(), there.state) == (tip, "open")
    assert {event["repository"]["id"] for event in hub.events() if event["repository"]} == {api.identifier}
    assert hub.traces() == kept


def test_a_repository_that_took_the_name_after_it_was_followed_is_not_landed_on(hub: Hub, api: Repository) -> None:
    """The log knows the old name then only because people were told of it."""
    api.rename("api4")
    hub.config.team("team-a", f"{hub.organization.login}/api")
    waiting = api.pull_request("waiting", approved_by=[])
    hub.run()
    impostor = hub.organization.repository("api")
    there = copied(waiting, impostor)

    run = hub.run()

    assert (run.error(impostor) or {})["code"] == "repository-replaced"
    assert there.state == "open"


def test_a_new_name_in_the_configuration_goes_on_with_the_old_memory(hub: Hub, api: Repository) -> None:
    bad = api.pull_request("bad", {"broken": "yes\n"})
    hub.run()
    impostor_of(api, "api5")
    hub.config.team("team-a", api)

    run = hub.run()

    assert run.told(bad) == ["refused: gate-failed"]
    assert run.gate_runs() == []


def test_both_names_in_the_configuration_are_two_repositories(hub: Hub, api: Repository) -> None:
    first = api.pull_request("first")
    hub.run()
    new = impostor_of(api, "api5")
    hub.config.team("team-a", new, api)
    second = new.pull_request("second")

    run = hub.run()

    assert run.told(second) == ["merged"]
    assert run.error(api) is None
    assert first.state == "merged"
    assert alerts(hub, "repository-replaced") == [
        f"{new.full_name} was repository {api.identifier} and is now {new.identifier}"
    ]


def test_two_names_for_one_repository_are_refused(hub: Hub, api: Repository) -> None:
    hub.run()
    old = api.full_name
    api.rename("api5")
    hub.config.team("team-a", old, api)
    pull_request = api.pull_request("topic")

    run = hub.run()

    errors = [each["error"] for team in run.document["teams"] for each in team["repositories"]]
    assert [error and error["code"] for error in errors] == ["repository-named-twice", None]
    assert run.problems[0].startswith(f"{old}: ")
    assert pull_request.state == "merged"


def test_a_repository_that_took_the_place_of_a_deleted_one_is_landed_on_and_people_are_told(
    hub: Hub, api: Repository
) -> None:
    api.pull_request("refused", {"broken": "yes\n"})
    hub.run()
    api.rest("DELETE", "")
    hub.organization.repositories.remove(api)
    new = hub.organization.repository("api")
    fine = new.pull_request("refused", {"fine": "yes\n"})

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(fine) == ["merged"]
    assert len(alerts(hub, "repository-replaced")) == 1
    assert hub.traces() == kept


@pytest.mark.parametrize("policies", mostly_long([{"landing": "api"}, {}, {"method": "squash"}]))
def test_a_repository_renamed_while_its_gates_run_is_landed_on(
    hub: Hub, api: Repository, tmp_path: Path, policies: dict[str, str]
) -> None:
    pause = Pause(tmp_path)
    hub.config.team("team-a", api, gates=[pause.gate], policies=policies)
    pull_request = api.pull_request("topic")

    with pause.doing(lambda: api.rename("api5")):
        hub.run()

    assert api.files()["topic.txt"] == "topic\n"
    assert pull_request.state in {"merged", "closed"}


@pytest.mark.parametrize("policies", mostly_long([{"landing": "api"}, {}, {"method": "squash"}]))
def test_a_repository_that_takes_the_name_while_gates_run_is_not_landed_on(
    hub: Hub, api: Repository, tmp_path: Path, policies: dict[str, str]
) -> None:
    pause = Pause(tmp_path)
    hub.config.team("team-a", api, gates=[pause.gate], policies=policies)
    pull_request = api.pull_request("topic")
    base = api.tip()
    made: list[PullRequest] = []

    with pause.doing(lambda: made.append(copied(pull_request, impostor_of(api, "api5")))):
        run = hub.run()

    (there,) = made
    assert (run.error(there.repository) or {})["code"] == "repository-replaced"
    assert (there.repository.tip(), there.state, there.comments()) == (base, "open", [])
    assert (api.tip(), pull_request.state) == (base, "open")
