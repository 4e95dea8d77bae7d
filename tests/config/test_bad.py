"""Every directory in `bad/` is a configuration that is refused, with what a person reads then in `expected.txt`."""

from pathlib import Path

import pytest

from config.errors import ConfigurationError
from config.loader import load

CASES = sorted((Path(__file__).parent / "bad").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_wrong_is_said_with_place_and_remedy(case: Path) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load(case / "config")

    assert f"{refusal.value}\n" == (case / "expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_refusal_repeats_a_secret(case: Path) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load(case / "config")

    assert "hunter2" not in str(refusal.value)
