from pathlib import Path

import pytest

from config.errors import UnsetVariable
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


def test_a_run_without_an_address_that_it_needs_does_not_begin(organization: pytest.MonkeyPatch) -> None:
    organization.delenv("AUDITORS", raising=False)

    with pytest.raises(UnsetVariable, match="AUDITORS"), wiring.begin_run(Stage.MERGE):
        pass


def test_a_plan_needs_no_address(organization: pytest.MonkeyPatch) -> None:
    organization.delenv("AUDITORS", raising=False)
    with wiring.begin_run(Stage.OBSERVE) as run:
        mail = run.services.mail

    assert mail is None
