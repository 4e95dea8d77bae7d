"""A bucket looked through: what S3 allows on top of locked evidence, and what was never locked."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tasks.adapters.evidence_s3 import S3Evidence
from tasks.domain.examined import Disturbed
from tasks.domain.posture import judge_store
from tasks.sealing import seal_log
from tasks.verification import Trust, verify_store
from tests.adapters.evidence_s3.conftest import RETENTION
from tests.adapters.evidence_s3.test_s3_evidence import name, put
from tests.domain.chronicle import Story
from tests.tasks.evidence_of_landings import lands
from tests.tasks.office import Office

SEGMENT = "events/000000000001-000000000003.jsonl"


def problems(store: S3Evidence, days: int = RETENTION.days) -> list[str]:
    return [each.told for each in judge_store(store.survey(), days).problems]


def test_a_bucket_that_keeps_everything_is_well(store: S3Evidence) -> None:
    put(store, "events/1")
    put(store, "events/2")
    posture = judge_store(store.survey(), RETENTION.days)

    assert posture.ok, posture.problems
    assert (posture.lock, posture.versioning, posture.sampled) == ("Object Lock, no default", "on", 2)


def test_a_second_version_and_a_delete_marker_are_found_and_change_nothing_that_is_read(
    client: Any, store: S3Evidence
) -> None:
    for key in ("events/1", "events/2", "events/3"):
        put(store, key)
    client.put_object(Bucket="evidence", Key=name(store, "events/1"), Body=b"other")
    client.delete_object(Bucket="evidence", Key=name(store, "events/2"))

    assert store.disturbed() == Disturbed(overwritten=("events/1",), deleted=("events/2",))
    assert problems(store) == ["second-version: events/1", "delete-marker: events/2"]
    assert [store.get(key) for key in store.keys("events/")] == [b"evidence"] * 3


def test_a_bucket_without_lock_and_versions_is_found(client: Any, open_store: Callable[..., S3Evidence]) -> None:
    client.create_bucket(Bucket="unlocked")
    client.put_object(Bucket="unlocked", Key="acme/events/1", Body=b"evidence")

    assert problems(open_store("unlocked", prefix="acme")) == [
        "no-object-lock",
        "no-versioning",
        "object-not-locked: events/1",
    ]


def test_an_object_that_somebody_wrote_without_a_lock_or_with_a_short_one_is_found(
    client: Any, store: S3Evidence
) -> None:
    soon = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": datetime.now(UTC) + timedelta(days=1)}
    client.put_object(Bucket="evidence", Key=name(store, "events/1"), Body=b"without")
    client.put_object(Bucket="evidence", Key=name(store, "events/2"), Body=b"short", **soon)

    assert problems(store) == ["object-not-locked: events/1", "object-locked-too-short: events/2"]


@pytest.mark.parametrize("after", ["", "events/000000000001-000000000003.jsonl", "events/000000000002"])
def test_keys_are_listed_from_where_one_knows_them(store: S3Evidence, after: str) -> None:
    keys = [SEGMENT, "events/000000000004-000000000006.jsonl", "events/000000000007-000000000009.jsonl"]
    for key in keys:
        put(store, key)

    assert store.keys("events/", after=after) == tuple(key for key in keys if key > after)


def test_to_list_what_is_new_takes_one_answer_however_much_is_there(store: S3Evidence, client: Any) -> None:
    for number in range(30):
        put(store, f"events/{number:012d}")
    asked: list[str] = []
    store._client.meta.events.register("before-call.s3", lambda model, **_: asked.append(model.name))  # noqa: SLF001 -- to count what goes out
    found = store.keys("events/", after=f"events/{27:012d}")

    assert found == ("events/000000000028", "events/000000000029")
    assert asked == ["ListObjectVersions"]


def test_a_stranger_is_told_of_what_lies_on_top_of_evidence(client: Any, store: S3Evidence, tmp_path: Path) -> None:
    office = Office(tmp_path)
    lands(office, Story(office.services.log), 1)
    seal_log.fn(office.services)
    for key, content in office.evidence().items():
        store.put(key, content, media_type="text/plain")
    trust = Trust([office.seal.log.key, office.seal.attest.key])
    before = verify_store(store, trust)
    client.put_object(Bucket="evidence", Key=name(store, SEGMENT), Body=b"other")
    client.delete_object(Bucket="evidence", Key=name(store, "checkpoints/000000000003.txt"))
    after = verify_store(store, trust)

    assert before.flaws == ()
    assert [(each.key, each.message) for each in after.flaws] == [
        (SEGMENT, "Somebody wrote another version on top of it; the first one is what was read."),
        (
            "checkpoints/000000000003.txt",
            "Somebody deleted it, which hid it; the first version is what was read.",
        ),
    ]
    assert after.last == before.last
