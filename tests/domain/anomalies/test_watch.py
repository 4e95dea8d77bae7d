"""What is judged again says the same: laws that hold for any log."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from config.schema import Anomalies
from tasks.domain.anomalies import RULES, Alert, Settings, Watch, judged
from tasks.domain.anomalies.finding import WINDOW, Deduplication, Found
from tasks.domain.audit import Event, EventType
from tests.domain.anomalies.ledger import MONDAY, Ledger
from tests.domain.anomalies.samples import SAMPLES, SETTINGS

Happening = Callable[[Ledger], object]

HAPPENINGS: list[Happening] = [
    *(part for sample in SAMPLES.values() for part in sample),
    lambda log: log.passes(minutes=7),
    lambda log: log.passes(hours=3),
    lambda log: log.passes(days=4),
    lambda log: log.bypassed("direct-push", "alice"),
    lambda log: log.decides(5, "alice"),
    lambda log: log.token("three", "age-unknown"),
    lambda log: log.announces(77),
]
LIVES = st.lists(st.sampled_from(HAPPENINGS), min_size=1, max_size=5)


def lived(happenings: list[Happening]) -> Ledger:
    ledger = Ledger()
    ledger.token("one")
    for each in happenings:
        each(ledger)
    return ledger


def ids(alerts: Iterable[Alert]) -> list[str]:
    return [alert.event("AcmeCorp").id for alert in alerts]


@settings(max_examples=10, deadline=None)
@given(LIVES, st.lists(st.integers(0, 120), max_size=4))
def test_judged_a_few_events_at_a_time_a_log_raises_the_alerts_that_it_raises_at_once(
    happenings: list[Happening], cuts: list[int]
) -> None:
    ledger = lived(happenings)
    events, now = ledger.events, ledger.now + timedelta(days=1)
    places = sorted({0, len(events), *(cut for cut in cuts if cut < len(events))})
    watch, told = Watch(SETTINGS), []
    for begin, end in pairwise(places):
        for event in events[begin:end]:
            told += ids(watch.see(event))
        told += ids(watch.overdue(_moment(events[end - 1].time)))
    told += ids(watch.overdue(now))

    assert set(told) == set(ids(judged(events, SETTINGS, now)))


@settings(max_examples=10, deadline=None)
@given(LIVES, st.lists(st.integers(0, 120), max_size=4))
def test_judged_at_the_end_of_each_run_a_log_raises_the_alerts_that_it_raises_at_once(
    happenings: list[Happening], cuts: list[int]
) -> None:
    """Each run remembers what was judged before, with the alerts that were raised, and judges what is new."""
    told, log, until = list[str](), list[Event](), 0
    ledger = lived(happenings)
    places = sorted({0, len(ledger.events), *(cut for cut in cuts if cut < len(ledger.events))})
    for begin, end in pairwise(places):
        log += ledger.events[begin:end]
        watch, raised = Watch(SETTINGS), list[Alert]()
        for event in log[:until]:
            watch.remember(event)
        for event in log[until:]:
            raised += watch.see(event)
        raised += watch.overdue(_moment(log[-1].time))
        until = len(log)
        new = [each.event("AcmeCorp") for each in raised]
        log += [event.model_copy(update={"time": log[-1].time}) for event in new if event.id not in told]
        told += [event.id for event in new if event.id not in told]

    assert set(told) == set(ids(judged(ledger.events, SETTINGS, _moment(ledger.events[-1].time))))


@given(st.lists(st.integers(0, 300), min_size=1, max_size=30))
def test_of_what_is_found_of_the_same_within_an_hour_one_alert_is_raised(minutes: list[int]) -> None:
    once = Deduplication()
    found = [
        Found(RULES["AN-01"], ("api",), MONDAY + timedelta(minutes=each), ("event",), "A push.")
        for each in sorted(minutes)
    ]
    raised = [alert.found.at for each in found if (alert := once.alert(each)) is not None]

    assert raised[0] == found[0].at
    assert all(later - earlier >= WINDOW for earlier, later in pairwise(raised))
    assert all(any(timedelta() <= each.at - at < WINDOW for at in raised) for each in found)


def test_a_rule_that_is_off_raises_nothing_and_is_counted_for_nobody() -> None:
    ledger = Ledger()
    SAMPLES["AN-20"].fires(ledger)
    off = Settings(Anomalies(off=("AN-04",)), SETTINGS.hours)

    def told(known: Settings) -> set[str]:
        return {alert.found.rule.id for alert in judged(ledger.events, known, ledger.now)}

    assert {"AN-04", "AN-20"} <= told(SETTINGS)
    assert {"AN-04", "AN-20"} & told(off) == set()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_what_the_step_that_recorded_a_fact_raised_itself_is_not_raised_again() -> None:
    ledger = Ledger()
    ledger.bypassed("direct-push")
    data = {"alert": "bypass", "rule": "AN-01", "severity": "critical", "message": "A push."}
    ledger.add(EventType.ALERT_RAISED, {"ref": "refs/heads/main"}, {**data})
    ledger.passes(hours=2).bypassed("direct-push", commit="beef")
    watch = Watch(SETTINGS)
    alerts = [alert for event in ledger.events for alert in watch.see(event)]

    assert [watch.told(alert) for alert in alerts] == [True, False]
