"""What could be rewritten unseen, and what is said of it."""

from datetime import UTC, datetime

import pytest

from tasks.domain.errors import AnchoringFailed, EvidenceUnreachable, LogRewritten, MergeHubError
from tasks.domain.exposure import Exposure, exposed, unanchored_event, unsealed_event
from tasks.domain.records import Recorder

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
RECORDER = Recorder("AcmeCorp", None, None)


@pytest.mark.parametrize(
    ("exposure", "words"),
    [
        (Exposure(7), "7 events that no authority outside has stamped"),
        (Exposure(7, 7, NOON), "nothing: all 7 events were stamped at 2026-11-24T12:00:00Z"),
        (Exposure(7, 4, NOON), "3 events, since the last stamp 90 minutes ago"),
    ],
)
def test_people_are_told_what_nobody_outside_has_seen(exposure: Exposure, words: str) -> None:
    assert exposed(exposure.document(), "2026-11-24T13:30:00Z") == words


@pytest.mark.parametrize(
    ("error", "alert", "severity"),
    [
        (LogRewritten("changed", remedy="Stop."), "log-rewritten", "critical"),
        (EvidenceUnreachable("away", remedy="Wait."), "log-not-sealed", "high"),
    ],
)
def test_a_log_that_cannot_be_sealed_is_an_alert(error: MergeHubError, alert: str, severity: str) -> None:
    data = unsealed_event(RECORDER, error, 7).data

    assert (data["alert"], data["severity"], data["remedy"]) == (alert, severity, error.remedy)


def test_the_same_failure_is_another_fact_once_something_was_well_in_between() -> None:
    first, again = (AnchoringFailed(text, remedy="Wait.") for text in ("at 12:00", "at 13:00"))

    assert unanchored_event(RECORDER, first, 7).id == unanchored_event(RECORDER, again, 7).id
    assert unanchored_event(RECORDER, first, 7).id != unanchored_event(RECORDER, first, 9).id
