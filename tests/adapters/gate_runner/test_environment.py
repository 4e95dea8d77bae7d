"""The fingerprint of where gates run: another one where a tool was upgraded, the same where nothing was."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.adapters.gate_runner import ProcessGateRunner
from tasks.domain.model import Digest


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that PATH begins with, and in it a tool, which is a link to its first version."""
    versions, folder = tmp_path / "versions", tmp_path / "bin"
    versions.mkdir()
    folder.mkdir()
    install(versions / "node-1", "#!/bin/sh\necho 1\n")
    (folder / "node").symlink_to(versions / "node-1")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def install(file: Path, content: str) -> None:
    file.write_text(content)
    file.chmod(0o755)
    os.utime(file, (1_700_000_000, 1_700_000_000))


def fingerprint() -> Digest:
    return ProcessGateRunner(1).environment


def upgraded(tools: Path) -> None:
    install(tools / "node", "#!/bin/sh\necho twenty-two\n")


def upgraded_to_the_same_size(tools: Path) -> None:
    os.utime(tools / "node", (1_800_000_000, 1_800_000_000))


def linked_to_another_version(tools: Path) -> None:
    install(tools.parent / "versions" / "node-2", "#!/bin/sh\necho 2\n")
    (tools / "node").unlink()
    (tools / "node").symlink_to(tools.parent / "versions" / "node-2")


def removed(tools: Path) -> None:
    (tools / "node").unlink()


def come_to_nothing(tools: Path) -> None:
    (tools.parent / "versions" / "node-1").unlink()


def shadowed(tools: Path) -> None:
    install(tools / "python3", "#!/bin/sh\n")


CHANGES = (upgraded, upgraded_to_the_same_size, linked_to_another_version, removed, come_to_nothing, shadowed)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_tool_makes_it_another_place_when_it_is(tools: Path, change: Callable[[Path], None]) -> None:
    before = fingerprint()
    change(tools)

    assert fingerprint() != before


def test_where_no_tool_changed_it_is_the_same_place(tools: Path) -> None:
    before = fingerprint()
    install(tools / "notes", "not a tool that anybody knows\n")

    assert fingerprint() == before
    assert fingerprint() == before
