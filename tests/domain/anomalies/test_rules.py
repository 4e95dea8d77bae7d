"""Each of the twenty rules finds what it is for, and nothing in a log that is very like it."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from tasks.domain.anomalies import RULES, Alert, Settings, judged
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


ALSO = [
    ("AN-01", lambda log: log.reconciled("c0ffee", "beef"), "c0ffee and 1 more"),
    ("AN-01", lambda log: log.bypassed("unapproved-merge", None), "somebody whom the code host does not name"),
    ("AN-02", lambda log: log.bypassed("deletion"), "mallory moved refs/heads/main"),
    ("AN-03", lambda log: (log.guarded(), log.guarded(reviews=None)), "it asks for 0 reviews, and asked for 2"),
    ("AN-03", lambda log: (log.guarded(), log.guarded(checks=[])), "it does not wait any more for ci"),
    (
        "AN-03",
        lambda log: (log.guarded(), log.guarded(bypass=["app:7: everything"])),
        "app:7: everything may get",
    ),
    ("AN-04", lambda log: log.lands(1, contributors=["alice", "bob"]), "landed on the approval of bob"),
    ("AN-06", lambda log: log.announced_without_commit(1), "approved no known commit"),
    ("AN-07", lambda log: log.lands(1, gates=[]), "no gate was required"),
    ("AN-07", lambda log: log.lands(1, gated=False), "no result of gate unit on its tree is on record"),
    ("AN-07", lambda log: log.lands(1, skipping=["c0ffee"]), "c0ffee tells machines to skip their checks"),
    ("AN-15", lambda log: (log.token("one", "age-unknown"), log.passes(days=8).token("two")), "nobody has stated"),
    (
        "AN-18",
        lambda log: (log.emergency(1), log.lands(1), log.passes(hours=80).reviewed(1)),
        "carol cannot",
    ),
    ("AN-19", lambda log: log.posture("a delete marker"), "a delete marker"),
    ("AN-19", lambda log: log.reconciled(chain_ok=False), "do not follow from each other"),
]


@pytest.mark.parametrize(("rule", "happens", "expected"), ALSO)
def test_a_rule_fires_on_this_as_well(rule: str, happens: Callable[[Ledger], object], expected: str) -> None:
    ledger = Ledger()
    happens(ledger)
    (alert,) = found_by(rule, ledger)

    assert expected in alert.found.message


NOT = [
    ("AN-01", lambda log: (log.bypassed("direct-push"), log.reconciled("c0ffee")), 1),
    ("AN-03", lambda log: (log.guarded(), log.guarded(demands=[], unread=["rulesets"])), 0),
    ("AN-03", lambda log: (log.guarded(bypass=None), log.guarded()), 0),
    ("AN-09", lambda log: [log.gate("unit", seconds, verdict="failed") for seconds in [60] * 30 + [600]], 0),
    ("AN-10", lambda log: log.passes(hours=13).lands(1, emergency=True), 0),
    ("AN-10", lambda log: log.passes(hours=13).lands(1, team="team-b"), 0),
    ("AN-11", lambda log: [log.passes(hours=1).lands(number) for number in range(30)], 0),
    ("AN-18", lambda log: (log.emergency(1), log.passes(days=9)), 0),
]


@pytest.mark.parametrize(("rule", "happens", "expected"), NOT)
def test_a_rule_says_no_more_than_it_knows(rule: str, happens: Callable[[Ledger], object], expected: int) -> None:
    ledger = Ledger()
    happens(ledger)

    assert len(found_by(rule, ledger)) == expected


def test_a_cached_pass_may_be_older_than_what_is_shown_of_the_log() -> None:
    ledger = Ledger()
    ledger.lands(1, gated=False)
    intent = ledger.events[0]
    ledger.events[0] = intent.model_copy(update={"data": intent.data | {"required_gates": [["unit", "passed", True]]}})
    shown = [judged(ledger.events, Settings(from_the_middle=each), ledger.now) for each in (False, True)]

    assert [[alert.found.rule.id for alert in alerts] for alerts in shown] == [["AN-07"], []]


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
