from pathlib import Path

import pytest

from tests.domain.chronicle import Story
from tests.tasks.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def story(office: Office) -> Story:
    """Told to the real log."""
    return Story(office.services.log)
