from pathlib import Path

import pytest

from config.check import check
from config.errors import ConfigurationError, UnsetVariable
from config.loader import load
from config.settings import HubSettings, read_settings, resolve, unset_variables
from tests.config.conftest import Write

NOTIFIED = """
organization: {name: AcmeCorp}
notifications:
  slack: {webhook: "${SLACK}"}
  email: {smtp_server: "${HOST}:${PORT}", recipients: [ops@example.org, "${HOST}@example.org"]}
audit:
  enabled: %s
  storage: {type: s3, bucket: "${BUCKET}", region: eu-central-1}
"""
GATED = "team: {name: team-a, repos: [acme/a]}\ngates: [{name: tests, command: 'test ${CI}'}]\n"


def test_an_empty_environment_is_enough() -> None:
    assert read_settings({}) == HubSettings(
        home=Path(".merge-hub"),
        config_directory=Path("config"),
        github_api_url="https://api.github.com",
        git_url="https://github.com/{repository}.git",
    )


def test_an_empty_variable_counts_as_unset() -> None:
    assert read_settings({"MERGE_HUB_GIT_URL": "", "GITHUB_TOKEN": "", "MERGE_HUB_HOME": ""}) == HubSettings()


def test_the_environment_decides() -> None:
    settings = read_settings(
        {
            "MERGE_HUB_HOME": "/srv/hub",
            "MERGE_HUB_CONFIG_DIR": "/etc/merge-hub",
            "MERGE_HUB_GITHUB_API_URL": "http://127.0.0.1:8080/",
            "MERGE_HUB_GIT_URL": "file:///srv/git/{repository}.git",
        }
    )

    assert (settings.home, settings.config_directory, settings.github_api_url, settings.git_url) == (
        Path("/srv/hub"),
        Path("/etc/merge-hub"),
        "http://127.0.0.1:8080",
        "file:///srv/git/{repository}.git",
    )


def test_the_token_is_never_printed() -> None:
    settings = read_settings({"GITHUB_TOKEN": "hunter2"})

    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("MERGE_HUB_GIT_URL", "https://github.com/acme/a.git", "names no repository"),
        ("MERGE_HUB_GIT_URL", "ssh://git@github.com/{repository}", "is no address that can be used"),
        ("MERGE_HUB_GIT_URL", "ext::sh -c hunter2 {repository}", "is no address that can be used"),
        ("MERGE_HUB_GIT_URL", "https://hub:hunter2@example.org/{repository}", "holds a user or a password"),
        ("MERGE_HUB_GIT_URL", "https://[hunter2/{repository}", "is no address"),
        ("MERGE_HUB_GITHUB_API_URL", "api.github.com", "is no address that can be used"),
        ("MERGE_HUB_GITHUB_API_URL", "file:///hunter2", "is no address that can be used"),
        ("MERGE_HUB_GITHUB_API_URL", "https://", "is no address that can be used"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_not_repeated(name: str, value: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        read_settings({name: value})

    assert f"environment {name}: {message}" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_every_reference_is_replaced() -> None:
    assert resolve("${HOST}:${PORT}", {"HOST": "mail", "PORT": "25"}) == "mail:25"


def test_what_a_variable_holds_is_not_resolved_again() -> None:
    assert resolve("${A}", {"A": "${B}", "B": "x"}) == "${B}"


@pytest.mark.parametrize("environ", [{}, {"SLACK": ""}])
def test_an_unset_or_empty_variable_is_not_an_empty_text(environ: dict[str, str]) -> None:
    with pytest.raises(UnsetVariable) as refusal:
        resolve("${SLACK}", environ, key="notifications.slack.webhook")

    assert (str(refusal.value), refusal.value.remedy) == (
        "environment variable SLACK is not set, which notifications.slack.webhook needs",
        "set SLACK in the environment of the process that runs merge-hub",
    )


def test_every_place_that_needs_a_variable_is_known(write: Write) -> None:
    references = load(write({"global.yml": NOTIFIED % "true"})).references

    assert [(each.variable, each.file, each.line, each.column, each.key) for each in references] == [
        ("SLACK", "global.yml", 4, 11, "notifications.slack.webhook"),
        ("HOST", "global.yml", 5, 11, "notifications.email.smtp_server"),
        ("PORT", "global.yml", 5, 11, "notifications.email.smtp_server"),
        ("HOST", "global.yml", 5, 73, "notifications.email.recipients[1]"),
        ("BUCKET", "global.yml", 8, 23, "audit.storage.bucket"),
    ]


def test_a_run_and_the_check_tell_the_same_of_a_variable_that_is_not_set(write: Write) -> None:
    directory = write({"global.yml": NOTIFIED % "true"})
    warnings = {warning for warning in check(directory, {}).warnings if "needs" in warning.message}

    assert warnings == set(unset_variables(load(directory).references, {}))


def test_what_is_not_enabled_needs_no_variable(write: Write) -> None:
    references = load(write({"global.yml": NOTIFIED % "false"})).references

    assert "BUCKET" not in {each.variable for each in references}


def test_the_variables_of_a_gates_shell_are_its_own(write: Write) -> None:
    assert load(write({"teams/team-a.yml": GATED})).references == ()
