from pathlib import Path

import pytest

from config.errors import ConfigurationError
from config.settings import HubSettings, read_settings


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
