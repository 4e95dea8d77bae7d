import pytest

from config.check import check
from config.errors import UnsetVariable
from config.loader import load
from config.needs import resolve, unset_variables
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
