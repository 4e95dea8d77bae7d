from dataclasses import replace

import pytest
from pydantic import JsonValue

from tasks.domain.audit import Event, EventType, RepositoryIdentity
from tasks.domain.change_set_records import (
    Announcement,
    Part,
    SetRecord,
    Standing,
    announced,
    announcement_of,
    broken,
    compensated,
    completed,
    record_document,
    record_from,
    set_records,
    whereabouts,
)
from tasks.domain.model import RepositoryName
from tasks.domain.records import Recorder
from tests.domain.builders import BASE, candidate, sha
from tests.domain.chronicle import Chronicle

API, WEB, DOCS = (
    Part(f"team-{name}", RepositoryName(f"acme/{name}"), name, ((1, sha(1)), (2, sha(2))), BASE, at.commit, at.tree)
    for name, at in (("api", candidate(1)), ("web", candidate(2)), ("docs", candidate(3)))
)
SET = Announcement("Pay-1", (API, WEB))


def written(*facts: list[Event]) -> Chronicle:
    log = Chronicle()
    for events in facts:
        log.append(events)
    return log


def test_every_repository_of_a_set_has_the_whole_of_it_on_record() -> None:
    log = written(announced("AcmeCorp", SET))

    for name in ("api", "web"):
        of_one = [event for event in log.events if event.repository is not None and event.repository.id == name]
        assert set_records(of_one) == {"pay-1": SetRecord(SET, Standing.INTENT)}


def test_a_set_stands_as_was_last_said_of_it() -> None:
    facts = [announced("A", SET), broken("A", SET, [API], "it is red", "Do."), compensated("A", SET)]
    standings = [set_records(written(*facts[: at + 1]).events)["pay-1"].standing for at in range(len(facts))]

    assert standings == [Standing.INTENT, Standing.BROKEN, Standing.COMPENSATED]
    assert set_records(written(facts[0], completed("A", SET)).events)["pay-1"].standing is Standing.COMPLETED


def test_what_is_told_twice_is_one_fact_and_what_follows_a_settled_set_is_another() -> None:
    again = replace(SET, after=SET.digest)
    log = written(announced("A", SET), announced("A", SET), completed("A", SET), announced("A", again))

    assert len(log.events) == 6
    assert set_records(log.events)["pay-1"] == SetRecord(again, Standing.INTENT)


def test_what_is_said_of_an_earlier_set_of_that_name_changes_nothing() -> None:
    moved = replace(SET, parts=(replace(API, base=sha(9)), WEB))
    log = written(announced("A", SET), announced("A", moved), completed("A", SET))

    assert set_records(log.events)["pay-1"] == SetRecord(moved, Standing.INTENT)


def announced_next(*before: Announcement, parts: tuple[Part, ...] = (API, WEB)) -> Announcement:
    """What is announced once all of `before` was, and nothing came of it."""
    log = written(*(announced("A", each) for each in before))
    of_each = {part: [event for event in log.events if event.repository == recorded_at(part)] for part in parts}
    records = {part.repository: set_records(events)["pay-1"] for part, events in of_each.items() if events}
    return announcement_of("Pay-1", parts, records)


def recorded_at(part: Part) -> RepositoryIdentity:
    return RepositoryIdentity(id=part.repository_id, name=part.repository)


def test_the_same_is_announced_as_the_same_for_as_long_as_nothing_else_is() -> None:
    assert announced_next() == SET
    assert announced_next(SET) == SET


def test_what_is_announced_again_after_something_else_is_another_fact() -> None:
    larger = replace(SET, parts=(API, WEB, DOCS))
    behind = replace(SET, parts=(WEB, DOCS))

    assert announced_next(SET, larger) == replace(SET, after=larger.digest)
    assert announced_next(SET, behind) == replace(SET, after=SET.digest)
    assert announced_next(larger) == replace(SET, after=larger.digest)


@pytest.mark.parametrize("standing", [Standing.BROKEN, Standing.COMPLETED, Standing.COMPENSATED])
def test_what_is_announced_again_after_it_was_settled_is_another_fact(standing: Standing) -> None:
    records = {part.repository: SetRecord(SET, standing) for part in SET.parts}

    assert announcement_of("Pay-1", SET.parts, records) == replace(SET, after=SET.digest)


def test_a_broken_set_is_one_incident_where_it_could_not_land() -> None:
    events = broken("AcmeCorp", SET, [API], "its head moved", "Land the rest")
    (alert,) = [event for event in events if event.type is EventType.ALERT_RAISED]

    assert alert.repository is not None
    assert (alert.repository.name, alert.team) == ("acme/web", "team-web")
    assert alert.data["message"] == (
        "change set Pay-1 landed in acme/api #1 #2 and not in acme/web #1 #2: its head moved"
    )
    assert alert.data["remedy"] == "Land the rest"


def test_a_record_is_read_as_it_was_written() -> None:
    record = SetRecord(replace(SET, after=SET.digest), Standing.BROKEN)

    assert record_from(record_document(record)) == record


def happened(kind: EventType, part: Part, subject: dict[str, JsonValue], **data: JsonValue) -> Event:
    about = RepositoryIdentity(id=part.repository_id, name=part.repository)
    return Recorder("AcmeCorp", part.team, about).event(kind, subject, data)


def landings(part: Part, **data: JsonValue) -> list[Event]:
    subjects: list[dict[str, JsonValue]] = [{"pull_request": number, "head": head} for number, head in part.heads]
    return [happened(EventType.MERGE_COMPLETED, part, subject, **data) for subject in subjects]


def test_a_part_is_there_when_every_member_of_it_landed_at_the_head_that_was_announced() -> None:
    moved = replace(WEB, heads=((1, sha(1)), (2, sha(9))))

    assert whereabouts(SET, [*landings(API), *landings(WEB)]).landed == (API, WEB)
    assert whereabouts(SET, [*landings(API), *landings(WEB)[:1]]).landed == (API,)
    assert whereabouts(SET, landings(moved)).landed == ()
    assert whereabouts(SET, []).gone == ()


@pytest.mark.parametrize(
    ("data", "apart"),
    [({"change_set": None}, (API,)), ({"change_set": "other"}, (API,)), ({"change_set": "pay-1"}, ())],
)
def test_a_part_that_left_its_set_and_landed_is_there_apart(
    data: dict[str, JsonValue], apart: tuple[Part, ...]
) -> None:
    there = whereabouts(SET, [*landings(API, **data), *landings(WEB)])

    assert (there.landed, there.apart) == ((API, WEB), apart)


def test_a_part_of_which_anything_was_taken_back_is_gone() -> None:
    back = happened(EventType.ROLLBACK_COMPLETED, API, {"pull_requests": [2]}, heads=[sha(2)])

    there = whereabouts(SET, [*landings(API), *landings(WEB), back])

    assert (there.landed, there.gone) == ((WEB,), (API,))
