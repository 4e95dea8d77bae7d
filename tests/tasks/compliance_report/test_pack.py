"""The evidence pack, by a stranger's hands: with the commands that it brings, and with tools that are not ours."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from pymerkle import InmemoryTree  # type: ignore[import-untyped]  # it has no types

from tasks.compliance_report import make_compliance_report
from tasks.domain.checkpoint import opened_proof, proves
from tasks.domain.merkle import leaf_hash
from tasks.sealing import seal_log
from tests.domain.chronicle import Story, held
from tests.tasks.compliance_report.test_kept_report import EVER
from tests.tasks.evidence_of_landings import lands
from tests.tasks.office import Office

TOOLS = ("bash", "openssl", "xxd", "base64", "sha256sum", "jq")
NEEDS_TOOLS = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in TOOLS), reason=f"needs {', '.join(TOOLS)}, as the instructions do"
)


@pytest.fixture
def pack(office: Office, story: Story, tmp_path: Path) -> Path:
    """Of two changes, unpacked; the log has more than that."""
    lands(office, story, 1)
    story.stops(3, held())
    lands(office, story, 2)
    seal_log.fn(office.services)
    made = make_compliance_report.fn("AcmeCorp", "all", EVER, office.services)
    folder = tmp_path / "pack"
    with zipfile.ZipFile(io.BytesIO((made.directory / "evidence.zip").read_bytes())) as archive:
        archive.extractall(folder)
    return folder


def typed(pack: Path, office: Office, language: str, beginning: str) -> "subprocess.CompletedProcess[str]":
    """The block of the instructions below the paragraph that begins so, in a shell or in Python."""
    below = (pack / "README.md").read_text("utf-8").partition(beginning)[2]
    block = re.findall(rf"```{language}\n(.*?)```", below, re.DOTALL)[0]
    command = [sys.executable, "-c", block] if language == "python" else ["bash", "-eo", "pipefail", "-c", block]
    environment = os.environ | {"K": str(office.seal.log.key)}
    return subprocess.run(command, cwd=pack, env=environment, capture_output=True, text=True, check=False)


def events(pack: Path) -> list[Path]:
    return sorted((pack / "events").iterdir())


def test_its_events_are_those_of_the_sampled_changes_and_of_no_other(pack: Path) -> None:
    found = [json.loads(path.read_bytes()) for path in events(pack)]

    assert {each["subject"].get("pull_request") for each in found} == {1, 2}
    assert [each["type"] for each in found] == ["policy.decided", "merge.intent", "merge.completed"] * 2
    assert len(list(pack.glob("attestations/**/*.vsa.dsse.json"))) == 2


def test_the_instructions_find_every_event_in_the_log(pack: Path, office: Office) -> None:
    found = typed(pack, office, "python", "**The events**")

    assert (found.stderr, found.stdout.count("is in the log")) == ("", len(events(pack)))


def test_our_proofs_and_a_foreign_tree_agree_on_every_event(pack: Path, office: Office) -> None:
    tree = InmemoryTree(algorithm="sha256")
    (checkpoint,) = (pack / "checkpoints").iterdir()
    for line in office.services.log.lines(1, int(checkpoint.stem)).splitlines():
        tree.append_entry(line)

    proofs = [opened_proof((pack / "proofs" / f"{each.stem}.tlog-proof").read_bytes()) for each in events(pack)]
    leaves = [leaf_hash(each.read_bytes()) for each in events(pack)]
    roots = {proves(*each, [office.seal.log.key]).root for each in zip(proofs, leaves, strict=True)}

    assert roots == {tree.get_root()}
    assert [tree.get_leaf(proof.index + 1) for proof in proofs] == leaves


def test_an_event_that_was_changed_is_not_in_the_log(pack: Path, office: Office) -> None:
    event = events(pack)[-1]
    event.write_bytes(event.read_bytes().replace(b"alice", b"mallo", 1))

    assert "AssertionError" in typed(pack, office, "python", "**The events**").stderr


@NEEDS_TOOLS
@pytest.mark.parametrize(
    ("beginning", "says"),
    [
        ("**The files**", ""),
        ("**The signature**", "Signature Verified Successfully\n"),
        ("**What events rest on**", ""),
    ],
)
def test_what_the_instructions_say_can_be_typed_as_it_stands(
    pack: Path, office: Office, beginning: str, says: str
) -> None:
    found = typed(pack, office, "sh", beginning)

    assert (found.returncode, found.stdout, found.stderr) == (0, says, "")


@NEEDS_TOOLS
def test_the_statements_are_about_the_commits_that_landed(pack: Path, office: Office) -> None:
    landed = [
        json.loads(each.read_bytes())["data"]["commit"]
        for each in events(pack)
        if b"merge.completed" in each.read_bytes()
    ]

    found = typed(pack, office, "sh", "**What is attested")

    assert sorted(re.findall(r'"gitCommit": "(\w+)"', found.stdout)) == sorted(landed)


@NEEDS_TOOLS
@pytest.mark.parametrize(
    ("folder", "beginning"), [("evidence", "**What events rest on**"), ("checkpoints", "**The signature**")]
)
def test_a_changed_file_is_found(pack: Path, office: Office, folder: str, beginning: str) -> None:
    first = min(path for path in (pack / folder).rglob("*") if path.is_file())
    first.write_bytes(b"2" + first.read_bytes()[1:])

    assert typed(pack, office, "sh", "**The files**").returncode != 0
    assert typed(pack, office, "sh", beginning).returncode != 0
