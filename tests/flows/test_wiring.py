from pathlib import Path

import pytest

from config.errors import ConfigurationError
from config.schema import Stage
from flows import wiring

GLOBAL = """
organization: {name: Acme}
notifications:
  email: {smtp_server: "127.0.0.1:1", recipients: ["${AUDITORS}", someone@acme.example]}
"""


@pytest.fixture
def organization(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    (tmp_path / "config" / "teams").mkdir(parents=True)
    (tmp_path / "config" / "global.yml").write_text(GLOBAL, "utf-8")
    (tmp_path / "config" / "teams" / "web.yml").write_text("team: {name: web, repos: [acme/web]}\n", "utf-8")
    monkeypatch.setenv("MERGE_HUB_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("MERGE_HUB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GITHUB_TOKEN", "sandbox-app")
    return monkeypatch


def test_addresses_kept_in_the_environment_are_read_for_a_run(organization: pytest.MonkeyPatch) -> None:
    organization.setenv("AUDITORS", "auditors@acme.example")
    with wiring.begin_run(Stage.MERGE) as run:
        email = run.configuration.global_.notifications.email

    assert email is not None
    assert email.recipients == ("auditors@acme.example", "someone@acme.example")


def test_a_run_does_not_begin_before_all_that_it_needs_is_set_and_says_at_once_what_is_not(
    organization: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    organization.delenv("AUDITORS", raising=False)
    organization.delenv("GITHUB_TOKEN")

    with pytest.raises(ConfigurationError) as refusal, wiring.begin_run(Stage.MERGE):
        pass

    assert [(problem.file, problem.key, problem.message) for problem in refusal.value.problems] == [
        ("environment", "GITHUB_TOKEN", "is not set, and the code host asks for it"),
        (
            "global.yml",
            "notifications.email.recipients[0]",
            "needs the environment variable AUDITORS, which is not set",
        ),
    ]
    assert not (tmp_path / "home").exists()


def test_a_plan_needs_no_address(organization: pytest.MonkeyPatch) -> None:
    organization.delenv("AUDITORS", raising=False)
    with wiring.begin_run(Stage.OBSERVE) as run:
        mail = run.services.mail

    assert mail is None


def test_a_gate_that_cannot_be_without_network_is_refused_before_anything_is_done(
    organization: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    organization.setenv("AUDITORS", "auditors@acme.example")
    organization.setattr(wiring, "can_do_without_network", lambda: False)  # as on a machine without namespaces
    team = tmp_path / "config" / "teams" / "web.yml"
    team.write_text(
        "team: {name: web, repos: [acme/web]}\ngates:\n- {name: a, command: b}\n- name: tests\n  command: b\n"
        "  network: none\n",
        "utf-8",
    )

    with pytest.raises(ConfigurationError) as refusal, wiring.begin_run(Stage.MERGE):
        pass

    (problem,) = refusal.value.problems
    assert (problem.file, problem.line, problem.key) == ("teams/web.yml", 6, "gates[1].network")
    assert problem.message == (
        "is `none`, and this machine does not allow network namespaces: the gate could reach everything"
    )
    assert not (tmp_path / "home").exists()
