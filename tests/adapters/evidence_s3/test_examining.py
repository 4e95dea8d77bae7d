"""Looking at a bucket before anything is kept in it."""

from collections.abc import Callable
from typing import Any

import pytest

from tasks.adapters.evidence_s3 import S3Evidence
from tasks.domain.errors import EvidenceError


def test_a_bucket_that_locks_is_told_from_one_that_does_not(client: Any, open_store: Callable[..., S3Evidence]) -> None:
    client.create_bucket(Bucket="bare")

    locked, plain = open_store("evidence", prefix="acme").examine(), open_store("bare").examine()

    assert (locked.location, locked.versioned, locked.locks) == ("s3://evidence/acme", True, True)
    assert (plain.location, plain.locks) == ("s3://bare", False)


def test_looking_at_a_bucket_writes_nothing(open_store: Callable[..., S3Evidence]) -> None:
    store = open_store("evidence", prefix="looked-at")

    store.examine()

    assert store.keys("") == ()


def test_a_bucket_that_is_not_there_is_told_with_what_to_do(open_store: Callable[..., S3Evidence]) -> None:
    with pytest.raises(EvidenceError) as refused:
        open_store("nowhere").examine()

    assert refused.value.remedy.startswith("Create the bucket nowhere")
