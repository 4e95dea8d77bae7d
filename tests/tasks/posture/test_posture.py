"""The store looked at: on record once a day and finding."""

from datetime import timedelta

from tasks.domain.audit import EventType
from tasks.posture import check_posture
from tests.domain.chronicle import Story
from tests.tasks.evidence_of_landings import lands
from tests.tasks.office import Office, acme

FILE = "reports/one.md"


def kept(office: Office, story: Story) -> None:
    lands(office, story, 1)
    office.services.evidence.put(FILE, b"report", media_type="text/markdown")


def test_a_directory_whose_files_nobody_may_write_is_well(office: Office, story: Story) -> None:
    kept(office, story)
    posture = check_posture.fn(acme(), office.services)
    events = office.events(EventType.STORAGE_POSTURE)
    check_posture.fn(acme(), office.services)

    assert posture.ok
    assert [event.data["ok"] for event in events] == [True]
    assert office.events(EventType.STORAGE_POSTURE, EventType.ALERT_RAISED) == events


def test_a_file_that_can_be_written_is_an_alert_once_a_day(office: Office, story: Story) -> None:
    kept(office, story)
    (office.folder / "evidence" / FILE).chmod(0o644)
    for hours in (0, 1, 24):
        office.clock.moment += timedelta(hours=hours)
        check_posture.fn(acme(), office.services)
    alerts = office.events(EventType.ALERT_RAISED)

    assert [event.data["problems"] for event in office.events(EventType.STORAGE_POSTURE)] == [[f"writable: {FILE}"]] * 2
    assert [alert.data["alert"] for alert in alerts] == ["storage-posture"] * 2


def test_a_link_in_the_place_of_a_file_is_told(office: Office, story: Story) -> None:
    kept(office, story)
    path = office.folder / "evidence" / FILE
    path.unlink()
    path.symlink_to(office.folder / "elsewhere")
    (office.folder / "elsewhere").write_text("report")

    assert [each.finding.value for each in check_posture.fn(acme(), office.services).problems] == [
        "writable",
        "no-plain-file",
    ]
