"""The token goes to the code host and nowhere else."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.schema import MergeMethod
from tasks.adapters.git import GitCodeStore
from tasks.domain.errors import (
    CredentialsRejected,
    GitError,
    GitUnreachable,
    MergeHubError,
    RepositoryMissing,
)
from tasks.domain.land import BaseMoved, Pushed
from tasks.domain.merging import Merged
from tests.adapters.git.conftest import World
from tests.adapters.git.remote import REPOSITORY, change, git
from tests.adapters.git.smart_http import SmartHttp, serving

TOKEN = "ghs_T0kenThatMustNotLeak"


@pytest.fixture
def host(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmartHttp]:
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    git(world.remote.path, "config", "http.receivepack", "true")
    with serving(world.place / "origin", TOKEN) as host:
        yield host


def store(world: World, host: SmartHttp, token: str | None = TOKEN) -> GitCodeStore:
    return GitCodeStore(world.place / "home", host.template, token, lambda _: REPOSITORY)


def refusal(world: World, host: SmartHttp, token: str | None = TOKEN) -> MergeHubError:
    with store(world, host, token).exclusively(REPOSITORY, "42") as mirror, pytest.raises(MergeHubError) as raised:
        mirror.fetch("main", [])
    return raised.value


def test_a_landing_over_http_with_a_token(world: World, host: SmartHttp) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base)
    with store(world, host).exclusively(REPOSITORY, "42") as mirror:
        base = mirror.fetch("main", [head])
        result = mirror.merge(base, change(head), MergeMethod.MERGE)
        assert isinstance(result, Merged)

        assert mirror.push("main", result.commit, expected=base) == Pushed(result.commit)
        assert mirror.push("main", result.commit, expected=base) == Pushed(result.commit)
        assert world.remote.tip() == result.commit


def test_a_base_that_moved_over_http(world: World, host: SmartHttp) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base)
    with store(world, host).exclusively(REPOSITORY, "42") as mirror:
        base = mirror.fetch("main", [head])
        moved = world.remote.commit({"z": "z"}, world.base, branch="main")

        assert mirror.push("main", head, expected=base) == BaseMoved(base, moved)


@pytest.mark.parametrize("token", [None, "", "wrong", "ghs_x y'\"$(date)"])
def test_a_token_that_is_missing_or_wrong_is_rejected(world: World, host: SmartHttp, token: str | None) -> None:
    error = refusal(world, host, token)

    assert isinstance(error, CredentialsRejected)
    assert "GITHUB_TOKEN" in error.remedy


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (403, CredentialsRejected),
        (404, RepositoryMissing),
        (429, GitUnreachable),
        (500, GitUnreachable),
        (503, GitUnreachable),
        (418, GitError),
    ],
)
def test_what_the_code_host_answers_is_told_apart(
    world: World, host: SmartHttp, answer: int, kind: type[MergeHubError]
) -> None:
    host.answers.append(answer)
    error = refusal(world, host)

    assert type(error) is kind
    assert error.remedy


def test_an_answer_that_breaks_off_is_retryable(world: World, host: SmartHttp) -> None:
    host.dropped = 9
    error = refusal(world, host)

    assert type(error) is GitUnreachable


def test_a_push_whose_answer_is_lost_is_unreachable_and_done_when_it_is_tried_again(
    world: World, host: SmartHttp
) -> None:
    head = world.remote.commit({"c": "c\n"}, world.base)
    with store(world, host).exclusively(REPOSITORY, "42") as mirror:
        base = mirror.fetch("main", [head])
        host.dropped = 9
        with pytest.raises(GitUnreachable):
            mirror.push("main", head, expected=base)
        host.dropped = 0

        assert mirror.push("main", head, expected=base) == Pushed(head)


def test_a_redirect_to_another_host_is_told_no_token(world: World, host: SmartHttp) -> None:
    with serving(world.place / "origin", TOKEN) as elsewhere:
        host.answers.append(f"http://127.0.0.1:{elsewhere.port}")
        error = refusal(world, host)

    assert elsewhere.requests
    assert isinstance(error, CredentialsRejected)


SPY = """\
#!/bin/sh
{ tr '\\0' '\\n' < /proc/$$/cmdline; echo; } >> %(place)s/arguments
case "$*" in *" fetch "*|*" push "*|*" ls-remote "*) where=near;; *) where=far;; esac
env >> %(place)s/environment-$where
exec %(git)s "$@"
"""


def test_the_token_is_in_no_argument_address_file_or_idle_environment(
    world: World, host: SmartHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    bin_directory = world.place / "bin"
    bin_directory.mkdir()
    (bin_directory / "git").write_text(SPY % {"place": world.place, "git": shutil.which("git")})
    (bin_directory / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_directory}:{os.environ['PATH']}")
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    head = world.remote.commit({"c": "c\n"}, world.base)
    with store(world, host).exclusively(REPOSITORY, "42") as mirror:
        base = mirror.fetch("main", [head])
        mirror.merge(base, change(head), MergeMethod.MERGE)
        mirror.push("main", head, expected=base)
        mirror.checkout(head, world.place / "home" / "checkout")

    assert "push" in (world.place / "arguments").read_text()
    assert TOKEN not in (world.place / "arguments").read_text()
    assert TOKEN in (world.place / "environment-near").read_text()
    assert TOKEN not in (world.place / "environment-far").read_text()
    assert not _files_with_token(world.place / "home")
    assert TOKEN not in "".join(host.requests)


def _files_with_token(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]


def test_a_remote_over_files_is_given_no_token(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.remote.hook("pre-receive", f"env > {world.place}/environment")
    head = world.remote.commit({"c": "c\n"}, world.base)
    with world.store(token=TOKEN).exclusively(REPOSITORY, "42") as mirror:
        base = mirror.fetch("main", [head])
        mirror.push("main", head, expected=base)

    assert TOKEN not in (world.place / "environment").read_text()


def test_a_code_host_that_repeats_the_token_does_not_get_it_into_an_error(world: World) -> None:
    world.remote.hook("pre-receive", f"echo 'rejected {TOKEN}'; exit 1")
    head = world.remote.commit({"c": "c\n"}, world.base)
    with world.store(token=TOKEN).exclusively(REPOSITORY, "42") as mirror:
        base = mirror.fetch("main", [head])
        reply = mirror.push("main", head, expected=base)

    assert "rejected ***" in str(reply)
    assert TOKEN not in str(reply)


def test_an_address_with_a_credential_in_it_is_refused_without_repeating_it(world: World) -> None:
    holding = GitCodeStore(
        world.place / "home", f"https://me:{TOKEN}@example.org/{{repository}}.git", None, lambda _: REPOSITORY
    )
    with holding.exclusively(REPOSITORY, "42") as mirror, pytest.raises(GitError) as raised:
        mirror.fetch("main", [])

    assert TOKEN not in raised.value.message + raised.value.remedy
    assert "MERGE_HUB_GIT_URL" in raised.value.remedy


def test_the_askpass_program_is_for_its_owner_alone(world: World, host: SmartHttp) -> None:
    with store(world, host).exclusively(REPOSITORY, "42") as mirror:
        mirror.fetch("main", [])
    program = world.place / "home" / "git" / "askpass"

    assert program.stat().st_mode & 0o777 == 0o700
    assert TOKEN not in program.read_text()
