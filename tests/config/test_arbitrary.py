"""Whatever lies in the files, the loader answers with a configuration or with a ConfigurationError."""

import contextlib
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import ConfigurationError
from config.loader import load
from config.schema import AccessFile, GlobalFile, PolicyFile, TeamFile
from config.schema.values import Section
from config.validation import Source, validated
from config.yaml12 import parse

FORMATS: list[type[Section]] = [AccessFile, GlobalFile, PolicyFile, TeamFile]
KEYS = sorted(
    {
        *(
            "team",
            "teams",
            "team-a",
            "name",
            "repos",
            "scope",
            "filters",
            "labels",
            "gates",
            "command",
            "cache",
            "check",
        ),
        *("organization", "notifications", "slack", "webhook", "email", "audit", "storage", "type", "rules", "with"),
        *(
            "passed",
            "none_of",
            "metadata",
            "apiVersion",
            "kind",
            "access",
            "approvers",
            "[key]",
            "s3",
            "local",
            "stage",
        ),
    }
)
SYNTAX = st.text(st.sampled_from(list("ab1-:?,[]{}#&*!|>'\"%@`~ \t\n\\${}.<\r\0\x85\ufeff\u2028é")), max_size=60)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(KEYS)
STRUCTURES = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), below),
    max_leaves=20,
)
RULES = st.fixed_dictionaries(
    {"check": SCALARS | st.sampled_from(["approvals", "labels", "gates"])}, optional={"with": STRUCTURES, "id": SCALARS}
)


def answers(raw: bytes) -> None:
    """In a file's place each, beside nothing else."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "teams").mkdir()
        (directory / "policies").mkdir()
        for file in ("global.yml", "access.yml", "teams/team.yml", "policies/policy.yml"):
            (directory / file).write_bytes(raw)
        with contextlib.suppress(ConfigurationError):
            load(directory)


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=80))
def test_any_bytes_are_answered(raw: bytes) -> None:
    answers(raw)


@settings(deadline=None, max_examples=80)
@given(SYNTAX)
def test_any_syntax_is_answered(text: str) -> None:
    answers(text.encode())


@pytest.mark.parametrize("model", FORMATS)
@settings(deadline=None, max_examples=40)
@given(value=STRUCTURES)
def test_any_structure_is_answered(model: type[Section], value: Any) -> None:
    read, problems = validated("file.yml", parse(json.dumps(value, ensure_ascii=True).encode()), model)

    assert isinstance(read, Source) != bool(problems)


@settings(deadline=None, max_examples=50)
@given(st.lists(RULES, min_size=1, max_size=3))
def test_any_rules_are_answered_with_their_places(rules: list[Any]) -> None:
    read, problems = validated("policy.yml", parse(json.dumps({"rules": rules}, indent=1).encode()), PolicyFile)

    assert not isinstance(read, Source)
    assert all(problem.line and problem.remedy for problem in problems)
