import pytest

from config.schema import MergeMethod
from tasks.domain.audit import Event
from tasks.domain.land import Landed
from tasks.domain.landings import landed_among
from tasks.domain.model import CommitSha
from tests.domain.builders import candidate, pull_request, recorder, reference, tree


def announced(number: int = 7, repository: str = "acme/web") -> Event:
    pull = pull_request(number)
    return recorder(repository=repository).merge_intent(pull, candidate(number), MergeMethod.SQUASH, {})


def landed(number: int = 7, repository: str = "acme/web") -> Event:
    arrived = Landed(number, CommitSha("c" * 40), tree(number), tree(number), MergeMethod.SQUASH)
    return recorder(repository=repository).merge_completed(announced(number, repository), arrived)


def test_what_the_log_has_as_landed_has_landed() -> None:
    asked = [reference(7), reference(8), reference(7, "acme/api")]

    assert landed_among(asked, [announced(8), landed(7)]) == {reference(7)}


def test_a_repository_is_the_same_in_any_case() -> None:
    assert landed_among([reference(7, "Acme/Web")], [landed(7)]) == {reference(7, "Acme/Web")}


@pytest.mark.parametrize("event", [announced(7), landed(8), landed(7, "acme/api")])
def test_what_was_only_announced_or_landed_elsewhere_has_not_landed(event: Event) -> None:
    assert landed_among([reference(7)], [event]) == frozenset()


def test_a_fact_of_the_organization_is_no_landing() -> None:
    assert landed_among([reference(7)], [landed(7).model_copy(update={"repository": None})]) == frozenset()
