"""Mirrors on disk: one holder at a time, and whatever a killed process leaves is healed."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config.schema import MergeMethod
from tasks.adapters.git import GitCodeStore, process, upkeep
from tasks.adapters.git.failures import MirrorDamaged
from tasks.domain.errors import GitError, GitUnreachable
from tasks.domain.merging import Merged
from tests.adapters.git.conftest import World
from tests.adapters.git.remote import REPOSITORY, change, git

HOLDER = """
import sys, time
from pathlib import Path
from tasks.adapters.git import GitCodeStore

home, template, action = sys.argv[1:]
with GitCodeStore(Path(home), template, None, lambda _: "acme/app").exclusively("acme/app", "42") as mirror:
    print("held", flush=True)
    mirror.fetch("main", []) if action == "fetch" else time.sleep(60)
"""


def holder(world: World, action: str = "wait", **environment: str) -> "subprocess.Popen[str]":
    template = f"file://{world.place}/origin/{{repository}}.git"
    arguments = [sys.executable, "-c", HOLDER, str(world.place / "home"), template, action]
    held = subprocess.Popen(arguments, stdout=subprocess.PIPE, env=os.environ | environment, text=True)
    assert held.stdout is not None
    assert held.stdout.readline() == "held\n"
    return held


def opened(world: World, within: float) -> bool:
    """Whether the mirror can be held before the time is up; the wait itself has no end."""
    done = threading.Event()

    def hold() -> None:
        with world.store().exclusively(REPOSITORY, "42"):
            done.set()

    threading.Thread(target=hold, daemon=True).start()
    return done.wait(within)


def test_a_mirror_held_by_another_process_is_waited_for_and_free_when_that_is_killed(world: World) -> None:
    with holder(world) as other:
        blocked = not opened(world, 0.4)
        other.send_signal(signal.SIGKILL)
        other.wait()

        assert blocked
        assert opened(world, 5)


def test_a_mirror_is_held_against_threads_of_the_same_process(world: World) -> None:
    with world.store().exclusively(REPOSITORY, "42"):
        assert not opened(world, 0.3)


def test_different_repositories_are_held_side_by_side(world: World) -> None:
    store = world.store()
    with store.exclusively(REPOSITORY, "42") as one, store.exclusively(REPOSITORY, "43") as two:
        assert one.fetch("main", []) == two.fetch("main", [])


def test_a_git_that_outlives_its_hub_still_holds_the_mirror(world: World, tmp_path: Path) -> None:
    bin_directory = slow_git(tmp_path, f"touch {tmp_path}/fetching; sleep 1.5")
    with holder(world, "fetch", PATH=f"{bin_directory}:{os.environ['PATH']}") as other:
        deadline = time.monotonic() + 5
        while not (tmp_path / "fetching").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        other.send_signal(signal.SIGKILL)
        other.wait()

        assert not opened(world, 0.3)
        assert opened(world, 5)


def slow_git(place: Path, before_a_fetch: str) -> Path:
    wrapper = place / "bin" / "git"
    wrapper.parent.mkdir()
    real = shutil.which("git")
    wrapper.write_text(f'#!/bin/sh\ncase "$*" in *" fetch "*) {before_a_fetch};; esac\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    return wrapper.parent


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.02, 0.04, 0.08])
def test_a_hub_killed_in_the_middle_of_a_fetch_leaves_what_heals(world: World, delay: float) -> None:
    big = world.remote.commit({f"d{n % 7}/f{n}": f"{n}\n" * 50 for n in range(400)}, world.base)
    with holder(world, "fetch") as other:
        time.sleep(delay)
        other.send_signal(signal.SIGKILL)
        other.wait()
    with world.store().exclusively(REPOSITORY, "42") as mirror:
        assert mirror.fetch("main", [big]) == world.base
        assert isinstance(mirror.merge(world.base, change(big), MergeMethod.MERGE), Merged)
    assert git(world.mirror_path(), "fsck", "--no-dangling") == ""


def _truncate_packs(mirror: Path) -> None:
    for pack in mirror.glob("objects/pack/*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(pack.read_bytes()[:20])


def _empty_indexes(mirror: Path) -> None:
    for index in mirror.glob("objects/pack/*.idx"):
        index.chmod(0o600)
        index.write_bytes(b"")


def _lose_packs(mirror: Path) -> None:
    for file in mirror.glob("objects/pack/*"):
        file.unlink()


def _lose_head(mirror: Path) -> None:
    (mirror / "HEAD").unlink()


def _spoil_head(mirror: Path) -> None:
    (mirror / "HEAD").write_bytes(b"\0\0\0")


def _spoil_config(mirror: Path) -> None:
    (mirror / "config").write_text("[core\n")


def _empty_config(mirror: Path) -> None:
    (mirror / "config").write_text("")


def _lose_objects(mirror: Path) -> None:
    subprocess.run(["rm", "-rf", str(mirror / "objects")], check=True)


def _spoil_target(mirror: Path) -> None:
    (mirror / "refs" / "merge-hub" / "target").write_text("")


def _point_target_at_nothing(mirror: Path) -> None:
    (mirror / "refs" / "merge-hub" / "target").write_text("ab" * 20 + "\n")


def _leave_locks(mirror: Path) -> None:
    for name in ("refs/merge-hub/target.lock", "packed-refs.lock", "HEAD.lock", "config.lock", "shallow.lock"):
        (mirror / name).write_text("")


DAMAGES = [
    _truncate_packs,
    _empty_indexes,
    _lose_packs,
    _lose_head,
    _spoil_head,
    _spoil_config,
    _empty_config,
    _lose_objects,
    _spoil_target,
    _point_target_at_nothing,
    _leave_locks,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__.strip("_"))
def test_a_damaged_mirror_is_made_again_at_the_next_fetch(world: World, damage: Callable[[Path], None]) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base)
    with world.store().exclusively(REPOSITORY, "42") as mirror:
        mirror.fetch("main", [head])
    damage(world.mirror_path())
    later = world.remote.commit({"c": "later\n"}, head)
    world.remote.move("main", head)
    with world.store().exclusively(REPOSITORY, "42") as mirror:
        assert mirror.fetch("main", [head, later]) == head
        assert isinstance(mirror.merge(head, change(later), MergeMethod.MERGE), Merged)
    assert git(world.mirror_path(), "fsck", "--no-dangling") == ""


def test_damage_that_a_merge_meets_is_an_error_and_healed_by_the_next_holder(world: World) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base)
    with world.store().exclusively(REPOSITORY, "42") as mirror:
        mirror.fetch("main", [head])
    _truncate_packs(world.mirror_path())
    with pytest.raises(GitError), world.store().exclusively(REPOSITORY, "42") as mirror:
        mirror.merge(world.base, change(head), MergeMethod.MERGE)
    with world.store().exclusively(REPOSITORY, "42") as mirror:
        assert mirror.fetch("main", [head]) == world.base


def test_a_remote_that_is_damaged_itself_is_an_error_and_no_endless_healing(world: World) -> None:
    packs = list(world.remote.path.glob("objects/pack/*.pack")) or list(world.remote.path.glob("objects/??/*"))
    for file in packs:
        file.chmod(0o600)
        file.write_bytes(b"broken")
    with world.store().exclusively(REPOSITORY, "42") as mirror, pytest.raises(GitError):
        mirror.fetch("main", [])


def test_leftovers_of_a_mirror_that_was_being_made_are_removed(world: World) -> None:
    half = world.place / "home" / "mirrors" / ".42.git.half"
    half.mkdir(parents=True)
    with world.store().exclusively(REPOSITORY, "42") as mirror:
        mirror.fetch("main", [])

    assert {entry.name for entry in half.parent.iterdir()} == {"42.git", "42.git.lock"}


def test_a_mirror_does_not_grow_without_bound(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "_PACKS", 3)  # instead of fifty fetches
    heads = []
    for number in range(6):
        heads.append(world.remote.commit({f"f{number}": "x"}, world.base))
        with world.store().exclusively(REPOSITORY, "42") as mirror:
            mirror.fetch("main", heads[-1:])
    packs = list(world.mirror_path().glob("objects/pack/*.pack"))

    assert len(packs) <= 5
    assert len(git(world.mirror_path(), "for-each-ref", "refs/merge-hub/heads").splitlines()) <= 4


def test_a_candidate_survives_tidying_until_it_is_pushed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base)
    with world.store().exclusively(REPOSITORY, "42") as mirror:
        mirror.fetch("main", [head])
        merged = mirror.merge(world.base, change(head), MergeMethod.MERGE)
    monkeypatch.setattr(upkeep, "_PACKS", 0)
    assert isinstance(merged, Merged)
    with world.store().exclusively(REPOSITORY, "42") as mirror:
        mirror.push("main", merged.commit, expected=world.base)

    assert world.remote.tip() == merged.commit


def test_a_repository_id_is_no_path(world: World) -> None:
    with world.store().exclusively(REPOSITORY, "../../R_kg/DO==") as mirror:
        mirror.fetch("main", [])

    assert sorted(entry.name for entry in (world.place / "home" / "mirrors").iterdir()) == [
        "..%2F..%2FR_kg%2FDO%3D%3D.git",
        "..%2F..%2FR_kg%2FDO%3D%3D.git.lock",
    ]


def test_a_home_that_cannot_be_is_an_error_with_a_remedy(world: World) -> None:
    (world.place / "file").write_text("")
    with (
        pytest.raises(GitError, match="no place for a mirror") as refusal,
        GitCodeStore(world.place / "file", "file:///{repository}", None, lambda _: REPOSITORY).exclusively(
            REPOSITORY, "42"
        ),
    ):
        pass

    assert "MERGE_HUB_HOME" in refusal.value.remedy


def test_a_network_command_that_hangs_is_stopped_with_all_it_started(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(process, "NETWORK_LIMIT", 0.5)
    bin_directory = slow_git(tmp_path, "sleep 47 & sleep 47")
    monkeypatch.setenv("PATH", f"{bin_directory}:{os.environ['PATH']}")
    started = time.monotonic()
    with world.store().exclusively(REPOSITORY, "42") as mirror, pytest.raises(GitUnreachable, match="longer than"):
        mirror.fetch("main", [])

    assert time.monotonic() - started < 5


def test_damage_is_told_from_other_failures_and_is_a_git_error() -> None:
    assert issubclass(MirrorDamaged, GitError)
    assert not MirrorDamaged("x", remedy="y").retryable


def test_what_was_merged_in_a_mirror_is_not_taken_to_be_in_the_next_one(world: World) -> None:
    store, head = world.store(), world.remote.commit({"c": "c\n"}, world.base)
    commits = []
    for _ in range(2):
        with store.exclusively(REPOSITORY, "42") as mirror:
            mirror.fetch("main", [head])
            merged = mirror.merge(world.base, change(head), MergeMethod.MERGE)
            assert isinstance(merged, Merged)
            commits.append(git(world.mirror_path(), "rev-parse", f"{merged.commit}^{{commit}}"))
        shutil.rmtree(world.mirror_path())

    assert commits[0] == commits[1]


def test_the_next_holder_of_a_mirror_need_not_merge_the_same_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, head = world.store(), world.remote.commit({"c": "c\n"}, world.base)
    with store.exclusively(REPOSITORY, "42") as mirror:
        mirror.fetch("main", [head])
        first = mirror.merge(world.base, change(head), MergeMethod.MERGE)
    monkeypatch.setenv("PATH", str(tmp_path))
    with store.exclusively(REPOSITORY, "42") as mirror:
        second = mirror.merge(world.base, change(head), MergeMethod.MERGE)

    assert first == second
