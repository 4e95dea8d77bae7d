"""What is well with a store, what is not, and that it is recorded once a day and finding."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tasks.domain.anomalies import Watch
from tasks.domain.audit import EventType
from tasks.domain.examined import BucketFound, BucketKept, DirectoryKept, Disturbed, ObjectFound
from tasks.domain.posture import SAMPLE, Posture, is_due, judge_store, posture_events, sample_of
from tasks.domain.records import Recorder
from tests.domain.anomalies.samples import SETTINGS

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BUCKET = BucketFound("s3://evidence/acme", versioned=True, locks=True, mode=None, days=None)
LOCKED = ObjectFound("events/1.jsonl", NOON, "COMPLIANCE", NOON + timedelta(days=395))
WELL = BucketKept(BUCKET, Disturbed(), (LOCKED,))
RECORDER = Recorder("AcmeCorp", None, None)


def told(kept: BucketKept | DirectoryKept) -> list[str]:
    return [each.told for each in judge_store(kept, 395).problems]


def test_a_bucket_that_locks_everything_for_long_enough_is_well() -> None:
    posture = judge_store(WELL, 395)

    assert posture.ok
    assert posture.document == {
        "ok": True,
        "problems": [],
        "lock": "Object Lock, no default",
        "versioning": "on",
        "sampled": 1,
    }


@pytest.mark.parametrize(
    ("bucket", "problems"),
    [
        (replace(BUCKET, locks=False), ["no-object-lock"]),
        (replace(BUCKET, locks=None), ["lock-unknown"]),
        (replace(BUCKET, versioned=False), ["no-versioning"]),
        (replace(BUCKET, versioned=None), ["versioning-unknown"]),
        (replace(BUCKET, mode="GOVERNANCE", days=400), ["default-retention-too-weak"]),
        (replace(BUCKET, mode="COMPLIANCE", days=394), ["default-retention-too-weak"]),
        (replace(BUCKET, mode="COMPLIANCE", days=395), []),
    ],
)
def test_a_bucket_that_does_not_keep_or_does_not_tell_is_not_well(bucket: BucketFound, problems: list[str]) -> None:
    assert told(replace(WELL, bucket=bucket)) == problems


@pytest.mark.parametrize(
    ("found", "problems"),
    [
        (replace(LOCKED, mode="GOVERNANCE"), ["object-not-locked: events/1.jsonl"]),
        (replace(LOCKED, mode=None, until=None), ["object-not-locked: events/1.jsonl"]),
        (replace(LOCKED, until=NOON + timedelta(days=394)), ["object-locked-too-short: events/1.jsonl"]),
    ],
)
def test_an_object_that_could_go_too_early_is_not_well(found: ObjectFound, problems: list[str]) -> None:
    assert told(replace(WELL, sample=(found,))) == problems


def test_what_lies_on_top_of_evidence_and_what_hides_it_is_told_by_name() -> None:
    disturbed = Disturbed(overwritten=("events/1.jsonl",), deleted=("checkpoints/1.txt",))

    assert told(replace(WELL, disturbed=disturbed)) == [
        "second-version: events/1.jsonl",
        "delete-marker: checkpoints/1.txt",
    ]


def test_a_directory_is_well_as_long_as_nobody_may_write_its_files() -> None:
    assert told(DirectoryKept("/evidence", 3, (), ())) == []
    assert told(DirectoryKept("/evidence", 3, ("a",), ("b",))) == ["writable: a", "no-plain-file: b"]


def bad() -> Posture:
    return judge_store(replace(WELL, disturbed=Disturbed(deleted=("a",))), 395)


def test_what_is_well_is_recorded_and_nobody_is_alerted() -> None:
    (event,) = posture_events(RECORDER, judge_store(WELL, 395), NOON)

    assert (event.type, event.subject) == (EventType.STORAGE_POSTURE, {"store": "s3://evidence/acme"})


def test_what_is_wrong_is_an_alert_that_says_what_and_what_to_do() -> None:
    event, alert = posture_events(RECORDER, bad(), NOON)

    assert event.data["ok"] is False
    assert alert.type is EventType.ALERT_RAISED
    assert alert.data["alert"] == "storage-posture"
    assert alert.data["message"] == (
        "s3://evidence/acme does not keep evidence as it must: a: somebody deleted it, which hides it and no more"
    )


def test_the_rule_that_judges_the_log_raises_no_second_alert_for_it() -> None:
    taken = [
        each.model_copy(update={"time": "2026-11-24T12:00:00.000Z", "seq": seq})
        for seq, each in enumerate(posture_events(RECORDER, bad(), NOON), 1)
    ]
    watch = Watch(SETTINGS)
    alerts = [alert for event in taken for alert in watch.see(event)]

    assert [alert.found.rule.id for alert in alerts] == ["AN-19"]
    assert [watch.told(alert) for alert in alerts] == [True]


def test_the_same_finding_is_the_same_event_for_a_day() -> None:
    ids = [
        [each.id for each in posture_events(RECORDER, bad(), NOON + timedelta(hours=hours))] for hours in (0, 11, 12)
    ]

    assert ids[0] == ids[1]
    assert not set(ids[0]) & set(ids[2])


def test_another_finding_is_another_event() -> None:
    other = judge_store(replace(WELL, disturbed=Disturbed(overwritten=("a",))), 395)

    assert not {each.id for each in posture_events(RECORDER, bad(), NOON)} & {
        each.id for each in posture_events(RECORDER, other, NOON)
    }


def test_a_store_is_looked_at_once_a_day() -> None:
    (event,) = posture_events(RECORDER, judge_store(WELL, 395), NOON)
    taken = event.model_copy(update={"time": "2026-11-24T12:00:00.000Z"})

    assert is_due(None, NOON)
    assert not is_due(taken, NOON + timedelta(hours=11))
    assert is_due(taken, NOON + timedelta(hours=12))


def test_the_sample_is_another_each_day_and_no_larger_than_the_store() -> None:
    keys = [f"evidence/{number}" for number in range(200)]
    today, tomorrow = sample_of(keys, NOON), sample_of(keys, NOON + timedelta(days=1))

    assert len(today) == SAMPLE
    assert today == sample_of(list(reversed(keys)), NOON)
    assert today != tomorrow
    assert set(sample_of(keys[:3], NOON)) == set(keys[:3])


def test_a_thousand_findings_fit_into_one_event() -> None:
    many = tuple(f"evidence/{'x' * 300}/{number}" for number in range(1000))
    event, alert = posture_events(RECORDER, judge_store(replace(WELL, disturbed=Disturbed(many)), 395), NOON)

    assert len(event.canonical()) < 65_535
    assert str(alert.data["message"]).endswith("and 995 more")
