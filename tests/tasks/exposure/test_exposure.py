"""The alert where the log could not be sealed or shown: once for as long as that lasts."""

from tasks.domain.audit import EventType
from tasks.domain.errors import AnchoringFailed, EvidenceUnreachable, MergeHubError
from tasks.exposure import alert_unanchored, alert_unsealed, exposure_of
from tasks.sealing import seal_now
from tests.domain.chronicle import Story
from tests.tasks.evidence_of_landings import lands
from tests.tasks.office import Office, acme

AWAY: MergeHubError = EvidenceUnreachable("the store is away", remedy="Wait.")


def alerts(office: Office) -> list[object]:
    return [event.data["alert"] for event in office.events(EventType.ALERT_RAISED)]


def test_a_store_that_stays_away_is_one_alert_and_another_once_it_was_there_again(office: Office, story: Story) -> None:
    for _ in range(3):
        alert_unsealed(acme(), AWAY, office.services)
    once = alerts(office)
    lands(office, story, 1)
    seal_now(office.services)
    alert_unsealed(acme(), AWAY, office.services)

    assert once == ["log-not-sealed"]
    assert alerts(office) == ["log-not-sealed"] * 2


def test_an_authority_that_stays_away_is_one_alert_however_much_is_sealed_meanwhile(
    office: Office, story: Story
) -> None:
    for number in (1, 2):
        lands(office, story, number)
        seal_now(office.services)
        alert_unanchored(acme(), AnchoringFailed("no answer", remedy="Wait."), office.services)

    assert alerts(office) == ["log-not-anchored"]


def test_what_was_never_stamped_is_all_exposed(office: Office, story: Story) -> None:
    lands(office, story, 1)
    seal_now(office.services)

    assert exposure_of(office.services).document() == {"last_anchor": None, "events_not_anchored": 3}
