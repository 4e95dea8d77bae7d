import base64
from typing import Any


def test_a_commit_can_be_made_of_a_tree(repo: Any) -> None:
    base = repo.head()
    entries = [{"path": "src/a.txt", "mode": "100644", "type": "blob", "content": "a\n"}]
    tree = repo.alice.post(f"{repo.path}/git/trees", {"base_tree": base, "tree": entries})["sha"]
    author = {"name": "Bob", "email": "bob@example.org", "date": "2026-01-02T03:04:05Z"}
    commit = repo.app.post(
        f"{repo.path}/git/commits", {"message": "Made", "tree": tree, "parents": [base], "author": author}
    )
    repo.app.patch(f"{repo.path}/git/refs/heads/main", {"sha": commit["sha"]})

    shown = repo.alice.get(f"{repo.path}/commits/main")

    assert (shown["author"]["login"], shown["commit"]["author"]["date"]) == ("bob", "2026-01-02T03:04:05Z")
    assert [file["filename"] for file in shown["files"]] == ["src/a.txt"]
    assert {entry["path"] for entry in repo.alice.get(f"{repo.path}/git/trees/main", recursive=1)["tree"]} == {
        "README.md",
        "src",
        "src/a.txt",
    }


def test_equal_inputs_make_the_equal_commit(repo: Any) -> None:
    author = {"name": "Bob", "email": "bob@example.org", "date": "2026-01-02T03:04:05Z"}
    tree = repo.alice.get(f"{repo.path}/git/commits/{repo.head()}")["tree"]["sha"]
    body = {"message": "Same", "tree": tree, "parents": [repo.head()], "author": author}

    made = [repo.alice.post(f"{repo.path}/git/commits", body)["sha"] for _ in range(2)]

    assert made[0] == made[1]


def test_references_are_created_moved_and_deleted(repo: Any) -> None:
    first = repo.head()
    second = repo.write("two.txt", "2")
    repo.alice.post(f"{repo.path}/git/refs", {"ref": "refs/heads/deep/er", "sha": first})
    moved = repo.alice.patch(f"{repo.path}/git/refs/heads/deep/er", {"sha": second})
    matching = repo.alice.get(f"{repo.path}/git/matching-refs/heads/deep")

    repo.alice.delete(f"{repo.path}/git/refs/heads/deep/er")

    assert (moved["object"]["sha"], [one["ref"] for one in matching]) == (second, ["refs/heads/deep/er"])
    assert repo.alice.refused("GET", f"{repo.path}/git/ref/heads/deep/er")[0] == 404


def test_a_reference_exists_only_once(repo: Any) -> None:
    repo.branch("twin")

    status, document = repo.alice.refused(
        "POST", f"{repo.path}/git/refs", {"ref": "refs/heads/twin", "sha": repo.head()}
    )

    assert (status, document["message"]) == (422, "Reference already exists")


def test_a_reference_moves_backwards_only_by_force(repo: Any) -> None:
    old = repo.head()
    repo.write("two.txt", "2")
    path = f"{repo.path}/git/refs/heads/main"

    status, document = repo.alice.refused("PATCH", path, {"sha": old})

    assert (status, document["message"]) == (422, "Update is not a fast forward")
    assert repo.alice.patch(path, {"sha": old, "force": True})["object"]["sha"] == old


def test_a_reference_needs_an_object_that_is_there(repo: Any) -> None:
    status, document = repo.alice.refused("POST", f"{repo.path}/git/refs", {"ref": "refs/heads/x", "sha": "1" * 40})

    assert (status, document["message"]) == (422, "Object does not exist")


def test_protection_holds_for_references_too(repo: Any) -> None:
    ruleset = {"name": "main", "rules": [{"type": "non_fast_forward"}, {"type": "deletion"}]}
    old = repo.head()
    repo.write("two.txt", "2")
    repo.alice.server.control("POST", "world", {"rulesets": {repo.name: [ruleset]}})

    status, document = repo.alice.refused("PATCH", f"{repo.path}/git/refs/heads/main", {"sha": old, "force": True})

    assert (status, document["message"]) == (422, "Cannot force-push to this branch")


def test_an_empty_repository_says_so(repo: Any) -> None:
    repo.alice.post(f"/orgs/{repo.organization}/repos", {"name": "empty"})

    status, document = repo.alice.refused("GET", f"/repos/{repo.organization}/empty/commits")

    assert (status, document["message"]) == (409, "Git Repository is empty.")
    assert repo.alice.get(f"/repos/{repo.organization}/empty/branches") == []


def test_the_first_file_makes_the_first_commit(repo: Any) -> None:
    repo.alice.post(f"/orgs/{repo.organization}/repos", {"name": "empty"})
    content = base64.b64encode(b"first").decode()

    repo.alice.put(f"/repos/{repo.organization}/empty/contents/a.txt", {"message": "First", "content": content})

    assert len(repo.alice.get(f"/repos/{repo.organization}/empty/commits")) == 1


def test_a_file_is_read_as_it_was_written(repo: Any) -> None:
    repo.write("dir/file with space.txt", "text\n")

    file = repo.alice.get(f"{repo.path}/contents/dir/file%20with%20space.txt")

    assert (base64.b64decode(file["content"]), file["path"]) == (b"text\n", "dir/file with space.txt")
    assert [entry["name"] for entry in repo.alice.get(f"{repo.path}/contents/dir")] == ["file with space.txt"]


def test_a_file_that_changed_meanwhile_is_a_conflict(repo: Any) -> None:
    body = {"message": "Change", "content": "eA==", "sha": "1" * 40}

    assert repo.alice.refused("PUT", f"{repo.path}/contents/README.md", body)[0] == 409


