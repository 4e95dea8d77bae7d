"""What the page for auditors says can be typed as it stands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tests
from tasks.sealing import seal_log
from tests.domain.chronicle import Story, held
from tests.tasks.evidence_of_landings import lands
from tests.tasks.office import Office
from tests.tasks.rotating.test_rotating import rotate

PAGE = Path(tests.__path__[0]).parent / "deployments" / "auditors" / "verifying.md"
TOOLS = ("bash", "openssl", "xxd", "base64", "sha256sum", "jq")

pytestmark = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in TOOLS), reason=f"needs {', '.join(TOOLS)}, as the page does"
)


def command(heading: str) -> str:
    """The first one below the paragraph that begins so."""
    found: list[str] = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8").partition(heading)[2], re.DOTALL)
    return found[0]


@pytest.fixture
def sealed(office: Office, story: Story) -> Office:
    lands(office, story, 1)
    story.stops(2, held())
    seal_log.fn(office.services)
    return office


def typed(text: str, office: Office, folder: Path) -> "subprocess.CompletedProcess[str]":
    """As an auditor types it who has the evidence and the log's key."""
    written = text.replace("THE VERIFIER KEY OF THE LOG", str(office.seal.log.key))
    environment = os.environ | {"E": str(office.folder / "evidence"), "PATH": _path()}
    folder.mkdir(exist_ok=True)
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", written],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _path() -> str:
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def test_the_landings_are_listed(sealed: Office, tmp_path: Path) -> None:
    told = typed(command("**The log**"), sealed, tmp_path / "desk")

    assert "acme/web\t1\t" in told.stdout, told.stderr


def test_both_keys_have_signed_that_one_took_the_place_of_the_other(sealed: Office, tmp_path: Path) -> None:
    rotate(sealed)
    told = typed(command("**A key that took the place of another**"), sealed, tmp_path / "desk")

    assert told.stdout.count("Signature Verified Successfully") == 2, told.stderr


def test_the_root_is_that_of_the_checkpoint(sealed: Office, tmp_path: Path) -> None:
    told = typed(command("**The root.**"), sealed, tmp_path / "desk")
    checkpoint = sealed.evidence()["checkpoints/000000000004.txt"].decode().splitlines()

    assert told.stdout.split() == checkpoint[1:3], told.stderr


def test_the_key_is_what_stands_behind_the_second_plus_though_it_has_some_of_its_own() -> None:
    taken = re.search(r"\$\{K[^}]+\}", command("**The signature.**"))
    assert taken is not None
    told = subprocess.run(
        ["bash", "-c", f'printf %s "{taken.group()}"'],
        env={"K": "log.example/x+d9ad1a3f+AQ+b/+c="},
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout == "AQ+b/+c="


def test_the_signature_is_accepted_and_not_once_the_checkpoint_is_changed(sealed: Office, tmp_path: Path) -> None:
    sound = typed(command("**The signature.**"), sealed, tmp_path / "desk")
    path = sealed.folder / "evidence" / "checkpoints/000000000004.txt"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"\n4\n", b"\n5\n"))
    spoilt = typed(command("**The signature.**"), sealed, tmp_path / "desk")

    assert (sound.returncode, spoilt.returncode) == (0, 1), sound.stderr


def test_files_are_named_by_their_digests_and_one_that_is_changed_is_told(sealed: Office, tmp_path: Path) -> None:
    sound = typed(command("**What events rest on**"), sealed, tmp_path / "desk")
    path = next(path for path in (sealed.folder / "evidence/evidence").rglob("*") if path.is_file())
    path.chmod(0o644)
    path.write_bytes(b"!")
    spoilt = typed(command("**What events rest on**"), sealed, tmp_path / "desk")

    assert (sound.returncode, spoilt.returncode) == (0, 1), sound.stderr
    assert path.name in spoilt.stdout


def test_what_is_attested_is_shown(sealed: Office, tmp_path: Path) -> None:
    key = next(key for key in sealed.evidence() if key.endswith(".vsa.dsse.json"))
    written = command("**What is attested").replace(
        "attestations/OWNER/NAME/COMMIT-N.vsa.dsse.json", key.replace("$", "")
    )
    told = typed(written, sealed, tmp_path / "desk")

    assert '"verificationResult": "PASSED"' in told.stdout, told.stderr
