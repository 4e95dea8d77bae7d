"""The log is judged from where it was judged before, and comes to the same alerts wherever that was."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from config.schema import Configuration
from tasks.anomalies import raise_alerts
from tasks.domain.audit import Event, EventType
from tests.domain.anomalies.ledger import Ledger
from tests.tasks.office import Office, acme

MARKER = "anomalies.json"


def pushes(commit: str) -> list[Event]:
    ledger = Ledger()
    found = ledger.bypassed("direct-push", commit=commit)
    return [found.model_copy(update={"id": commit, "seq": 0, "time": ""})]


def judge(office: Office, configuration: Configuration | None = None) -> list[str]:
    """The rules of all alerts on record."""
    raise_alerts.fn(configuration or acme(), office.services)
    return [str(event.data["rule"]) for event in office.events(EventType.ALERT_RAISED)]


def test_the_same_log_is_judged_once_and_to_the_same_without_the_marker(office: Office) -> None:
    office.services.log.append(pushes("c0ffee"))
    first = judge(office)
    size = office.services.log.size()
    again = judge(office)
    (office.folder / MARKER).unlink()
    without = judge(office)
    (office.folder / MARKER).write_text("{")
    unreadable = judge(office)

    assert first == again == without == unreadable == ["AN-01"]
    assert office.services.log.size() == size


def test_what_is_new_within_the_hour_is_the_same_alert_and_after_it_another(office: Office) -> None:
    told = []
    for commit, hours in (("one", 0), ("two", 0.5), ("three", 1)):
        office.clock.move(timedelta(hours=hours))
        office.services.log.append(pushes(commit))
        told.append(judge(office))

    assert told == [["AN-01"], ["AN-01"], ["AN-01", "AN-01"]]


def test_another_configuration_does_not_raise_what_was_judged_before(office: Office) -> None:
    configuration = acme()
    anomalies = configuration.global_.anomalies.model_copy(update={"off": ("AN-01",)})
    off = replace(
        configuration, global_=configuration.global_.model_copy(update={"anomalies": anomalies}), digest="off"
    )
    office.services.log.append(pushes("c0ffee"))

    assert (judge(office, off), judge(office)) == ([], [])


def test_what_becomes_overdue_is_raised_though_nothing_happened(office: Office) -> None:
    ledger = Ledger()
    office.services.log.append([ledger.announces(1).model_copy(update={"seq": 0, "time": ""})])
    before = judge(office)
    office.clock.move(timedelta(minutes=16))
    after = [judge(office) for _ in range(2)]

    assert (before, after) == ([], [["AN-19"], ["AN-19"]])


@pytest.mark.parametrize(("days", "expected"), [(100, 0), (121, 3)])
def test_what_is_older_than_any_rule_looks_back_is_not_read_again(office: Office, days: int, expected: int) -> None:
    for commit in ("one", "two"):
        office.services.log.append(pushes(commit))
        judge(office)
    office.clock.move(timedelta(days=1))
    office.services.log.append(pushes("three"))
    judge(office)
    office.clock.move(timedelta(days=days))
    office.services.log.append(pushes("four"))
    judge(office)
    known = json.loads((office.folder / MARKER).read_text())["days"]

    assert min(known.values()) == expected


def test_a_switched_off_organization_is_not_judged(office: Office) -> None:
    configuration = acme()
    anomalies = configuration.global_.anomalies.model_copy(update={"enabled": False})
    off = replace(configuration, global_=configuration.global_.model_copy(update={"anomalies": anomalies}))
    office.services.log.append(pushes("c0ffee"))

    assert judge(office, off) == []
