import secrets
import time
from pathlib import Path
from typing import Any

import pytest


def commit(run_git: Any, clone: Path, name: str) -> str:
    (clone / name).write_text(secrets.token_hex(8))
    run_git(clone, "add", ".")
    run_git(clone, "commit", "--quiet", "-m", f"Change {name}")
    sha: str = run_git(clone, "rev-parse", "HEAD")
    return sha


def over_http(repo: Any, login: str = "alice") -> str:
    address = repo.alice.server.url.removeprefix("http://")
    return f"http://x-access-token:sandbox-{login}@{address}/{repo.name}.git"


def test_a_push_over_file_moves_the_head_at_once(repo: Any, run_git: Any) -> None:
    number = repo.pull()
    clone = repo.clone()
    run_git(clone, "checkout", "--quiet", "topic-1")
    sha = commit(run_git, clone, "more.txt")

    run_git(clone, "push", "--quiet", "origin", "topic-1")

    assert repo.show(number)["head"]["sha"] == sha
    assert run_git(repo.directory, "rev-parse", f"refs/pull/{number}/head") == sha


def test_the_push_hook_keeps_the_pull_request_reference_without_any_read(repo: Any, run_git: Any) -> None:
    number = repo.pull()
    clone = repo.clone()
    run_git(clone, "checkout", "--quiet", "topic-1")
    sha = commit(run_git, clone, "more.txt")

    run_git(clone, "push", "--quiet", "origin", "topic-1")

    assert run_git(repo.directory, "rev-parse", f"refs/pull/{number}/head") == sha


def test_pushing_the_head_into_the_base_marks_the_pull_request_merged(repo: Any, run_git: Any) -> None:
    number = repo.pull()
    clone = repo.clone()
    run_git(clone, "merge", "--quiet", "--no-ff", "-m", "Merge by hand", "origin/topic-1")
    run_git(clone, "push", "--quiet", "origin", "main")
    merge = run_git(clone, "rev-parse", "HEAD")

    listed = repo.alice.get(f"{repo.path}/pulls", state="closed")

    assert [(item["number"], item["merge_commit_sha"]) for item in listed] == [(number, merge)]
    assert listed[0]["merged_at"] is not None
    assert repo.alice.get(f"{repo.path}/pulls") == []


def test_a_fast_forward_of_several_marks_each_merged_at_its_own_commit(repo: Any, run_git: Any) -> None:
    first = repo.pull()
    repo.branch("upper", "topic-1")
    repo.write("upper.txt", "u", "upper")
    second = repo.pull("upper")
    heads = [repo.head("topic-1"), repo.head("upper")]

    run_git(repo.clone(), "push", "--quiet", "origin", "origin/upper:main")

    assert [repo.show(number)["merge_commit_sha"] for number in (first, second)] == heads


def test_a_head_rewritten_and_landed_between_two_reads_is_merged(repo: Any, run_git: Any) -> None:
    number = repo.pull()
    repo.write("meanwhile.txt", "m")
    clone = repo.clone()
    run_git(clone, "checkout", "--quiet", "topic-1")
    run_git(clone, "rebase", "--quiet", "origin/main")
    run_git(clone, "push", "--quiet", "--force", "--atomic", "origin", "topic-1", "topic-1:main")

    assert repo.show(number)["merged"]


def test_a_head_reset_to_the_base_closes_without_merging(repo: Any, run_git: Any) -> None:
    number = repo.pull()

    run_git(repo.clone(), "push", "--quiet", "--force", "origin", "origin/main:refs/heads/topic-1")

    shown = repo.show(number)
    assert (shown["state"], shown["merged"]) == ("closed", False)


def test_deleting_the_head_branch_closes_the_pull_request(repo: Any, run_git: Any) -> None:
    number = repo.pull()

    run_git(repo.clone(), "push", "--quiet", "origin", ":topic-1")

    assert repo.show(number)["state"] == "closed"


def test_a_forced_push_is_in_the_timeline(repo: Any, run_git: Any) -> None:
    number = repo.pull()
    clone = repo.clone()
    run_git(clone, "checkout", "--quiet", "-b", "topic-1", "origin/main")
    commit(run_git, clone, "other.txt")

    run_git(clone, "push", "--quiet", "--force", "origin", "topic-1")

    events = [entry["event"] for entry in repo.alice.get(f"{repo.path}/issues/{number}/timeline")]
    assert "head_ref_force_pushed" in events


def test_pull_request_references_cannot_be_pushed(repo: Any, run_git: Any) -> None:
    repo.pull()

    with pytest.raises(AssertionError, match="hidden ref"):
        run_git(repo.clone(), "push", "origin", "HEAD:refs/pull/1/head")


