from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Write = Callable[[Mapping[str, str]], Path]

VALID = {
    "global.yml": "organization: {name: AcmeCorp}\n",
    "teams/team-a.yml": "team: {name: team-a, repos: [acme/service-auth]}\n",
}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a configuration: the smallest valid one, with the given files added to it or instead."""

    def written(files: Mapping[str, str]) -> Path:
        for name, text in {**VALID, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return written
