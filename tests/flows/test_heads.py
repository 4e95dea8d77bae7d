"""A head that cannot be worked with is its own pull request's matter: the others land."""

import shutil
from pathlib import Path

import pytest

from tests.flows.hub import Hub
from tests.flows.world import PullRequest, Repository


@pytest.fixture
def api(hub: Hub) -> Repository:
    repository = hub.organization.repository("api")
    hub.config.team("team-a", repository)
    return repository


def vanishes_before_the_fetch(hub: Hub, folder: Path, pull_request: PullRequest) -> None:
    """Between the code host's answer and git's: the branch is deleted, and the host has tidied up."""
    directory, git = pull_request.repository.directory, shutil.which("git")
    wrapper = folder / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(
        f'#!/bin/sh\ncase " $* " in *" fetch --quiet --no-tags --no-write-fetch-head "*)\n'
        f"for ref in refs/heads/{pull_request.branch} refs/pull/{pull_request.number}/head; do\n"
        f'{git} --git-dir={directory} update-ref -d "$ref"\ndone\n{git} --git-dir={directory} prune --expire=now\n'
        f'esac\nexec {git} "$@"\n'
    )
    wrapper.chmod(0o755)
    hub.environment["PATH"] = f"{wrapper.parent}:{hub.environment['PATH']}"


def reach_into_git(repository: Repository, branch: str, path: str) -> None:
    """A branch whose commit holds `path` beside what `main` holds, as no porcelain of git would write it."""
    entry, kind = repository.git("hash-object", "-w", "--stdin", stdin=b"touch /tmp/owned\n").strip(), "100755 blob"
    *folders, top = reversed(path.split("/"))
    for name in folders:
        entry, kind = repository.git("mktree", stdin=f"{kind} {entry}\t{name}\n".encode()).strip(), "040000 tree"
    listing = f"{kind} {entry}\t{top}\n" + repository.git("ls-tree", "main")
    tree = repository.git("mktree", stdin=listing.encode()).strip()
    person = "Alice <alice@example.org> 1740992400 +0000"
    commit = f"tree {tree}\nparent {repository.tip()}\nauthor {person}\ncommitter {person}\n\nSurprise\n"
    repository.point(
        branch, repository.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=commit.encode()).strip()
    )


def test_a_head_that_vanishes_before_it_is_fetched_holds_its_own_pull_request_only(
    hub: Hub, api: Repository, tmp_path: Path
) -> None:
    gone, fine = api.pull_request("gone"), api.pull_request("fine")
    behind = api.pull_request("behind", depends_on=[f"#{gone.number}"])
    path = hub.environment["PATH"]
    vanishes_before_the_fetch(hub, tmp_path, gone)

    run = hub.run()
    hub.environment["PATH"] = path
    api.commit("gone", {"gone.txt": "again\n"})
    gone.edit(state="open")
    gone.approve("bob")
    after = hub.run()

    assert run.error(api) is None
    assert run.told(gone, fine, behind) == ["held: changed-meanwhile", "merged", "held: dependency-held"]
    assert "is gone from the code host" in run.messages(gone)[0]
    assert after.told(gone, behind) == ["merged", "merged"]


def test_a_pull_request_that_reaches_into_git_is_refused_and_the_others_land(hub: Hub, api: Repository) -> None:
    reach_into_git(api, "evil", ".GIT/hooks/post-checkout")
    evil, fine = api.pull_request("evil"), api.pull_request("fine")

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.error(api) is None
    assert run.told(evil, fine) == ["refused: path-forbidden", "merged"]
    assert run.messages(evil) == ["holds what cannot be checked out: .GIT/hooks/post-checkout"]
    assert again.told(evil) == ["refused: path-forbidden"]
    assert hub.traces() == kept
    assert [path for path in hub.home.rglob("post-checkout") if path.is_file()] == []
