"""For each rule: a log in which it finds something, and one very like it in which it finds nothing."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from config.schema import Hours
from tasks.domain.anomalies import Settings
from tests.domain.anomalies.ledger import Ledger

SETTINGS = Settings(hours={"team-a": Hours(time_zone="UTC", holidays=("2026-03-06",))})


class Sample(NamedTuple):
    fires: Callable[[Ledger], object]
    silent: Callable[[Ledger], object]


def _gated(ledger: Ledger, *seconds: float) -> None:
    for position in range(40):
        ledger.passes(hours=1).gate("unit", 60 + position % 7)
    for each in seconds:
        ledger.passes(hours=1).gate("unit", each)


def _pair(ledger: Ledger, *approvers_of_alice: str) -> None:
    for number in range(10):
        author = "alice" if number % 2 else "bob"
        approver = approvers_of_alice[number // 2 % len(approvers_of_alice)] if author == "alice" else "alice"
        ledger.passes(hours=20).lands(number, author=author, contributors=[author], approvals=[approver])


def _approved_within(ledger: Ledger, minutes: float) -> None:
    begun = ledger.now
    for number in range(5):
        at = begun.replace(minute=0) if number == 0 else begun.replace(minute=round(minutes * number / 4))
        ledger.passes(hours=1).lands(number, approved_at=at)


def _approvers(ledger: Ledger, *names: str, days: float) -> None:
    for number, name in enumerate(names):
        ledger.lands(number, approvals=[name])
        ledger.passes(days=days)


def _three_at_once(ledger: Ledger, late: str) -> None:
    """On `late`, at night, the approvals of somebody new."""
    ledger.lands(1, approvals=["bob"])
    ledger.passes(days=30, hours=14)
    ledger.lands(2, author=late, contributors=[late], approvals=["bob"])
    ledger.decides(3, "mallory")
    ledger.lands(4, approvals=["mallory"], author="mallory", contributors=["mallory"])


SAMPLES: Mapping[str, Sample] = {
    "AN-01": Sample(lambda log: log.bypassed("direct-push"), lambda log: (log.lands(1), log.reconciled())),
    "AN-02": Sample(
        lambda log: log.bypassed("force-push", before="a" * 40, after="b" * 40), lambda log: log.bypassed("direct-push")
    ),
    "AN-03": Sample(
        lambda log: (log.guarded(), log.guarded(demands=["block_deletion"])),
        lambda log: (log.guarded(demands=["block_deletion"]), log.guarded(), log.guarded(reviews=3)),
    ),
    "AN-04": Sample(lambda log: log.decides(1, "bob"), lambda log: (log.decides(1), log.lands(1))),
    "AN-05": Sample(
        lambda log: log.lands(1, approvals=["mallory"], approvers=["bob", "carol"]),
        lambda log: (log.lands(1, approvers=["bob", "carol"]), log.lands(2, approvals=["mallory"])),
    ),
    "AN-06": Sample(
        lambda log: log.lands(1, approvals=[("bob", "earlier")]),
        lambda log: log.lands(1, approvals=[("bob", "head-1")]),
    ),
    "AN-07": Sample(lambda log: log.lands(1, gates=[("unit", "failed")]), lambda log: log.lands(1)),
    "AN-08": Sample(
        lambda log: (log.lands(1, gates=[("unit", "passed"), ("lint", "passed")]), log.lands(2)),
        lambda log: (log.lands(1), log.lands(2, gates=[("unit", "passed"), ("lint", "passed")])),
    ),
    "AN-09": Sample(lambda log: _gated(log, 2), lambda log: _gated(log, 66)),
    "AN-10": Sample(lambda log: log.passes(hours=13).lands(1), lambda log: log.lands(1)),
    "AN-11": Sample(
        lambda log: [log.passes(minutes=1).lands(number, author=f"author-{number}") for number in range(11)],
        lambda log: [log.passes(minutes=1).lands(number) for number in range(10)],
    ),
    "AN-12": Sample(lambda log: _approved_within(log, 5), lambda log: _approved_within(log, 8)),
    "AN-13": Sample(
        lambda log: _approvers(log, "bob", "bob", "mallory", days=15),
        lambda log: _approvers(log, "bob", "carol", "bob", "carol", days=15),
    ),
    "AN-14": Sample(lambda log: _pair(log, "bob"), lambda log: _pair(log, "bob", "carol")),
    "AN-15": Sample(lambda log: log.token("one", "too-old"), lambda log: log.token("one", "expires-soon")),
    "AN-16": Sample(
        lambda log: (log.token("one"), log.passes(days=8).token("two")),
        lambda log: (log.token("one"), log.token("two"), log.passes(days=8).token("one", "expires-soon")),
    ),
    "AN-17": Sample(
        lambda log: (log.waived(1), log.passes(days=3).emergency(2), log.passes(days=3).waived(3)),
        lambda log: (log.waived(1), log.waived(1, "W-1"), log.passes(days=5).waived(2), log.passes(days=5).waived(3)),
    ),
    "AN-18": Sample(
        lambda log: (log.emergency(1), log.lands(1, emergency=True), log.passes(hours=73)),
        lambda log: (
            log.emergency(1),
            log.lands(1, emergency=True),
            log.passes(hours=71).reviewed(1),
            log.passes(days=9),
        ),
    ),
    "AN-19": Sample(
        lambda log: (log.announces(1), log.passes(minutes=16)),
        lambda log: (log.completes(log.announces(1)), log.posture(), log.reconciled(), log.passes(days=1)),
    ),
    "AN-20": Sample(
        lambda log: _three_at_once(log, "mallory"),
        lambda log: (log.decides(3, "mallory"), log.passes(hours=2).lands(4, approvals=["mallory"], approvers=["bob"])),
    ),
}
