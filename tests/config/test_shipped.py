"""The configuration that stands in `config/`: the mission's own files, and others in their spirit."""

import shutil
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest

import config
from config.check import check
from config.json_schemas import json_schemas, rendered
from config.loader import load
from config.yaml12 import parse

SHIPPED = Path(config.__file__).parent
DEMO = SHIPPED.parent / "deployments" / "sandbox" / "config"
MISSION = Path(__file__).parent / "mission"
ENVIRONMENT = {
    "GITHUB_TOKEN": "sandbox-app",
    "SLACK_WEBHOOK_ENTERPRISE": "https://hooks.example.org",
    "SMTP_SERVER": "mail.example.org",
}
SCHEMAS = {"access.yml": "access", "global.yml": "global", "policies/*.yml": "policy", "teams/*.yml": "team"}


@pytest.mark.parametrize(("ours", "mission"), [("global.yml", "global.yml"), ("teams/team-a.yml", "team-a.yml")])
def test_the_missions_files_stand_byte_for_byte(ours: str, mission: str) -> None:
    assert (SHIPPED / ours).read_bytes() == (MISSION / mission).read_bytes()


def test_the_missions_three_files_load_together(tmp_path: Path) -> None:
    (tmp_path / "teams").mkdir()
    shutil.copy(MISSION / "global.yml", tmp_path)
    shutil.copy(MISSION / "access.yml", tmp_path)
    shutil.copy(MISSION / "team-a.yml", tmp_path / "teams")
    team_b = "team: {name: team-b, repos: [owner/service-api, owner/service-data]}\n"
    (tmp_path / "teams" / "team-b.yml").write_text(team_b, encoding="utf-8")

    configuration = load(tmp_path)

    assert configuration.approvers_for(configuration.team("team-a")) == frozenset({"alice", "bob"})


def test_the_shipped_configuration_is_sound_but_for_what_has_no_effect_yet() -> None:
    report = check(SHIPPED, ENVIRONMENT)

    assert report.problems == ()
    assert [(warning.file, warning.key) for warning in report.warnings if "no effect yet" in warning.message] == [
        ("global.yml", "organization.compliance"),
    ]
    assert len(report.warnings) == 3


def test_the_demo_s_configuration_is_sound() -> None:
    report = check(DEMO, ENVIRONMENT)

    assert (report.problems, report.warnings) == ((), ())


def test_every_team_and_its_repositories_are_there() -> None:
    configuration = load(SHIPPED)

    assert {team.name: configuration.repositories_of(team) for team in configuration.teams} == {
        "team-a": ("owner/service-auth", "owner/service-users"),
        "team-b": ("owner/service-api", "owner/service-data"),
        "team-c": ("owner/web-portal", "owner/mobile-app"),
    }


def test_every_rule_says_which_control_it_is_evidence_for() -> None:
    rules = [rule for policy in load(SHIPPED).policies for rule in policy.rules]

    assert [rule.id for rule in rules if not rule.controls] == []


@pytest.mark.parametrize("name", sorted(json_schemas()))
def test_the_generated_schemas_are_up_to_date(name: str) -> None:
    """Otherwise: `python -m config.json_schemas`."""
    assert (SHIPPED / "schemas" / name).read_text(encoding="utf-8") == rendered(json_schemas()[name])


def test_no_schema_is_left_over() -> None:
    assert {path.name for path in (SHIPPED / "schemas").iterdir()} == set(json_schemas())


@pytest.mark.parametrize(("pattern", "schema"), SCHEMAS.items())
def test_the_shipped_files_match_their_schemas(pattern: str, schema: str) -> None:
    validator = jsonschema.Draft202012Validator(json_schemas()[f"{schema}.schema.json"])
    files = list(SHIPPED.glob(pattern))

    errors = [error.message for file in files for error in validator.iter_errors(parse(file.read_bytes()).value)]

    assert (bool(files), errors) == (True, [])


@pytest.mark.parametrize("name", sorted(json_schemas()))
def test_every_key_is_described(name: str) -> None:
    schema = json_schemas()[name]
    sections = [schema, *schema["$defs"].values()]

    keys = [(key, value) for section in sections for key, value in section.get("properties", {}).items()]

    assert [key for key, value in keys if "description" not in value] == []
