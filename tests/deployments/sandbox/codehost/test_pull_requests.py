from typing import Any


def test_a_pull_request_shows_what_its_head_adds(repo: Any) -> None:
    number = repo.pull()

    shown = repo.show(number)

    assert (shown["state"], shown["merged"], shown["commits"], shown["changed_files"]) == ("open", False, 1, 1)
    assert shown["head"]["sha"] == repo.head("topic-1")
    assert shown["base"]["sha"] == repo.head()


def test_its_files_carry_patches(repo: Any) -> None:
    files = repo.alice.get(f"{repo.path}/pulls/{repo.pull()}/files")

    assert [(file["filename"], file["status"], file["patch"]) for file in files] == [
        ("topic-1.txt", "added", "@@ -0,0 +1 @@\n+topic-1\n\\ No newline at end of file")
    ]


def test_its_mergeability_is_unknown_at_first_and_true_afterwards(repo: Any) -> None:
    number = repo.pull()

    answers = [repo.show(number)["mergeable"] for _ in range(3)]

    assert answers == [None, True, True]


def test_its_mergeability_is_unknown_again_after_a_push(repo: Any) -> None:
    number = repo.pull()
    repo.show(number)
    repo.write("more.txt", "more", "topic-1")

    answers = [repo.show(number)["mergeable"] for _ in range(2)]

    assert answers == [None, True]


def test_a_conflict_is_dirty(repo: Any) -> None:
    repo.branch("ours")
    repo.write("README.md", "ours\n", "ours")
    repo.write("README.md", "theirs\n")
    number = repo.pull("ours")
    repo.show(number)

    shown = repo.show(number)

    assert (shown["mergeable"], shown["mergeable_state"]) == (False, "dirty")


def test_merging_makes_a_commit_with_both_parents(repo: Any) -> None:
    number = repo.pull()
    base, head = repo.head(), repo.head("topic-1")

    sha = repo.bob.put(f"{repo.path}/pulls/{number}/merge", {"sha": head})["sha"]

    commit = repo.alice.get(f"{repo.path}/commits/{sha}")
    assert repo.head() == sha
    assert [parent["sha"] for parent in commit["parents"]] == [base, head]
    assert (
        commit["commit"]["message"] == f"Merge pull request #{number} from {repo.organization}/topic-1\n\nLand topic-1"
    )
    assert (commit["author"]["login"], commit["committer"]["login"]) == ("bob", "web-flow")


def test_a_merged_pull_request_says_by_whom_and_where(repo: Any) -> None:
    number = repo.pull()
    sha = repo.bob.put(f"{repo.path}/pulls/{number}/merge")["sha"]

    shown = repo.show(number)

    assert (shown["state"], shown["merged"], shown["merge_commit_sha"]) == ("closed", True, sha)
    assert shown["merged_by"]["login"] == "bob"
    assert shown["merged_at"] is not None
    assert shown["commits"] == 1
    assert repo.alice.ask("GET", f"{repo.path}/pulls/{number}/merge").status_code == 204


def test_squashing_makes_one_commit(repo: Any) -> None:
    number = repo.pull()
    repo.write("second.txt", "2", "topic-1")
    base = repo.head()

    sha = repo.bob.put(f"{repo.path}/pulls/{number}/merge", {"merge_method": "squash"})["sha"]

    commit = repo.alice.get(f"{repo.path}/git/commits/{sha}")
    assert [parent["sha"] for parent in commit["parents"]] == [base]
    assert commit["message"] == f"Land topic-1 (#{number})\n\n* Write topic-1.txt\n\n* Write second.txt"


def test_rebasing_puts_the_commits_on_top_of_the_base(repo: Any) -> None:
    number = repo.pull()
    repo.write("second.txt", "2", "topic-1")
    repo.write("meanwhile.txt", "m")
    base = repo.head()

    sha = repo.bob.put(f"{repo.path}/pulls/{number}/merge", {"merge_method": "rebase"})["sha"]

    commits = repo.alice.get(f"{repo.path}/compare/{base}...{sha}")["commits"]
    assert [commit["commit"]["message"] for commit in commits] == ["Write topic-1.txt", "Write second.txt"]
    assert repo.show(number)["merged"]


def test_merging_at_another_head_than_expected_is_a_conflict(repo: Any) -> None:
    number = repo.pull()

    status, document = repo.bob.refused("PUT", f"{repo.path}/pulls/{number}/merge", {"sha": "0" * 40})

    assert (status, document["message"]) == (409, "Head branch was modified. Review and try the merge again.")


def test_merging_a_conflict_is_not_allowed(repo: Any) -> None:
    repo.branch("ours")
    repo.write("README.md", "ours\n", "ours")
    repo.write("README.md", "theirs\n")

    status, _ = repo.bob.refused("PUT", f"{repo.path}/pulls/{repo.pull('ours')}/merge")

    assert status == 405


def test_merging_twice_is_not_allowed(repo: Any) -> None:
    number = repo.pull()
    repo.bob.put(f"{repo.path}/pulls/{number}/merge")

    status, _ = repo.bob.refused("PUT", f"{repo.path}/pulls/{number}/merge")

    assert status == 405


