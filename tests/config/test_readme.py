"""The files that the README shows are what it says they are."""

import re
from datetime import UTC, datetime
from pathlib import Path

import config
from config.check import check
from tests.config.conftest import Write

README = Path(config.__file__).parent.parent / "README.md"
SHOWN = re.compile(r"```yaml\n# config/(?P<name>\S+)\n(?P<text>.*?)```", re.DOTALL)


def test_what_the_readme_shows_is_a_sound_configuration(write: Write) -> None:
    shown = {found["name"]: found["text"] for found in SHOWN.finditer(README.read_text("utf-8"))}
    report = check(write(shown), {"GITHUB_TOKEN": "sandbox-app"}, datetime(2026, 12, 1, tzinfo=UTC))

    assert set(shown) == {
        "global.yml",
        "teams/checkout.yml",
        "teams/payments.yml",
        "teams/storefront.yml",
        "policies/security.yml",
    }
    assert [problem for problem in (*report.problems, *report.warnings) if problem.file in shown] == []
