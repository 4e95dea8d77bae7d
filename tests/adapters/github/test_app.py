"""A GitHub App: tokens of an hour, with what is needed and no more, made anew before they end."""

from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from tasks.adapters.clock import SystemClock
from tasks.adapters.credentials import AppTokens
from tasks.adapters.github import GitHubCodeHost
from tasks.domain.errors import CredentialsRejected, CredentialUnavailable
from tests.adapters.github.world import ORGANIZATION, World


class Watch:
    """A clock that a test turns."""

    ahead = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead


def pair() -> tuple[SecretStr, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return SecretStr(private.decode()), public.decode()


@pytest.fixture(scope="module")
def keys() -> tuple[SecretStr, str]:
    return pair()


@pytest.fixture
def installed(world: World, keys: tuple[SecretStr, str]) -> World:
    world.tell(app={"public_key": keys[1]})
    return world


def test_what_is_read_is_read_by_a_token_that_can_write_nothing(installed: World, keys: tuple[SecretStr, str]) -> None:
    repository = installed.repository()
    tokens = AppTokens(installed.api_url, 1, keys[0], ORGANIZATION, SystemClock())
    snapshot = GitHubCodeHost(installed.api_url, tokens).snapshot(repository.name, "main")

    assert snapshot.repository == repository.name
    assert tokens.reading().startswith("ghs_")
    assert tokens.reading() == tokens.reading()
    assert len({tokens.reading(), tokens.fetching(repository.identifier), tokens.writing(repository.identifier)}) == 3


def test_a_token_is_made_anew_before_it_ends(installed: World, keys: tuple[SecretStr, str]) -> None:
    watch = Watch()
    tokens = AppTokens(installed.api_url, 1, keys[0], ORGANIZATION, watch)
    first = tokens.reading()
    watch.ahead = timedelta(minutes=50)
    still = tokens.reading()
    watch.ahead = timedelta(minutes=56)

    assert first == still
    assert tokens.reading() != first


def test_a_key_that_is_not_the_app_s_is_refused(installed: World) -> None:
    other, _ = pair()

    with pytest.raises(CredentialsRejected, match="does not know the GitHub App"):
        AppTokens(installed.api_url, 1, other, ORGANIZATION, SystemClock()).reading()


def test_what_is_no_key_is_refused_before_anything_is_asked(installed: World) -> None:
    with pytest.raises(CredentialUnavailable, match="the private key of the GitHub App is none"):
        AppTokens(installed.api_url, 1, SecretStr("ghp_not_a_key"), ORGANIZATION, SystemClock())


def test_an_organization_without_the_app_is_named(installed: World, keys: tuple[SecretStr, str]) -> None:
    with pytest.raises(CredentialUnavailable, match="is not installed for nowhere"):
        AppTokens(installed.api_url, 1, keys[0], "nowhere", SystemClock()).reading()


def test_the_installation_is_found_however_many_there_are(installed: World, keys: tuple[SecretStr, str]) -> None:
    installed.tell(orgs=[f"other-{number}" for number in range(101)], users=["zoe"])
    installed.tell(orgs=["the-last-one"])
    tokens = AppTokens(installed.api_url, 1, keys[0], "The-Last-One", SystemClock())

    assert tokens.reading().startswith("ghs_")
