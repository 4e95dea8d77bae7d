from dataclasses import replace

import pytest
from pydantic import JsonValue

from config.schema import MergeMethod
from tasks.domain.audit import Event, EventType
from tasks.domain.land import Announced, Arrived, Landed
from tasks.domain.landings import difference, states_in_log, why_given_up
from tasks.domain.memory import recall
from tasks.domain.model import CommitSha, RelatedState
from tests.domain.builders import candidate, pull_request, recorder, reference, tree


def announced(number: int = 7, repository: str = "acme/web") -> Event:
    pull = pull_request(number)
    return recorder(repository=repository).merge_intent(pull, candidate(number), MergeMethod.SQUASH, {})


def landed(number: int = 7, repository: str = "acme/web") -> Event:
    arrived = Landed(number, CommitSha("c" * 40), tree(number), tree(number), MergeMethod.SQUASH)
    return recorder(repository=repository).merge_completed(announced(number, repository), arrived)


def rolled_back(number: int = 7, repository: str = "acme/web") -> Event:
    subject: dict[str, JsonValue] = {"pull_requests": [number]}
    data: dict[str, JsonValue] = {"heads": [pull_request(number).head], "message": "taken back"}
    return recorder(repository=repository).event(EventType.ROLLBACK_COMPLETED, subject, data)


def test_what_the_log_has_as_landed_has_landed() -> None:
    asked = [reference(7), reference(8), reference(7, "acme/api")]

    assert states_in_log(asked, [announced(8), landed(7)]) == {reference(7): RelatedState.MERGED}


def test_what_was_rolled_back_since_is_not_there() -> None:
    assert states_in_log([reference(7)], [landed(7), rolled_back(7)]) == {reference(7): RelatedState.ROLLED_BACK}


def test_what_landed_anew_after_that_is_there() -> None:
    assert states_in_log([reference(7)], [rolled_back(7), landed(7)]) == {reference(7): RelatedState.MERGED}


def test_a_repository_is_the_same_in_any_case() -> None:
    assert states_in_log([reference(7, "Acme/Web")], [landed(7)]) == {reference(7, "Acme/Web"): RelatedState.MERGED}


@pytest.mark.parametrize("event", [announced(7), landed(8), landed(7, "acme/api"), rolled_back(8)])
def test_what_was_only_announced_or_landed_elsewhere_has_not_landed(event: Event) -> None:
    assert states_in_log([reference(7)], [event]) == {}


@pytest.mark.parametrize("event", [landed(7), rolled_back(7)])
def test_a_fact_of_the_organization_is_no_landing(event: Event) -> None:
    assert states_in_log([reference(7)], [event.model_copy(update={"repository": None})]) == {}


TAKEN = Landed(7, CommitSha("c" * 40), tree(7), tree(7), MergeMethod.SQUASH)
REPLY = Arrived(Announced(candidate(7), ()), TAKEN.commit)


def test_what_was_gated_and_taken_does_not_differ() -> None:
    assert difference(TAKEN, REPLY, "main") is None


def test_another_tree_than_the_gated_one_differs() -> None:
    said = difference(replace(TAKEN, tree=tree(8)), REPLY, "main")

    assert said == f"#7 landed as {TAKEN.commit} with tree {tree(8)}; gated was tree {tree(7)}"


def test_a_branch_without_the_commit_that_it_took_differs_whatever_its_tree() -> None:
    said = difference(replace(TAKEN, commit=CommitSha("d" * 40)), REPLY, "main")

    assert said == f"main does not contain {'c' * 40}, which it had taken, and is at {'d' * 40}"


def alert(number: int = 7, gated: int = 7) -> Event:
    differing = replace(TAKEN, number=number, gated_tree=tree(gated))
    return recorder().tree_differs(announced(number), differing, "landed as another tree", rollback=False)


def test_what_landed_otherwise_than_gated_was_not_given_up() -> None:
    (intent,) = recall([announced(7)]).open_intents
    intent = replace(intent, tree=tree(7))

    told = why_given_up(intent, intent.base, still_open=False, events=[announced(7), alert()])

    assert told == "landed as another tree"


@pytest.mark.parametrize("event", [alert(number=8), alert(gated=8), landed(8), announced(7)])
def test_an_alert_about_anything_else_explains_nothing(event: Event) -> None:
    (intent,) = recall([announced(7)]).open_intents
    intent = replace(intent, tree=tree(7))

    assert str(why_given_up(intent, intent.base, still_open=False, events=[event])).startswith("given up")


def test_what_was_made_for_a_base_that_is_gone_can_never_land() -> None:
    (intent,) = recall([announced(7)]).open_intents
    tip = CommitSha("d" * 40)

    told = why_given_up(intent, tip, still_open=True, events=[announced(7)])

    assert told == f"the target branch was expected at {intent.base} and found at {tip}"


def test_what_is_open_and_fits_the_branch_may_land_yet() -> None:
    (intent,) = recall([announced(7)]).open_intents

    assert why_given_up(intent, intent.base, still_open=True, events=[announced(7)]) is None
