import hashlib
import json
import os
from pathlib import Path

import pytest

from config.errors import ConfigurationError
from config.loader import digest_of_files, load, load_policies
from config.schema import BASELINE_POLICIES
from tests.config.conftest import Write

POLICY = "apiVersion: merge-hub/v1\nkind: Policy\nmetadata: {name: %s, owner: security}\nrules:\n"
RULE = "  - {id: %s, title: A rule, check: gates, severity: high}\n"


def test_a_name_and_a_team_are_enough(write: Write) -> None:
    assert load(write({})).team_names == ("team-a",)


def test_teams_are_sorted_by_name_not_by_file(write: Write) -> None:
    directory = write({"teams/a-file.yaml": "team: {name: team-z, repos: [acme/z]}\n"})

    assert load(directory).team_names == ("team-a", "team-z")


def test_json_is_read_like_yaml(write: Write) -> None:
    team = json.dumps({"team": {"name": "team-a", "repos": ["acme/a"]}, "stage": "gate"}, indent="\t")

    assert load(write({"teams/team-a.yml": team})).team("team-a").stage == "gate"


def test_without_policies_the_baseline_holds(write: Write) -> None:
    assert load(write({})).policies == BASELINE_POLICIES


def test_an_empty_directory_of_policies_is_not_no_policy(write: Write) -> None:
    directory = write({})
    (directory / "policies").mkdir()

    assert load(directory).policies == BASELINE_POLICIES


def test_own_policies_replace_the_baseline(write: Write) -> None:
    directory = write({"policies/security.yml": POLICY % "security" + RULE % "SEC-001"})

    assert [rule.id for policy in load(directory).policies for rule in policy.rules] == ["SEC-001"]


OWN = """\
team: {name: team-a, repos: [acme/service-auth]}
policies:
  rules:
    - {id: SEC-001, title: T, check: gates, severity: %s}
"""


def test_policies_to_try_are_read_with_what_teams_have_in_their_place(write: Write) -> None:
    written = POLICY % "security" + RULE % "SEC-001"
    directory = write({"policies/security.yml": written, "teams/team-a.yml": OWN % "critical"})

    read = [rule.when.teams if rule.when else () for policy in load_policies(directory) for rule in policy.rules]
    assert read == [(), ("team-a",)]


def test_policies_to_try_that_a_team_loosened_are_refused(write: Write) -> None:
    written = POLICY % "security" + RULE % "SEC-001"
    directory = write({"policies/security.yml": written, "teams/team-a.yml": OWN % "low"})

    with pytest.raises(ConfigurationError, match="a team may tighten a rule, never loosen it"):
        load_policies(directory)


def test_references_stay_as_they_are_written(write: Write) -> None:
    text = "organization: {name: AcmeCorp}\nnotifications: {slack: {webhook: '${SLACK}'}}\n"
    slack = load(write({"global.yml": text})).global_.notifications.slack

    assert slack is not None
    assert slack.webhook == "${SLACK}"


def test_the_digest_is_what_sha256sum_says(write: Write) -> None:
    directory = write({})
    names = ["global.yml", "teams/team-a.yml"]
    listing = "".join(f"{hashlib.sha256((directory / name).read_bytes()).hexdigest()}  {name}\n" for name in names)

    assert load(directory).digest == f"sha256:{hashlib.sha256(listing.encode()).hexdigest()}"


def test_the_digest_covers_names_as_well_as_bytes() -> None:
    assert digest_of_files({"teams/a.yml": b"x"}) != digest_of_files({"teams/b.yml": b"x"})


def test_hidden_files_and_code_are_no_part_of_the_configuration(write: Write) -> None:
    before = load(write({})).digest

    assert load(write({".gitignore": "x", "teams/.swp": "x", "loader.py": "x", "README.md": "x"})).digest == before


def test_errors_of_every_file_are_told_at_once(write: Write) -> None:
    directory = write(
        {
            "global.yml": "organisation: {name: AcmeCorp}\n",
            "teams/team-a.yml": "team: {name: team-a, repos: []}\n",
            "teams/team-b.yml": "team: {name: team-b\n",
            "policies/security.yml": "",
            "access.yml": "teams: []\n",
        }
    )

    with pytest.raises(ConfigurationError) as refusal:
        load(directory)

    files = {problem.file for problem in refusal.value.problems}
    assert files == {"global.yml", "teams/team-a.yml", "teams/team-b.yml", "policies/security.yml", "access.yml"}


def test_a_team_that_cannot_be_read_is_not_called_unknown(write: Write) -> None:
    directory = write({"teams/team-b.yml": "team: [", "access.yml": "teams: {team-b: {approvers: [bob]}}\n"})

    with pytest.raises(ConfigurationError) as refusal:
        load(directory)

    assert {problem.file for problem in refusal.value.problems} == {"teams/team-b.yml"}


def test_a_missing_directory_is_told_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load(tmp_path / "nowhere")

    assert (
        str(refusal.value)
        == f"{tmp_path}/nowhere: there is no such directory; name the configuration with --config DIR"
    )


def test_a_link_that_leads_nowhere_is_told(write: Write) -> None:
    directory = write({})
    (directory / "teams" / "team-b.yml").symlink_to("gone.yml")

    with pytest.raises(ConfigurationError, match=r"teams/team-b\.yml: is no regular file"):
        load(directory)


def test_policies_that_lead_nowhere_are_not_left_out(write: Write) -> None:
    directory = write({})
    (directory / "policies").symlink_to("gone")

    with pytest.raises(ConfigurationError, match="policies: is no directory"):
        load(directory)


def test_a_pipe_is_refused_not_waited_for(write: Write) -> None:
    directory = write({})
    os.mkfifo(directory / "teams" / "team-b.yml")

    with pytest.raises(ConfigurationError, match=r"teams/team-b\.yml: is no regular file"):
        load(directory)


def test_a_name_that_is_no_text_can_still_be_told(write: Write) -> None:
    directory = write({})
    Path(os.fsdecode(os.fsencode(directory) + b"/teams/team-\xff.yml")).write_text("", encoding="utf-8")

    with pytest.raises(ConfigurationError, match=r"teams/team-\\xff\.yml:1:1: is empty"):
        load(directory)


def test_problems_stand_in_the_order_of_reading(write: Write) -> None:
    directory = write({"teams/team-a.yml": "zebra: 1\nteam: {name: team-a, repos: [acme/a]}\nant: 1\n"})

    with pytest.raises(ConfigurationError) as refusal:
        load(directory)

    assert [(problem.line, problem.key) for problem in refusal.value.problems] == [(1, "zebra"), (3, "ant")]