def test_http_asks_for_a_token(repo: Any) -> None:
    answer = repo.alice.http.get(
        f"{repo.alice.server.url}/{repo.name}.git/info/refs?service=git-upload-pack", auth=None
    )
    bare = repo.alice.http.build_request("GET", str(answer.request.url))
    del bare.headers["authorization"]

    refused = repo.alice.http.send(bare)

    assert (answer.status_code, refused.status_code) == (200, 401)
    assert refused.headers["www-authenticate"] == 'Basic realm="GitHub"'


def test_a_push_over_http_is_known_by_its_pusher(repo: Any, run_git: Any) -> None:
    clone = repo.clone(over_http(repo, "bob"))
    sha = commit(run_git, clone, "by-bob.txt")

    run_git(clone, "push", "--quiet", "origin", "main")

    activity = repo.alice.get(f"{repo.path}/activity", ref="refs/heads/main")
    assert (activity[0]["after"], activity[0]["actor"]["login"], activity[0]["activity_type"]) == (sha, "bob", "push")


def test_a_push_over_file_has_no_known_pusher(repo: Any, run_git: Any) -> None:
    clone = repo.clone()
    commit(run_git, clone, "by-nobody.txt")

    run_git(clone, "push", "--quiet", "origin", "main")

    assert repo.alice.get(f"{repo.path}/activity")[0]["actor"] is None


def test_a_large_push_over_http_arrives(repo: Any, run_git: Any) -> None:
    clone = repo.clone(over_http(repo))
    (clone / "large.bin").write_bytes(secrets.token_bytes(3_000_000))
    run_git(clone, "add", ".")
    run_git(clone, "commit", "--quiet", "-m", "Large")

    run_git(clone, "push", "--quiet", "origin", "main")

    assert repo.head() == run_git(clone, "rev-parse", "HEAD")


def test_a_shallow_clone_of_any_commit_works_over_http(repo: Any, run_git: Any, tmp_path: Path) -> None:
    old = repo.head()
    repo.write("new.txt", "n")
    run_git(tmp_path, "init", "--quiet", "shallow")

    run_git(tmp_path / "shallow", "fetch", "--quiet", "--depth=1", over_http(repo), old)

    assert run_git(tmp_path / "shallow", "rev-parse", "FETCH_HEAD") == old


def test_readers_cannot_push_over_http(repo: Any, run_git: Any) -> None:
    name = f"reader-{secrets.token_hex(4)}"
    repo.alice.server.control("POST", "world", {"users": [{"login": name, "permission": "read"}]})
    clone = repo.clone(over_http(repo, name))
    commit(run_git, clone, "no.txt")

    with pytest.raises(AssertionError, match="403"):
        run_git(clone, "push", "origin", "main")


@pytest.mark.parametrize(
    ("protection", "reason"),
    [
        ({}, "Cannot force-push"),
        ({"restrictions": {"users": ["bob"], "teams": [], "apps": []}}, "not authorized to push"),
        ({"required_pull_request_reviews": {}}, "through a pull request"),
    ],
)
def test_protection_holds_for_pushes_over_http(repo: Any, run_git: Any, protection: Any, reason: str) -> None:
    repo.alice.server.control("POST", "world", {"protection": {repo.name: {"main": protection}}})
    clone = repo.clone(over_http(repo))
    run_git(clone, "commit", "--quiet", "--amend", "-m", "Rewritten")

    with pytest.raises(AssertionError, match=reason):
        run_git(clone, "push", "--force", "origin", "main")


def test_whom_protection_lets_push_can_push(repo: Any, run_git: Any) -> None:
    protection = {"restrictions": {"users": [], "teams": [], "apps": ["merge-hub"]}}
    repo.alice.server.control("POST", "world", {"protection": {repo.name: {"main": protection}}})
    clone = repo.clone(over_http(repo, "app"))
    sha = commit(run_git, clone, "app.txt")

    run_git(clone, "push", "--quiet", "origin", "main")

    assert repo.head() == sha


def test_git_finds_a_renamed_repository_by_its_old_name(repo: Any, run_git: Any) -> None:
    url = over_http(repo)
    repo.alice.patch(repo.path, {"name": "renamed"})

    clones = [repo.clone(url), repo.clone(repo.directory.as_uri())]

    assert [run_git(clone, "log", "--format=%s") for clone in clones] == ["Initial commit"] * 2


def test_reads_during_a_push_wait_for_nothing(repo: Any) -> None:
    started = time.monotonic()

    repo.show(repo.pull())

    assert time.monotonic() - started < 5
