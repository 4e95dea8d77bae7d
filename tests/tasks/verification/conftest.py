"""Evidence to be spoilt."""

import shutil
from pathlib import Path

import pytest

from tasks.domain.signed_note import VerifierKey
from tasks.sealing import seal_log
from tests.domain.chronicle import Story, held
from tests.tasks.evidence_of_landings import lands
from tests.tasks.office import Office


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Two landings and a stop, sealed twice: once after the first of them."""
    office = Office(tmp_path_factory.mktemp("office"))
    story = Story(office.services.log)
    lands(office, story, 1)
    seal_log.fn(office.services)
    lands(office, story, 2)
    story.stops(3, held())
    seal_log.fn(office.services)
    return office


@pytest.fixture
def copy(written: Office, tmp_path: Path) -> Path:
    """The evidence, to be spoilt."""
    return Path(shutil.copytree(written.folder / "evidence", tmp_path / "copy"))


@pytest.fixture
def keys(written: Office) -> list[VerifierKey]:
    return [written.seal.log.key, written.seal.attest.key]
