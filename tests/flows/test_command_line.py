"""What a shell, a scheduler and a person see of the command."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from config.json_schemas import json_schemas

MERGE_HUB = str(Path(sys.executable).parent / "merge-hub")
NEEDED = {
    "GITHUB_TOKEN": "sandbox-app",
    "SLACK_WEBHOOK_ENTERPRISE": "http://127.0.0.1:1/x",
    "SMTP_SERVER": "127.0.0.1:1",
}


def merge_hub(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in NEEDED}
    return subprocess.run(
        [MERGE_HUB, *arguments],
        env=clean | {"MERGE_HUB_HOME": str(home)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "command",
    [(), ("run",), ("plan",), ("demo",), ("metrics",), ("simulate",), ("sandbox", "serve"), ("config", "check")],
)
def test_help_gives_an_example(command: tuple[str, ...], tmp_path: Path) -> None:
    told = merge_hub(*command, "--help", home=tmp_path)

    assert (told.returncode, "Example: merge-hub" in told.stdout) == (0, True)


def test_help_loads_neither_prefect_nor_pandas() -> None:
    heavy = ("prefect", "pandas", "github", "altair", "sqlalchemy", "pydantic", "yaml")
    program = (
        "import sys; sys.argv = ['merge-hub', '--help']\n"
        "from flows.cli import app\n"
        "app(standalone_mode=False)\n"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stderr.strip() == "[]"


def test_it_says_which_version_it_is(tmp_path: Path) -> None:
    told = merge_hub("--version", home=tmp_path)

    assert (told.returncode, told.stdout) == (0, f"merge-hub {version('merge-hub')}\n")


def test_a_command_that_is_misspelled_is_named(tmp_path: Path) -> None:
    told = merge_hub("pln", home=tmp_path)

    assert (told.returncode, "Did you mean 'plan'" in told.stderr) == (2, True)


def test_an_unknown_team_is_bad_usage_and_the_known_ones_are_named(tmp_path: Path) -> None:
    told = merge_hub("run", "--team", "nobody", "--json", home=tmp_path, **NEEDED)
    error = json.loads(told.stdout)["error"]

    assert (told.returncode, error["remedy"]) == (2, "choose one of all, team-a, team-b, team-c")


def test_an_unknown_repository_is_bad_usage(tmp_path: Path) -> None:
    told = merge_hub("run", "--team", "team-a", "--repository", "owner/nothing", home=tmp_path, **NEEDED)

    assert (told.returncode, told.stdout) == (2, "")
    assert "owner/service-auth" in told.stderr


def test_an_unknown_stage_is_bad_usage(tmp_path: Path) -> None:
    assert merge_hub("run", "--stage", "everything", home=tmp_path, **NEEDED).returncode == 2


def test_a_point_to_die_at_that_there_is_not_is_bad_usage(tmp_path: Path) -> None:
    told = merge_hub("run", home=tmp_path, **NEEDED, MERGE_HUB_CRASH_AT="after-everything")

    assert told.returncode == 2
    assert "`after-everything`, which is no crash point" in told.stderr


@pytest.mark.parametrize("arguments", [("run", "--stage", "bogus"), ("plan", "--nonsense"), ("explode",), ("run", "x")])
def test_bad_usage_is_one_json_document_where_json_is_asked_for(arguments: tuple[str, ...], tmp_path: Path) -> None:
    told = merge_hub(*arguments, "--json", home=tmp_path)
    error = json.loads(told.stdout)["error"]

    assert (told.returncode, error["code"], error["problems"]) == (2, "usage", [])
    assert error["message"] in told.stderr


def test_the_demo_takes_another_configuration_and_refuses_it_before_anything_is_started(tmp_path: Path) -> None:
    told = merge_hub("demo", "--json", "--config", str(tmp_path / "nowhere"), home=tmp_path / "home")

    assert (told.returncode, json.loads(told.stdout)["error"]["code"]) == (2, "usage")
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    "command",
    [
        ("run",),
        ("plan",),
        ("demo",),
        ("metrics",),
        ("simulate",),
        ("sandbox", "serve"),
        ("config", "check"),
        ("config", "schema"),
    ],
)
def test_every_command_has_json_and_config(command: tuple[str, ...], tmp_path: Path) -> None:
    told = merge_hub(*command, "--help", home=tmp_path)

    assert ("--json" in told.stdout, "--config" in told.stdout) == (True, True)


@pytest.mark.parametrize("command", ["run", "plan", "demo", "metrics"])
def test_a_home_in_which_nothing_can_be_kept_is_told_with_what_to_do(command: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    home = tmp_path / "file" / "home"

    told = merge_hub(command, "--json", home=home, **NEEDED)
    error = json.loads(told.stdout)["error"]

    assert (told.returncode, error["code"]) == (1, "home-unusable")
    assert (str(tmp_path / "file") in error["message"], "MERGE_HUB_HOME" in error["remedy"]) == (True, True)


def test_every_variable_that_is_needed_and_unset_is_named_before_anything_is_done(tmp_path: Path) -> None:
    told = merge_hub("run", "--json", home=tmp_path / "home")
    problems = json.loads(told.stdout)["error"]["problems"]

    assert told.returncode == 2
    assert {name for name in NEEDED for problem in problems if name in problem["remedy"]} == set(NEEDED)
    assert not (tmp_path / "home").exists()


def test_a_plan_needs_no_secret_but_the_token(tmp_path: Path) -> None:
    told = merge_hub("plan", home=tmp_path / "home")

    assert told.stderr.splitlines()[0] == (
        "environment GITHUB_TOKEN: is not set, and the code host asks for it; "
        "set GITHUB_TOKEN in the environment of the process that runs merge-hub"
    )


def test_a_configuration_that_is_not_there_is_refused_with_a_remedy(tmp_path: Path) -> None:
    told = merge_hub("run", "--json", "--config", str(tmp_path / "nowhere"), home=tmp_path, **NEEDED)
    document = json.loads(told.stdout)

    assert (told.returncode, bool(document["error"]["problems"][0]["remedy"])) == (2, True)


def test_a_mistake_is_told_with_file_line_key_and_remedy(tmp_path: Path) -> None:
    (tmp_path / "teams").mkdir()
    (tmp_path / "global.yml").write_text("organization:\n  name: Acme\n", "utf-8")
    (tmp_path / "teams" / "web.yml").write_text("team:\n  name: web\n  repos: [acme/web]\ngate: []\n", "utf-8")
    told = merge_hub("config", "check", "--json", "--config", str(tmp_path), home=tmp_path)
    (error,) = json.loads(told.stdout)["errors"]

    assert told.returncode == 2
    assert (error["file"], error["line"], error["key"]) == ("teams/web.yml", 4, "gate")
    assert "gates" in error["remedy"]


def test_the_shipped_configuration_is_usable(tmp_path: Path) -> None:
    told = merge_hub("config", "check", "--json", home=tmp_path)

    assert (told.returncode, json.loads(told.stdout)["usable"]) == (0, True)


def test_the_schemas_are_printed_for_editors(tmp_path: Path) -> None:
    assert json.loads(merge_hub("config", "schema", home=tmp_path).stdout) == json_schemas()
