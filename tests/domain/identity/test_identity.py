import pytest

from tasks.domain.audit import Event
from tasks.domain.errors import RepositoryNamedTwice, RepositoryReplaced
from tasks.domain.identity import Recorded, changes_of_name, last_led_to
from tasks.domain.model import RepositoryName
from tests.domain.builders import rules, snapshot
from tests.domain.chronicle import Chronicle, Story

WEB = RepositoryName("acme/web")


def told(events: tuple[Event, ...]) -> list[object]:
    return [event.data["alert"] for event in events]


def test_a_name_leads_where_it_was_last_recorded_in_any_case() -> None:
    log = Chronicle()
    Story(log, WEB, "1").runs_gate(7)
    Story(log, "Acme/Web", "2").runs_gate(7)
    Story(log, "acme/api", "3").runs_gate(7)
    Story(log, WEB, "unknown").runs_gate(7)

    assert last_led_to(WEB, reversed(log.events)) == log.events[1]
    assert last_led_to(RepositoryName("acme/gone"), reversed(log.events)) is None


def test_a_name_that_was_followed_to_another_leads_there() -> None:
    log = Chronicle()
    log.append(changes_of_name(rules(repository=WEB), snapshot(repository="acme/site", repository_id="1"), None))

    assert last_led_to(WEB, reversed(log.events)) == log.events[0]


@pytest.mark.parametrize("before", [None, Recorded("1001", WEB)])
def test_nothing_is_told_of_a_name_that_is_up_to_date(before: Recorded | None) -> None:
    assert changes_of_name(rules(repository="Acme/Web"), snapshot(repository=WEB), before) == ()


def test_a_repository_that_is_gone_makes_place_for_another_which_is_told() -> None:
    found = snapshot(repository="acme/site", repository_id="2")

    events = changes_of_name(rules(repository=WEB), found, Recorded("1", None))

    assert told(events) == ["repository-replaced", "repository-renamed"]


def test_another_repository_of_the_same_name_is_refused() -> None:
    with pytest.raises(RepositoryReplaced, match="was recorded as 1, which is now acme/site"):
        changes_of_name(rules(repository=WEB), snapshot(repository=WEB), Recorded("1", RepositoryName("acme/site")))


def test_a_name_whose_repository_is_configured_under_its_new_one_is_refused() -> None:
    mine = rules(repository=WEB, others=frozenset({"acme/site"}))

    with pytest.raises(RepositoryNamedTwice):
        changes_of_name(mine, snapshot(repository="acme/site"), None)
    assert told(changes_of_name(mine, snapshot(repository=WEB), Recorded("1", RepositoryName("Acme/Site")))) == [
        "repository-replaced"
    ]
