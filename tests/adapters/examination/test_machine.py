"""The machine that the hub runs on, as the doctor sees it."""

import fcntl
import os
from pathlib import Path

import pytest

from tasks.adapters.examination.machine import look_at_directory, look_at_git, look_at_home, look_at_leftovers


def names(paths: tuple[str, ...]) -> list[str]:
    return sorted(Path(path).name for path in paths)


def test_git_says_its_version() -> None:
    assert look_at_git().version.startswith("git version ")


def test_where_there_is_no_git_there_is_no_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert look_at_git().version == ""


def test_a_git_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "git").write_text("#!/nowhere/at/all\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert look_at_git().version.endswith("cannot be started")


def test_looking_at_a_home_leaves_it_as_it_was(tmp_path: Path) -> None:
    there, not_yet = look_at_home(tmp_path), look_at_home(tmp_path / "a" / "b")

    assert (there.exists, there.writable, there.free_bytes > 0) == (True, True, True)
    assert (not_yet.exists, not_yet.writable) == (False, True)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_a_directory_takes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")

    assert not look_at_directory(tmp_path / "file" / "home").writable


def test_what_nobody_holds_was_left_by_the_dead(tmp_path: Path) -> None:
    for place in ("work/dead", "work/alive", "mirrors/1.git/refs", "mirrors/2.git/refs", "mirrors/.3.git.begun"):
        (tmp_path / place).mkdir(parents=True)
    for lock in ("1.git.lock", "2.git.lock", "3.git.lock", "1.git/refs/x.lock", "2.git/refs/x.lock"):
        (tmp_path / "mirrors" / lock).touch()
    held = [os.open(tmp_path / place, os.O_RDONLY) for place in ("work/alive", "mirrors/2.git.lock")]
    for each in held:
        fcntl.flock(each, fcntl.LOCK_EX)

    found = look_at_leftovers(tmp_path)
    for each in held:
        os.close(each)

    assert names(found.workspaces) == ["dead"]
    assert names(found.in_mirrors) == [".3.git.begun", "x.lock"]
    assert [Path(path).parent.parent.name for path in found.in_mirrors if path.endswith("x.lock")] == ["1.git"]


def test_where_nothing_ran_yet_nothing_is_left(tmp_path: Path) -> None:
    assert look_at_leftovers(tmp_path / "home").workspaces == ()
