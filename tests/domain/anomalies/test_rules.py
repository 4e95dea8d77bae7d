"""Each of the twenty rules finds what it is for, and nothing in a log that is very like it."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from tasks.domain.anomalies import RULES, Alert, judged
from tasks.domain.anomalies.rule import Level
from tests.domain.anomalies.ledger import Ledger
from tests.domain.anomalies.samples import SAMPLES, SETTINGS


def found_by(rule: str, ledger: Ledger) -> list[Alert]:
    alerts = judged(ledger.events, SETTINGS, ledger.now)
    return [alert for alert in alerts if alert.found.rule.id == rule]


def test_there_are_twenty_rules_and_each_has_a_sample_that_fires_and_one_that_does_not() -> None:
    assert list(RULES) == [f"AN-{number:02}" for number in range(1, 21)]
    assert SAMPLES.keys() == RULES.keys()


@pytest.mark.parametrize("rule", sorted(SAMPLES))
def test_a_rule_fires_on_its_sample(rule: str) -> None:
    ledger = Ledger()
    SAMPLES[rule].fires(ledger)

    (alert,) = found_by(rule, ledger)

    assert alert.event("AcmeCorp").data["rule"] == rule
    assert {*alert.found.events} <= {event.id for event in ledger.events}


@pytest.mark.parametrize("rule", sorted(SAMPLES))
def test_a_rule_is_silent_on_its_other_sample(rule: str) -> None:
    ledger = Ledger()
    SAMPLES[rule].silent(ledger)

    assert ledger.events
    assert found_by(rule, ledger) == []


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_says_what_it_is_in_words_that_sigma_has(rule: object) -> None:
    known = next(each for each in RULES.values() if each is rule)

    assert UUID(known.uuid).version == 4
    assert all(re.fullmatch(r"attack\.(t\d{4}(\.\d{3})?|[a-z-]+)", tag) for tag in known.tags)
    assert known.tags
    assert known.description.endswith(".")
    assert (known.who, known.step) != ("", "")


def test_no_two_rules_have_the_same_uuid() -> None:
    assert len({rule.uuid for rule in RULES.values()}) == len(RULES)


def test_a_gate_that_does_nothing_is_graver_than_one_that_is_slow() -> None:
    ledger = Ledger()
    for position in range(20):
        ledger.passes(hours=1).gate("unit", 60 + position % 7)
    ledger.passes(hours=1).gate("unit", 600)
    ledger.passes(hours=2).gate("unit", 1)

    levels = [alert.found.severity for alert in found_by("AN-09", ledger)]

    assert levels == [Level.MEDIUM, Level.HIGH]


def test_a_gate_of_a_moment_is_never_too_fast() -> None:
    ledger = Ledger()
    for _ in range(40):
        ledger.gate("unit", 4)
    ledger.gate("unit", 0)

    assert found_by("AN-09", ledger) == []


def test_a_credential_of_unknown_age_is_told_after_a_week() -> None:
    ledger = Ledger()
    ledger.token("one", "age-unknown")
    soon = found_by("AN-15", ledger.passes(days=6))
    late = found_by("AN-15", ledger.passes(days=2))

    assert (len(soon), len(late)) == (0, 1)


def test_what_landed_too_late_is_told_as_what_has_not_landed() -> None:
    waiting = Ledger()
    intent = waiting.announces(1)
    landed = Ledger()
    landed.announces(1)
    landed.passes(minutes=20).completes(intent)

    told = [found_by("AN-19", each.passes(minutes=20))[0].event("AcmeCorp").id for each in (waiting, landed)]

    assert len(set(told)) == 1


def test_a_landing_whose_tree_differs_has_been_told_of() -> None:
    ledger = Ledger()
    intent = ledger.announces(1)
    data = {"alert": "landed-tree-differs", "severity": "critical", "message": "", "intent": intent.id}
    ledger.add(type(intent.type).ALERT_RAISED, intent.subject, {**data})

    assert found_by("AN-19", ledger.passes(days=1)) == []


def test_an_older_record_without_grounds_for_judging_is_not_judged() -> None:
    ledger = Ledger()
    intent = ledger.announces(1)
    ledger.events[-1] = intent.model_copy(update={"data": {"author": "alice", "target": "main", "tree": "t"}})
    ledger.completes(intent)

    assert judged(ledger.events, SETTINGS, ledger.now + timedelta(days=9)) == ()
