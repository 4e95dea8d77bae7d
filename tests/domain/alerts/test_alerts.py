"""An alert is open until a named person has closed it who is not the one whose doing it is."""

import pytest

from tasks.domain.alerts import AcknowledgementRefused, acknowledgement, alert_document, chosen_by, standings_of
from tasks.domain.anomalies import judged
from tasks.domain.audit import Event
from tests.domain.anomalies.ledger import Ledger
from tests.domain.anomalies.samples import SETTINGS


def raised() -> Event:
    ledger = Ledger()
    ledger.decides(1, "bob")
    (alert,) = judged(ledger.events, SETTINGS, ledger.now)
    return alert.event("AcmeCorp").model_copy(update={"time": "2026-03-02T09:00:00Z"})


def test_an_alert_is_open_until_it_is_acknowledged_and_the_first_who_did_counts() -> None:
    alert = raised()
    (standing,) = standings_of([alert])
    first, second = (acknowledgement(standing, who, "Asked bob.") for who in ("carol", "dave"))
    (closed,) = standings_of([alert, first, second])

    assert standing.document()["acknowledged"] is None
    assert standing.document()["next"]
    assert closed.document()["acknowledged"] == {"by": "carol", "reason": "Asked bob.", "at": ""}
    assert first.id == second.id


@pytest.mark.parametrize(
    ("by", "reason", "expected"),
    [
        ("Bob", "It was me.", "somebody else has to close it"),
        (" ", "Nobody.", "one of them is empty"),
        ("carol", "", "one of them is empty"),
    ],
)
def test_nobody_closes_an_alert_without_a_name_and_a_reason_or_about_themselves(
    by: str, reason: str, expected: str
) -> None:
    (standing,) = standings_of([raised()])

    with pytest.raises(AcknowledgementRefused, match=expected):
        acknowledgement(standing, by, reason)


@pytest.mark.parametrize("prefix", ["", "abc", "ffffffff", "0123 <b>"])
def test_an_alert_is_named_by_enough_of_its_own_id(prefix: str) -> None:
    standings = standings_of([raised()])

    with pytest.raises(AcknowledgementRefused, match="exactly one is to be named"):
        chosen_by(prefix, standings)

    assert chosen_by(standings[0].raised.id[:8], standings) is standings[0]


def test_an_alert_that_would_be_raised_is_told_with_its_place() -> None:
    ledger = Ledger()
    ledger.decides(1, "bob")
    (alert,) = judged(ledger.events, SETTINGS, ledger.now)
    told = alert_document(alert)

    assert (told["rule"], told["repository"], told["actor"]) == ("AN-04", "acme/api", "bob")
