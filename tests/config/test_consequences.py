"""Whatever single thing is wrong in a sound configuration, nothing is told but of the file in which it stands."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from config.check import check
from tests.config.conftest import Write

SOUND: dict[str, Any] = {
    "global.yml": {
        "organization": {"name": "Acme Inc", "login": "acme", "compliance": ["SOC2"]},
        "global_gates": [{"name": "licenses", "command": "make licenses"}, {"name": "audit", "command": "make audit"}],
        "notifications": {"slack": {"webhook": "${SLACK}", "channels": {"failure": "incidents"}}},
    },
    "access.yml": {
        "teams": {
            "team-a": {"repos": ["auth", "acme/users"], "approvers": ["alice", "bob"]},
            "team-b": {"repos": ["api"], "approvers": ["carol"]},
        }
    },
    "teams/team-a.yml": {
        "team": {"name": "team-a", "repos": ["acme/auth", "users"]},
        "scope": {"filters": {"labels": ["ready"], "required_reviewers": ["alice"]}},
        "gates": [{"name": "tests", "command": "make test"}, {"name": "lint", "command": "make lint"}],
    },
    "teams/team-b.yml": {
        "team": {"name": "team-b", "repos": ["other/api"]},
        "gates": [{"name": "tests", "command": "make test"}],
    },
    "policies/quality.yml": {
        "apiVersion": "merge-hub/v1",
        "kind": "Policy",
        "metadata": {"name": "quality", "owner": "platform"},
        "rules": [
            {"id": "Q-1", "title": "T", "check": "gates", "severity": "low", "with": {"passed": ["tests", "audit"]}},
            {"id": "Q-2", "title": "T", "check": "approvals", "severity": "low", "with": {"min": 1}},
        ],
    },
}
Place = tuple[str | int, ...]


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield (*place, key)
        yield from places(value[key], (*place, key))


def spoilt(file: str, place: Place, *, renamed: bool) -> dict[str, str]:
    files = copy.deepcopy(SOUND)
    around = files[file]
    for part in place[:-1]:
        around = around[part]
    around[f"{place[-1]} zzz" if renamed else place[-1]] = around.pop(place[-1]) if renamed else 3.5
    return {name: json.dumps(content) for name, content in files.items()}


PLACES = [(file, place) for file, content in SOUND.items() for place in places(content)]
KEYS = [(file, place) for file, place in PLACES if isinstance(place[-1], str)]


def test_the_sound_configuration_is_sound(write: Write) -> None:
    assert check(write({name: json.dumps(content) for name, content in SOUND.items()}), {}).problems == ()


@pytest.mark.parametrize(("file", "place"), PLACES)
def test_a_value_of_no_meaning_is_told_of_its_file_only(file: str, place: Place, write: Write) -> None:
    assert {problem.file for problem in check(write(spoilt(file, place, renamed=False)), {}).problems} == {file}


@pytest.mark.parametrize(("file", "place"), KEYS)
def test_a_key_that_nobody_knows_is_told_of_its_file_only(file: str, place: Place, write: Write) -> None:
    assert {problem.file for problem in check(write(spoilt(file, place, renamed=True)), {}).problems} == {file}


@pytest.mark.parametrize("file", SOUND)
def test_a_file_that_cannot_be_read_is_told_of_itself_only(file: str, write: Write) -> None:
    files = {name: json.dumps(content) for name, content in SOUND.items()} | {file: "{"}

    assert {problem.file for problem in check(write(files), {}).problems} == {file}
