"""What guards a branch, and what is said of signatures, in GitHub's shapes: each answer is held against them."""

from typing import Any

CLASSIC = {
    "enforce_admins": True,
    "required_pull_request_reviews": {
        "required_approving_review_count": 2,
        "bypass_pull_request_allowances": {"users": ["bob"], "teams": ["core"], "apps": ["merge-hub"]},
    },
    "required_signatures": True,
}
SIGNATURE = "-----BEGIN SSH SIGNATURE-----\n U1NI\n -----END SSH SIGNATURE-----"


def test_who_need_not_be_reviewed_is_shown_with_the_protection(repo: Any) -> None:
    repo.alice.server.control("POST", "world", {"protection": {repo.name: {"main": CLASSIC}}})

    shown = repo.alice.get(f"{repo.path}/branches/main/protection")

    allowed = shown["required_pull_request_reviews"]["bypass_pull_request_allowances"]
    assert [user["login"] for user in allowed["users"]] == ["bob"]
    assert [team["slug"] for team in allowed["teams"]] == ["core"]
    assert [app["slug"] for app in allowed["apps"]] == ["merge-hub"]
    assert shown["required_signatures"]["enabled"]


def test_who_may_bypass_a_ruleset_is_shown_to_those_who_may_change_it(repo: Any, person: Any) -> None:
    ruleset = {"name": "main", "rules": [{"type": "deletion"}], "bypass_actors": ["bob"]}
    repo.alice.server.control("POST", "world", {"rulesets": {repo.name: [ruleset]}})
    admin = person("root")
    repo.alice.server.control("POST", "world", {"users": [{"login": "root", "permissions": {repo.name: "admin"}}]})
    path = f"{repo.path}/rulesets/{repo.alice.get(f'{repo.path}/rulesets')[0]['id']}"

    seen, kept = admin.get(path), repo.alice.get(path)

    assert [actor["actor_type"] for actor in seen["bypass_actors"]] == ["User"]
    assert "bypass_actors" not in kept
    assert "bypass_actors" not in admin.get(f"{repo.path}/rulesets")[0]


def test_administrators_cannot_push_by_force_to_what_is_protected(repo: Any, person: Any) -> None:
    admin = person("root")
    world = {
        "users": [{"login": "root", "permissions": {repo.name: "admin"}}],
        "protection": {repo.name: {"main": {"enforce_admins": False}}},
    }
    repo.alice.server.control("POST", "world", world)
    old = repo.head()
    repo.write("two.txt", "2")

    assert admin.refused("PATCH", f"{repo.path}/git/refs/heads/main", {"sha": old, "force": True})[0] == 422
    assert admin.refused("DELETE", f"{repo.path}/git/refs/heads/main")[0] == 422


def signed(repo: Any, run_git: Any, told: dict[str, Any] | None) -> str:
    """The tip of main made once more with a signature, of which `told` is said."""
    head, _, message = run_git(repo.directory, "cat-file", "commit", "main").partition("\n\n")
    raw = repo.workspace / "commit"
    raw.write_text(f"{head}\ngpgsig {SIGNATURE}\n\n{message}\n")
    commit: str = run_git(repo.directory, "hash-object", "-t", "commit", "-w", str(raw))
    run_git(repo.directory, "update-ref", "refs/heads/main", commit)
    if told is not None:
        repo.alice.server.control("POST", "world", {"signatures": {repo.name: {commit: told}}})
    return commit


def shown(repo: Any, commit: str) -> Any:
    fields = "__typename isValid state wasSignedByGitHub email signature payload signer { login }"
    query = f"""query($owner: String!, $name: String!, $oid: GitObjectID!) {{
      repository(owner: $owner, name: $name) {{ object(oid: $oid) {{ ... on Commit {{ signature {{ {fields} }} }} }} }}
    }}"""
    owner, name = repo.name.split("/")
    return repo.alice.graphql(query, owner=owner, name=name, oid=commit)["repository"]["object"]["signature"]


def test_a_signature_is_what_the_world_says_of_it(repo: Any, run_git: Any) -> None:
    commit = signed(repo, run_git, {"signer": "bob"})

    signature, rest = shown(repo, commit), repo.alice.get(f"{repo.path}/commits/{commit}")["commit"]["verification"]

    assert (signature["__typename"], signature["state"], signature["isValid"]) == ("SshSignature", "VALID", True)
    assert signature["signer"] == {"login": "bob"}
    assert not signature["wasSignedByGitHub"]
    assert (rest["verified"], rest["reason"]) == (True, "valid")
    assert repo.alice.get(f"{repo.path}/git/commits/{commit}")["verification"] == rest


def test_a_signature_of_which_nothing_is_said_is_by_an_unknown_key(repo: Any, run_git: Any) -> None:
    commit = signed(repo, run_git, None)

    rest = repo.alice.get(f"{repo.path}/commits/{commit}")["commit"]["verification"]

    assert (shown(repo, commit)["state"], shown(repo, commit)["isValid"]) == ("UNKNOWN_KEY", False)
    assert (rest["verified"], rest["reason"]) == (False, "unknown_key")


def test_a_commit_without_a_signature_is_unsigned_whatever_is_said(repo: Any) -> None:
    commit = repo.head()
    repo.alice.server.control("POST", "world", {"signatures": {repo.name: {commit: {"signer": "bob"}}}})

    rest = repo.alice.get(f"{repo.path}/commits/{commit}")["commit"]["verification"]

    assert shown(repo, commit) is None
    assert (rest["verified"], rest["reason"]) == (False, "unsigned")
