"""What a gate sees of a change set: copies of its own, side by side, its own repository among them."""

from pathlib import Path

import pytest

from config.schema import Gate
from tasks.domain.gates import Verdict
from tasks.domain.model import RepositoryName
from tasks.ports import Surroundings
from tests.adapters.gate_runner.conftest import Bench

API, WEB = RepositoryName("acme/api"), RepositoryName("acme/web")


@pytest.fixture
def other(tmp_path: Path) -> Path:
    made = tmp_path / "other"
    made.mkdir()
    (made / "README").write_text("other\n")
    return made


def test_a_gate_works_in_its_own_repository_and_sees_the_others_beside_it(bench: Bench, other: Path) -> None:
    command = 'cd "$MERGE_HUB_CHANGE_SET" && ls -d */* && cat */*/README && test "$OLDPWD" = "$PWD/acme/api"'
    around = Surroundings(API, {WEB: other})

    result = bench.runner.run(Gate(name="unit", command=command), bench.checkout, bench.log, None, around)

    assert (result.verdict, bench.log.read_text()) == (Verdict.PASSED, "acme/api\nacme/web\nhello\nother\n")


def test_what_a_gate_writes_there_is_gone_with_it(bench: Bench, other: Path) -> None:
    command = 'echo changed | tee README "$MERGE_HUB_CHANGE_SET"/acme/web/README >"$MERGE_HUB_CHANGE_SET/new"'
    around = Surroundings(API, {WEB: other})

    bench.runner.run(Gate(name="unit", command=command), bench.checkout, bench.log, None, around)

    assert [(each / "README").read_text() for each in (bench.checkout, other)] == ["hello\n", "other\n"]
    assert bench.beside == {"other"}


def test_a_gate_that_sees_nothing_of_others_has_no_such_directory(bench: Bench) -> None:
    assert bench.output("echo ${MERGE_HUB_CHANGE_SET-none}") == "none\n"


@pytest.mark.parametrize("name", ["acme/..", "../api", "acme", "/api", "acme/a/b"])
def test_no_name_of_a_repository_leads_elsewhere(bench: Bench, other: Path, name: str) -> None:
    around = Surroundings(API, {RepositoryName(name): other})

    with pytest.raises(ValueError, match="is not the name of a repository"):
        bench.runner.run(Gate(name="unit", command="true"), bench.checkout, bench.log, None, around)

    assert bench.beside == {"other"}
