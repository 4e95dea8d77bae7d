"""git dies together with the hub, in the middle of what it does: its own locks and half a pack lie in the mirror."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.crash_stories import MERGED
from tests.flows.dying import Stage, left, planted, unlike
from tests.flows.forked import Forks
from tests.flows.sweeps import mostly_long

LOCKS = "refs/merge-hub/target.lock packed-refs.lock HEAD.lock config.lock shallow.lock objects/pack/tmp_pack_4711"
COMMANDS = ("fetch", "init", "hash-object", "merge-tree", "push", "checkout")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, forks: tuple[Forks, Forks]) -> Iterator[Stage]:
    yield from planted(MERGED, tmp_path_factory, forks)


def git_that_dies(folder: Path, command: str, *, done: bool) -> str:
    """A PATH whose git takes the hub along at the first `command`, before it or when it is `done`; then it is git."""
    real, program = shutil.which("git"), folder / "bin" / "git"
    act = f'{real} "$@"' if done else ":"
    program.parent.mkdir()
    program.write_text(
        f"""#!/bin/sh
for each in "$@"; do case $each in --git-dir=*) directory=${{each#--git-dir=}};; esac; done
case " $* " in *" {command} "*)
    if ! test -e {folder}/died; then
        {act}
        touch {folder}/died
        mkdir -p $directory/refs/merge-hub $directory/objects/pack
        cd $directory && touch {LOCKS}
        kill -9 $PPID
        exit 1
    fi
esac
exec {real} "$@"
"""
    )
    program.chmod(0o755)
    return f"{program.parent}:/usr/bin:/bin"


@pytest.mark.parametrize("moment", ["before", "done"])
@pytest.mark.parametrize("command", mostly_long(COMMANDS))
def test_after_a_death_within_git_a_rerun_leaves_what_an_undisturbed_run_leaves(
    stage: Stage, tmp_path: Path, command: str, moment: str
) -> None:
    with stage.performance() as mortal:
        status = mortal.ends(PATH=git_that_dies(tmp_path, command, done=moment == "done"))
        mortal.hub.run()
        kept = mortal.hub.traces()
        mortal.hub.run()

        assert status == -9, mortal.said
        assert not unlike(left(mortal.hub), stage.undisturbed())
        assert mortal.hub.traces() == kept