def test_merging_a_draft_is_not_allowed(repo: Any) -> None:
    repo.branch("draft")
    repo.write("draft.txt", "d", "draft")

    status, _ = repo.bob.refused("PUT", f"{repo.path}/pulls/{repo.pull('draft', draft=True)}/merge")

    assert status == 405


def test_a_second_pull_request_of_the_same_head_and_base_is_invalid(repo: Any) -> None:
    repo.pull()

    status, document = repo.alice.refused(
        "POST", f"{repo.path}/pulls", {"title": "Again", "head": "topic-1", "base": "main"}
    )

    assert status == 422
    assert document["errors"][0]["message"] == f"A pull request already exists for {repo.organization}:topic-1."


def test_a_head_without_commits_of_its_own_is_invalid(repo: Any) -> None:
    repo.branch("empty")

    status, document = repo.alice.refused(
        "POST", f"{repo.path}/pulls", {"title": "Empty", "head": "empty", "base": "main"}
    )

    assert (status, document["errors"][0]["message"]) == (422, "No commits between main and empty")


def test_a_missing_branch_is_named_in_the_refusal(repo: Any) -> None:
    status, document = repo.alice.refused(
        "POST", f"{repo.path}/pulls", {"title": "Nothing", "head": "nowhere", "base": "main"}
    )

    assert (status, document["errors"]) == (422, [{"resource": "PullRequest", "field": "head", "code": "invalid"}])


def test_a_pull_request_can_be_closed_and_opened_again(repo: Any) -> None:
    number = repo.pull()

    states = [repo.alice.patch(f"{repo.path}/pulls/{number}", {"state": to})["state"] for to in ("closed", "open")]

    assert states == ["closed", "open"]


def test_a_merged_pull_request_cannot_be_opened_again(repo: Any) -> None:
    number = repo.pull()
    repo.bob.put(f"{repo.path}/pulls/{number}/merge")

    status, _ = repo.alice.refused("PATCH", f"{repo.path}/pulls/{number}", {"state": "open"})

    assert status == 422


def test_its_base_can_be_changed(repo: Any) -> None:
    repo.branch("release")
    number = repo.pull()

    changed = repo.alice.patch(f"{repo.path}/pulls/{number}", {"base": "release", "title": "Elsewhere"})

    assert (changed["base"]["ref"], changed["title"]) == ("release", "Elsewhere")


def test_lists_are_filtered_by_state_head_and_base(repo: Any) -> None:
    first, second = repo.pull(), repo.pull()
    repo.alice.patch(f"{repo.path}/pulls/{first}", {"state": "closed"})

    def listed(**query: str) -> list[int]:
        return [item["number"] for item in repo.alice.get(f"{repo.path}/pulls", **query)]

    assert listed() == [second]
    assert listed(state="all", direction="asc") == [first, second]
    assert listed(state="closed") == [first]
    assert listed(head=f"{repo.organization}:topic-2") == [second]
    assert listed(base="elsewhere") == []


def test_updating_the_branch_merges_the_base_into_the_head(repo: Any) -> None:
    number = repo.pull()
    repo.write("meanwhile.txt", "m")
    base, head = repo.head(), repo.head("topic-1")

    repo.alice.put(f"{repo.path}/pulls/{number}/update-branch", {"expected_head_sha": head})

    commit = repo.alice.get(f"{repo.path}/git/commits/{repo.show(number)['head']['sha']}")
    assert [parent["sha"] for parent in commit["parents"]] == [head, base]
    assert repo.head() == base


def test_the_branch_is_deleted_after_the_merge_where_the_repository_says_so(repo: Any) -> None:
    repo.alice.patch(repo.path, {"delete_branch_on_merge": True})
    number = repo.pull()

    repo.bob.put(f"{repo.path}/pulls/{number}/merge")

    assert [branch["name"] for branch in repo.alice.get(f"{repo.path}/branches")] == ["main"]
    assert repo.show(number)["merged"]


def test_a_pull_request_on_a_merged_and_deleted_branch_moves_to_its_base(repo: Any) -> None:
    lower = repo.pull()
    repo.branch("upper", "topic-1")
    repo.write("upper.txt", "u", "upper")
    upper = repo.pull("upper", base="topic-1")
    repo.bob.put(f"{repo.path}/pulls/{lower}/merge")

    repo.alice.delete(f"{repo.path}/git/refs/heads/topic-1")

    shown = repo.show(upper)
    assert (shown["state"], shown["base"]["ref"]) == ("open", "main")


def test_a_pull_request_from_a_fork_brings_its_objects_along(repo: Any, run_git: Any) -> None:
    fork = repo.carol.post(f"{repo.path}/forks")["full_name"]
    body = {"message": "Fix", "content": "Zml4", "branch": "fix"}
    repo.carol.post(f"/repos/{fork}/git/refs", {"ref": "refs/heads/fix", "sha": repo.head()})
    sha = repo.carol.put(f"/repos/{fork}/contents/fix.txt", body)["commit"]["sha"]

    opened = repo.carol.post(f"{repo.path}/pulls", {"title": "Fix", "head": "carol:fix", "base": "main"})

    assert (opened["head"]["label"], opened["head"]["repo"]["full_name"]) == ("carol:fix", fork)
    assert run_git(repo.directory, "rev-parse", f"refs/pull/{opened['number']}/head") == sha
    repo.carol.delete(f"/repos/{fork}")
