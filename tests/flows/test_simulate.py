"""`merge-hub simulate`, as a shell, another program and a person meet it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tasks.domain.simulation.population import population

MERGE_HUB = str(Path(sys.executable).parent / "merge-hub")


def simulate(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([MERGE_HUB, "simulate", *arguments], capture_output=True, text=True, check=False)


def document(*arguments: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(simulate("--json", *arguments).stdout)
    return told


def test_without_options_the_six_strategies_are_compared() -> None:
    told = document()

    assert [each["name"] for each in told["strategies"]] == [
        "serial",
        "halving",
        "tide",
        "window",
        "k-ary",
        "merge-hub",
    ]
    assert {each["merged"] + each["refused"] for each in told["strategies"]} == {100}


def test_programs_find_every_key_that_is_promised() -> None:
    told = document("--strategy", "merge-hub", "--flake", "0.02", "--repetitions", "2")
    (hub,) = told["strategies"]

    assert {"name", "evaluations_per_pull_request", "makespan", "merged", "false_refusals"} <= hub.keys()
    assert hub["confirmations_per_pull_request"] > 0
    assert (told["repetitions"], told["optimal_nested"] > told["entropy_bound"] > 0) == (2, True)


def test_whoever_is_bad_in_the_population_of_the_seed_is_refused() -> None:
    (serial,) = document("--strategy", "serial", "--seed", "3", "--bad", "0.2", "--count", "50")["strategies"]

    assert serial["refused"] == len(population(50, 0.2, 0, seed=3).bad)


def test_the_same_seed_says_the_same_and_another_one_something_else() -> None:
    first, again, other = (simulate("--json", "--seed", seed).stdout for seed in ("1", "1", "2"))

    assert first == again != other


def test_a_queue_of_a_working_day_waits_longer_than_a_steady_one_with_as_many() -> None:
    said = ("--strategy", "serial", "--count", "400", "--arrivals", "0.5")

    (steady,), daily = document(*said)["strategies"], document(*said, "--peak", "2.5")

    assert daily["load"]["day"] == {"gate_times": 144, "peak_begins": 9, "peak_ends": 17, "peak": 2.5}
    assert daily["strategies"][0]["wait_median"] > 4 * steady["wait_median"]


@pytest.mark.parametrize("hours", ["9-x", "9", "", "-", "17-9"])
def test_hours_that_are_none_are_bad_usage(hours: str) -> None:
    told = simulate("--arrivals", "1", "--peak", "2", "--peak-hours", hours)

    assert (told.returncode, "must be two hours of one day, such as 9-17" in told.stderr) == (2, True)


def test_people_get_one_table_with_what_is_possible_below() -> None:
    told = simulate("--strategy", "merge-hub", "--strategy", "window", "--slots", "5")
    lines = told.stdout.splitlines()

    assert [line.split()[0] for line in lines[2:6]] == ["merge-hub", "window", "optimal", "entropy"]
    assert lines[-1].startswith("100 pull requests, 5 % of them bad, batches of 10, slots: 5; one population of seed 0")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--bad", "nan"), "--bad is nan and must be from 0 to 1"),
        (("--plot", "frontier.gif"), "--plot is frontier.gif and must end with .png or .svg"),
        (("--plot", "nowhere/frontier.svg"), "--plot is nowhere/frontier.svg, and there is no directory nowhere"),
    ],
)
def test_what_cannot_be_simulated_is_bad_usage_and_told_in_a_sentence(
    arguments: tuple[str, ...], sentence: str
) -> None:
    told = simulate("--json", *arguments)
    error = json.loads(told.stdout)["error"]

    assert (told.returncode, error["code"], bool(error["remedy"])) == (2, "usage", True)
    assert sentence in error["message"]
    assert sentence in told.stderr


def test_everything_that_is_wrong_is_told_at_once() -> None:
    told = simulate("--bad", "2", "--count", "0", "--strategy", "luck")

    assert (told.returncode, told.stdout) == (2, "")
    assert [word in told.stderr for word in ("--bad", "--count", "luck")] == [True] * 3


@pytest.mark.parametrize(("suffix", "beginning"), [("svg", b"<svg"), ("PNG", b"\x89PNG")])
def test_a_chart_is_drawn_where_it_is_asked_for(suffix: str, beginning: bytes, tmp_path: Path) -> None:
    file = tmp_path / f"frontier.{suffix}"

    told = simulate("--count", "20", "--plot", str(file))

    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, f"Chart:     {file}")
    assert file.read_bytes().startswith(beginning)


def test_it_runs_without_prefect_and_draws_nothing_unless_asked() -> None:
    program = (
        "import sys; sys.argv = ['merge-hub', 'simulate', '--json', '--count', '5']\n"
        "from flows.cli import app\n"
        "app(standalone_mode=False)\n"
        "print([name for name in ('prefect', 'pandas', 'github', 'altair') if name in sys.modules], file=sys.stderr)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stderr.strip() == "[]"