def test_a_file_cannot_be_replaced_unseen(repo: Any) -> None:
    body = {"message": "Change", "content": "eA=="}

    assert repo.alice.refused("PUT", f"{repo.path}/contents/README.md", body)[0] == 422


def test_a_path_cannot_leave_the_tree(repo: Any) -> None:
    body = {"message": "Change", "content": "eA=="}

    assert repo.alice.refused("PUT", f"{repo.path}/contents/a/.git/config", body)[0] == 422


def test_comparison_tells_both_directions(repo: Any) -> None:
    repo.pull()
    repo.write("meanwhile.txt", "m")

    compared = repo.alice.get(f"{repo.path}/compare/main...topic-1")

    assert (compared["status"], compared["ahead_by"], compared["behind_by"]) == ("diverged", 1, 1)
    assert [file["filename"] for file in compared["files"]] == ["topic-1.txt"]


def test_branches_are_merged_directly(repo: Any) -> None:
    repo.pull()

    merged = repo.alice.post(f"{repo.path}/merges", {"base": "main", "head": "topic-1"})

    assert (merged["sha"], len(merged["parents"])) == (repo.head(), 2)
    again = repo.alice.ask("POST", f"{repo.path}/merges", {"base": "main", "head": "topic-1"})
    assert again.status_code == 204


def test_merging_branches_that_conflict_is_a_conflict(repo: Any) -> None:
    repo.branch("ours")
    repo.write("README.md", "ours\n", "ours")
    repo.write("README.md", "theirs\n")

    assert repo.alice.refused("POST", f"{repo.path}/merges", {"base": "main", "head": "ours"})[0] == 409


def test_a_commit_knows_its_pull_requests(repo: Any) -> None:
    number = repo.pull()

    found = repo.alice.get(f"{repo.path}/commits/{repo.head('topic-1')}/pulls")

    assert [pull["number"] for pull in found] == [number]


def test_a_commit_of_the_default_branch_knows_only_the_pull_request_that_brought_it(repo: Any) -> None:
    query = """query($owner: String!, $name: String!, $oid: GitObjectID!) { repository(owner: $owner, name: $name) {
        object(oid: $oid) { ... on Commit { associatedPullRequests(first: 5) { nodes { number } } } } } }"""
    owner, name = repo.name.split("/")
    landed, other = repo.pull(), repo.pull()
    commit = repo.bob.put(f"{repo.path}/pulls/{landed}/merge")["sha"]
    repo.alice.post(f"{repo.path}/merges", {"base": "topic-2", "head": "main"})

    for oid in (commit, repo.head("topic-1")):
        by_rest = repo.alice.get(f"{repo.path}/commits/{oid}/pulls")
        shown = repo.alice.graphql(query, owner=owner, name=name, oid=oid)["repository"]["object"]
        assert [pull["number"] for pull in by_rest] == [landed]
        assert [node["number"] for node in shown["associatedPullRequests"]["nodes"]] == [landed]
    assert repo.show(other)["state"] == "open"


def test_a_pull_request_that_was_closed_has_brought_no_commit(repo: Any) -> None:
    number = repo.pull()
    repo.alice.patch(f"{repo.path}/pulls/{number}", {"state": "closed"})

    assert repo.alice.get(f"{repo.path}/commits/{repo.head('topic-1')}/pulls") == []


def test_commits_are_listed_newest_first_and_by_path(repo: Any) -> None:
    repo.write("a.txt", "a")
    repo.write("b.txt", "b")

    listed = [commit["commit"]["message"] for commit in repo.alice.get(f"{repo.path}/commits")]

    assert listed == ["Write b.txt", "Write a.txt", "Initial commit"]
    assert [one["commit"]["message"] for one in repo.alice.get(f"{repo.path}/commits", path="a.txt")] == ["Write a.txt"]


def test_a_protected_branch_is_shown_with_its_protection(repo: Any) -> None:
    classic = {
        "required_status_checks": {"strict": True, "contexts": ["gate"]},
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 2},
        "restrictions": {"users": ["bob"], "teams": ["core"], "apps": ["merge-hub"]},
    }
    repo.alice.server.control("POST", "world", {"protection": {repo.name: {"main": classic}}})

    shown = repo.alice.get(f"{repo.path}/branches/main/protection")

    assert shown["required_status_checks"]["contexts"] == ["gate"]
    assert shown["required_pull_request_reviews"]["required_approving_review_count"] == 2
    assert [user["login"] for user in shown["restrictions"]["users"]] == ["bob"]
    assert repo.alice.get(f"{repo.path}/branches/main")["protected"]


def test_an_unprotected_branch_says_so(repo: Any) -> None:
    status, document = repo.alice.refused("GET", f"{repo.path}/branches/main/protection")

    assert (status, document["message"]) == (404, "Branch not protected")


def test_rulesets_are_shown_whole_and_by_branch(repo: Any) -> None:
    rules = [
        {
            "type": "required_status_checks",
            "parameters": {
                "required_status_checks": [{"context": "gate"}],
                "strict_required_status_checks_policy": False,
            },
        }
    ]
    ruleset = {"name": "main", "rules": rules, "bypass_actors": ["bob"]}
    repo.alice.server.control("POST", "world", {"rulesets": {repo.name: [ruleset]}})
    listed = repo.alice.get(f"{repo.path}/rulesets")

    shown = repo.alice.get(f"{repo.path}/rulesets/{listed[0]['id']}")

    assert (shown["name"], shown["enforcement"], shown["rules"]) == ("main", "active", rules)
    assert [rule["ruleset_id"] for rule in repo.alice.get(f"{repo.path}/rules/branches/main")] == [shown["id"]]
    assert repo.alice.get(f"{repo.path}/rules/branches/other") == []
