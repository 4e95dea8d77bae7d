"""What rules keep in mind between two runs: as much as they need, and no more."""

from dataclasses import replace
from datetime import timedelta

from config.schema import GlobalFile, Hours, Organization, TeamFile, TeamIdentity
from tasks.domain.anomalies import Settings, Watch, judged, settings_of
from tasks.domain.anomalies.detector import Detector
from tasks.domain.anomalies.landing import landing_of
from tests.domain.anomalies.ledger import Ledger
from tests.domain.anomalies.samples import SAMPLES, SETTINGS
from tests.tasks.office import acme


def test_what_was_raised_before_is_neither_raised_again_nor_forgotten() -> None:
    ledger = Ledger()
    ledger.decides(1, "mallory")
    ledger.bypassed("direct-push", "mallory")
    before = judged(ledger.events, SETTINGS, ledger.now)
    told = [alert.event("AcmeCorp").model_copy(update={"time": ledger.events[-1].time}) for alert in before]
    watch = Watch(SETTINGS)
    for event in (*ledger.events, *told):
        watch.remember(event)
    fresh = Ledger(ledger.now + timedelta(minutes=10))
    fresh.bypassed("direct-push", "mallory")
    fresh.lands(9, approvals=["mallory"], approvers=["bob"])
    raised = [alert.found.rule.id for event in fresh.events for alert in watch.see(event)]

    assert [alert.found.rule.id for alert in before] == ["AN-04", "AN-01"]
    assert raised == ["AN-05", "AN-20"]


def test_a_watch_knows_when_something_becomes_overdue() -> None:
    ledger, watch = Ledger(), Watch(SETTINGS)
    begun = ledger.now
    ledger.announces(1)
    ledger.token("one", "age-unknown")
    ledger.emergency(2)
    ledger.lands(2)
    for event in ledger.events:
        assert list(watch.see(event)) == []

    due = [watch.due_after(begun + timedelta(hours=hours)) for hours in (0, 1, 73, 200)]
    assert due == [begun + timedelta(minutes=15), begun + timedelta(hours=72), begun + timedelta(days=7), None]


def test_a_rule_that_looks_at_nothing_finds_nothing() -> None:
    ledger, nothing = Ledger(), Detector(Settings())
    intent = ledger.announces(1)
    landing = landing_of(ledger.completes(intent), intent)

    assert (*nothing.seen(intent), *nothing.landed(landing), *nothing.overdue(ledger.now)) == ()
    assert nothing.due_after(ledger.now) is None


def test_the_hours_of_a_team_go_before_those_of_the_organization() -> None:
    own, all_others = Hours(time_zone="Asia/Tokyo"), Hours(time_zone="UTC")
    configuration = acme()
    teams = tuple(
        TeamFile(team=TeamIdentity(name=name, repos=(f"acme/{name}",)), hours=hours)
        for name, hours in (("far", own), ("near", None))
    )
    global_ = GlobalFile(organization=Organization(name="AcmeCorp"), hours=all_others)

    assert settings_of(replace(configuration, teams=teams, global_=global_)).hours == {"far": own, "near": all_others}
    assert settings_of(configuration).hours == {}


def test_the_latest_approvals_of_a_diligent_reviewer_are_kept_in_mind() -> None:
    ledger = Ledger()
    for number in range(401):
        ledger.announces(number, approved_at=ledger.passes(hours=1).now)
        ledger.completes(ledger.events[-1])
    SAMPLES["AN-12"].fires(ledger)
    told = [alert for alert in judged(ledger.events, SETTINGS, ledger.now) if alert.found.rule.id == "AN-12"]

    assert {alert.found.actor for alert in told} == {"bob"}


def test_an_approval_of_an_unknown_time_is_no_rapid_one() -> None:
    ledger = Ledger()
    for number in range(6):
        ledger.announced_without_commit(number)

    assert "AN-12" not in {alert.found.rule.id for alert in judged(ledger.events, SETTINGS, ledger.now)}
