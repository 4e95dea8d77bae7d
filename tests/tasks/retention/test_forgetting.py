from dataclasses import replace
from pathlib import Path

import pytest

from tasks.ports import Services
from tasks.retention import forget_old_runs
from tests.tasks.office import Office

FIRST, SECOND, THIRD = (f"20200101T00000{second}Z-0a1b2c" for second in range(3))


@pytest.fixture
def services(office: Office) -> Services:
    return replace(office.services, run=office.services.run / THIRD)


def written(services: Services, run_id: str, name: str = "run.json") -> Path:
    file = services.run.parent / run_id / name
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    return file.parent


def test_the_documents_of_older_runs_are_removed_and_nothing_else_is(services: Services) -> None:
    folders = [written(services, run_id) for run_id in (FIRST, SECOND, THIRD)]
    notes = written(services, "notes", "mine.txt")
    forget_old_runs(2, services)
    forget_old_runs(2, services)

    assert [folder.exists() for folder in (*folders, notes)] == [False, True, True, True]


def test_a_link_in_the_place_of_a_run_is_not_followed(services: Services, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").touch()
    written(services, SECOND)
    (services.run.parent / FIRST).symlink_to(elsewhere)
    forget_old_runs(1, services)

    assert (elsewhere / "precious").exists()


def test_without_runs_there_is_nothing_to_do(services: Services) -> None:
    forget_old_runs(1, services)

    assert not services.run.parent.exists()
