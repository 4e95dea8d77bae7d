"""
A month in which nothing happens that anybody would have to look at, as one would expect it of three small teams.

About a hundred landings a week, in office hours; three gates each, whose durations are log-normal (sigma 0.35); five
people a team, who approve each other's changes some hours after they were proposed. Now and then a gate fails, a waiver
is used, somebody new begins to approve, and once a month there is an emergency, which is reviewed the day after.
"""

from collections.abc import Iterator
from datetime import timedelta
from math import exp, log
from random import Random

from config.schema import Hours
from tasks.domain.anomalies import Settings
from tests.domain.anomalies.ledger import MONDAY, Ledger

SIGMA = 0.35
TEAMS = {f"team-{letter}": (f"service-{letter}", f"web-{letter}") for letter in "abc"}
PEOPLE = {team: [f"{name}-{team[-1]}" for name in ("ada", "ben", "cleo", "dan", "eva")] for team in TEAMS}
GATES = {"lint": 20, "unit": 90, "integration": 420}
A_DAY = 20
SETTINGS = Settings(hours={team: Hours(time_zone="UTC") for team in TEAMS})


def quiet_month(seed: int, days: int = 30) -> Ledger:
    """Days of work are Monday to Friday; the numbers of pull requests are unique."""
    chance, ledger = Random(seed), Ledger()  # noqa: S311 -- nothing to keep secret
    ledger.token("the-app")
    for day in range(days):
        ledger.now = MONDAY.replace(hour=2) + timedelta(days=day)
        ledger.posture()
        ledger.reconciled()
        if ledger.now.weekday() < 5:
            moments = sorted(_minutes(chance))
            for minute in moments:
                ledger.now = MONDAY.replace(hour=0) + timedelta(days=day, minutes=minute)
                _landing(ledger, chance, day)
        if day % 30 == 15:
            _emergency(ledger)
    return ledger


def _minutes(chance: Random) -> Iterator[float]:
    """From half past eight to half past six."""
    for _ in range(round(chance.gauss(A_DAY, 4))):
        yield chance.uniform(8.5 * 60, 18.5 * 60)


def _landing(ledger: Ledger, chance: Random, day: int) -> None:
    team = chance.choice(list(TEAMS))
    repository, people = chance.choice(TEAMS[team]), PEOPLE[team]
    author, approver = chance.sample(people if day > 20 else people[:-1], 2)
    number = len(ledger.events)
    for gate, usual in GATES.items():
        seconds = usual * exp(chance.gauss(0, SIGMA))
        if chance.random() < 0.03:
            ledger.gate(gate, seconds / 3, verdict="failed", tree=f"failed-{number}", repository=repository)
        ledger.gate(gate, seconds, tree=f"tree-{repository}-{number}", repository=repository)
    ledger.decides(number)
    if chance.random() < 0.01:
        ledger.waived(number, team=team)
    approved_at = ledger.now - timedelta(minutes=exp(chance.gauss(log(120), 1)))
    intent = ledger.announces(
        number,
        author=author,
        contributors=[author],
        approvals=[approver],
        approved_at=approved_at,
        approvers=people,
        gates=[(gate, "passed") for gate in GATES],
        repository=repository,
        team=team,
    )
    ledger.passes(seconds=4).completes(intent)


def _emergency(ledger: Ledger) -> None:
    number = len(ledger.events)
    ledger.now = ledger.now.replace(hour=23)
    ledger.emergency(number)
    ledger.lands(number, emergency=True)
    ledger.passes(hours=16).reviewed(number)
