import hashlib
import re
from typing import Any

import pytest
from pydantic import ValidationError

from tasks.domain.audit import ABOUT_MESSAGES, Event, EventType, RepositoryIdentity, event_id


def event(**facts: Any) -> Event:
    known: dict[str, Any] = {"id": "1", "type": "gate.finished", "organization": "Acme", "subject": {}, "data": {}}
    return Event.model_validate({**known, **facts})


def test_the_bytes_of_an_event_are_canonical_and_name_its_version() -> None:
    assert event(subject={"b": 1, "a": None}).canonical() == (
        b'{"data":{},"id":"1","organization":"Acme","repository":null,"seq":0,"subject":{"a":null,"b":1},'
        b'"team":null,"time":"","type":"gate.finished","v":1}'
    )


@pytest.mark.parametrize(
    "facts",
    [
        {"run": "r1"},
        {"type": "gate.guessed"},
        {"data": {"seconds": complex(1, 2)}},
        {"repository": {"id": "1", "name": "acme/web", "owner": "acme"}},
        {"subject": None},
    ],
    ids=str,
)
def test_what_is_no_event_is_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        event(**facts)


def test_an_event_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        event().seq = 7


@pytest.mark.parametrize("kind", EventType)
def test_a_type_of_event_is_a_noun_and_a_verb(kind: EventType) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z]+", kind.value)
    assert kind.name == kind.value.upper().replace(".", "_")


def test_messages_are_facts_of_which_nobody_is_told() -> None:
    assert {kind for kind in EventType if kind.value.startswith("message.")} == ABOUT_MESSAGES


FACT: tuple[Any, ...] = ("Acme", EventType.MERGE_INTENT, "1", {"pull_request": 1}, {"retry": None})
OTHERS: list[tuple[Any, ...]] = [
    ("Other", *FACT[1:]),
    (FACT[0], EventType.MERGE_FAILED, *FACT[2:]),
    (*FACT[:2], None, *FACT[3:]),
    (*FACT[:2], "2", *FACT[3:]),
    (*FACT[:3], {"pull_request": 2}, FACT[4]),
    (*FACT[:3], {"pull_request": "1"}, FACT[4]),
    (*FACT[:4], {}),
    (*FACT[:3], {}, {"pull_request": 1, "retry": None}),
]


def test_the_identity_of_a_fact_covers_each_of_its_parts() -> None:
    assert len({event_id(*fact) for fact in [FACT, *OTHERS]}) == 1 + len(OTHERS)


def test_an_identity_does_not_depend_on_the_order_of_keys() -> None:
    known = ("Acme", EventType.MERGE_INTENT, "1")

    assert event_id(*known, {"a": 1, "b": 2}, {}) == event_id(*known, {"b": 2, "a": 1}, {})


def test_the_identities_that_stand_in_old_records_do_not_change() -> None:
    written = b'["Acme","merge.intent","1",{"pull_request":1},{"retry":null}]'

    assert event_id(*FACT) == hashlib.sha256(written).hexdigest()


def test_a_repository_is_known_by_its_number() -> None:
    assert RepositoryIdentity(id="1", name="acme/web") != RepositoryIdentity(id="2", name="acme/web")
