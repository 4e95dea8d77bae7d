import time
from pathlib import Path
from typing import Any

import pytest

PULLS = Path(__file__).with_name("discovery.graphql").read_text()


def ask(repo: Any, query: str = PULLS, **variables: Any) -> Any:
    owner, name = repo.name.split("/")
    return repo.alice.graphql(query, owner=owner, name=name, **variables)["repository"]


def one(repo: Any, number: int, fields: str) -> Any:
    query = f"""
    query($owner: String!, $name: String!) {{
      repository(owner: $owner, name: $name) {{ pullRequest(number: {number}) {{ {fields} }} }}
    }}"""
    return ask(repo, query)["pullRequest"]


def test_one_query_tells_all_of_a_pull_request(repo: Any) -> None:
    number = repo.pull()
    head = repo.head("topic-1")
    repo.bob.post(f"{repo.path}/pulls/{number}/reviews", {"event": "APPROVE"})
    repo.alice.post(f"{repo.path}/issues/{number}/labels", ["ready"])
    repo.alice.post(
        f"{repo.path}/pulls/{number}/requested_reviewers", {"reviewers": ["carol"], "team_reviewers": ["core"]}
    )
    repo.app.post(f"{repo.path}/statuses/{head}", {"state": "success", "context": "gate"})
    repo.app.post(f"{repo.path}/check-runs", {"name": "build", "head_sha": head, "conclusion": "failure"})

    pull = ask(repo)["pullRequests"]["nodes"][0]

    commit = pull["commits"]["nodes"][0]["commit"]
    review = pull["reviews"]["nodes"][0]
    requested = [node["requestedReviewer"] for node in pull["reviewRequests"]["nodes"]]
    assert (pull["headRefOid"], pull["baseRefOid"], pull["mergeable"]) == (head, repo.head(), "UNKNOWN")
    assert pull["author"] == {"__typename": "User", "login": "alice"}
    assert (review["state"], review["author"]["login"], review["commit"]["oid"]) == ("APPROVED", "bob", head)
    assert review["fullDatabaseId"] == str(review["databaseId"])
    assert requested == [
        {"__typename": "User", "login": "carol"},
        {"__typename": "Team", "slug": "core", "combinedSlug": f"{repo.organization}/core"},
    ]
    assert commit["author"]["user"] == {"login": "alice"}
    assert commit["statusCheckRollup"]["state"] == "FAILURE"
    assert commit["status"]["contexts"][0]["creator"] == {"login": "merge-hub[bot]"}
    assert pull["files"]["nodes"] == [{"path": "topic-1.txt", "additions": 1, "deletions": 0, "changeType": "ADDED"}]
    assert [item["label"]["name"] for item in pull["timelineItems"]["nodes"]] == ["ready"]


def test_mergeability_is_learnt_at_the_second_question(repo: Any) -> None:
    repo.pull()

    answers = [ask(repo)["pullRequests"]["nodes"][0]["mergeable"] for _ in range(2)]

    assert answers == ["UNKNOWN", "MERGEABLE"]


def test_co_authors_are_authors(repo: Any) -> None:
    number = repo.pull()
    message = "Pair\n\nCo-authored-by: Bob <bob@example.org>\nCo-authored-by: X <x@elsewhere.test>"
    repo.write("pair.txt", "p", "topic-1", message=message)

    commits = one(
        repo, number, "commits(last: 1) { nodes { commit { authors(first: 9) { nodes { email user { login } } } } } }"
    )

    assert commits["commits"]["nodes"][0]["commit"]["authors"]["nodes"] == [
        {"email": "alice@example.org", "user": {"login": "alice"}},
        {"email": "bob@example.org", "user": {"login": "bob"}},
        {"email": "x@elsewhere.test", "user": None},
    ]


def test_a_page_goes_on_after_its_cursor_although_the_list_became_shorter(repo: Any) -> None:
    numbers = [repo.pull() for _ in range(4)]
    first = ask(repo, size=2)["pullRequests"]
    repo.alice.patch(f"{repo.path}/pulls/{numbers[0]}", {"state": "closed"})

    second = ask(repo, size=2, after=first["pageInfo"]["endCursor"])["pullRequests"]

    assert first["pageInfo"]["hasNextPage"]
    assert [node["number"] for node in second["nodes"]] == numbers[2:]
    assert not second["pageInfo"]["hasNextPage"]


def test_a_landed_head_is_merged_here_too(repo: Any, run_git: Any) -> None:
    number = repo.pull()

    run_git(repo.clone(), "push", "--quiet", "origin", "origin/topic-1:main")

    assert one(repo, number, "state merged mergeCommit { oid } mergedBy { login }") == {
        "state": "MERGED",
        "merged": True,
        "mergeCommit": {"oid": repo.head()},
        "mergedBy": None,
    }


def test_an_unknown_repository_is_an_error_beside_null(repo: Any) -> None:
    answer = repo.alice.query('{ repository(owner: "x", name: "y") { id } }')

    assert answer["data"] == {"repository": None}
    assert answer["errors"][0]["type"] == "NOT_FOUND"
    assert answer["errors"][0]["path"] == ["repository"]
    assert answer["errors"][0]["message"] == "Could not resolve to a Repository with the name 'x/y'."


def test_an_unknown_pull_request_leaves_the_repository(repo: Any) -> None:
    owner, name = repo.name.split("/")

    answer = repo.alice.query(
        f'{{ repository(owner: "{owner}", name: "{name}") {{ name pullRequest(number: 99) {{ id }} }} }}'
    )

    assert answer["data"] == {"repository": {"name": name, "pullRequest": None}}
    assert answer["errors"][0]["type"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("arguments", "kind"), [("(first: 101)", "EXCESSIVE_PAGINATION"), ("", "MISSING_PAGINATION_BOUNDARIES")]
)
def test_a_connection_wants_a_page_size_up_to_100(repo: Any, arguments: str, kind: str) -> None:
    owner, name = repo.name.split("/")

    answer = repo.alice.query(
        f'{{ repository(owner: "{owner}", name: "{name}") {{ pullRequests{arguments} {{ nodes {{ id }} }} }} }}'
    )

    assert answer["errors"][0]["type"] == kind


def test_a_field_that_does_not_exist_is_refused(repo: Any) -> None:
    answer = repo.alice.query("{ viewer { shoeSize } }")

    assert "data" not in answer
    assert "shoeSize" in answer["errors"][0]["message"]


def test_several_repositories_can_be_asked_at_once(repo: Any) -> None:
    repo.alice.post(f"/orgs/{repo.organization}/repos", {"name": "second"})

    answer = repo.alice.graphql(
        f"""{{
          a: repository(owner: "{repo.organization}", name: "web") {{ nameWithOwner isEmpty }}
          b: repository(owner: "{repo.organization}", name: "second") {{
            nameWithOwner isEmpty defaultBranchRef {{ name }}
          }}
        }}"""
    )

    assert answer["a"] == {"nameWithOwner": repo.name, "isEmpty": False}
    assert answer["b"] == {"nameWithOwner": f"{repo.organization}/second", "isEmpty": True, "defaultBranchRef": None}


def test_teams_and_their_members_are_known(repo: Any) -> None:
    answer = repo.alice.graphql(
        f"""{{ repositoryOwner(login: "{repo.organization}") {{ __typename ... on Organization {{
          team(slug: "core") {{ combinedSlug members(first: 10) {{ totalCount nodes {{ login }} }} }}
          teams(first: 10) {{ nodes {{ slug }} }}
        }} }} }}"""
    )

    owner = answer["repositoryOwner"]
    assert owner["__typename"] == "Organization"
    assert [node["login"] for node in owner["team"]["members"]["nodes"]] == ["alice", "bob"]
    assert owner["teams"]["nodes"] == [{"slug": "core"}]


def test_a_node_is_found_by_its_identifier(repo: Any) -> None:
    number = repo.pull()
    identity = repo.show(number)["node_id"]
    commit = repo.alice.get(f"{repo.path}/commits/main")["node_id"]

    answer = repo.alice.graphql(
        "query($a: ID!, $b: ID!) { a: node(id: $a) { __typename id ... on PullRequest { number } } b: node(id: $b) "
        "{ __typename ... on Commit { oid } } }",
        a=identity,
        b=commit,
    )

    assert answer["a"] == {"__typename": "PullRequest", "id": identity, "number": number}
    assert answer["b"] == {"__typename": "Commit", "oid": repo.head()}


def test_a_pull_request_becomes_a_draft_and_ready_again(repo: Any) -> None:
    number = repo.pull()
    identity = repo.show(number)["node_id"]
    mutation = "mutation($id: ID!) { %s(input: {pullRequestId: $id}) { pullRequest { isDraft } } }"

    drafts = [
        repo.alice.graphql(mutation % name, id=identity)[name]["pullRequest"]["isDraft"]
        for name in ("convertPullRequestToDraft", "markPullRequestReadyForReview")
    ]

    assert drafts == [True, False]


def test_the_viewer_and_the_rate_limit_are_told(repo: Any) -> None:
    answer = repo.app.graphql("{ viewer { login } rateLimit { limit cost remaining used resetAt } }")

    assert answer["viewer"] == {"login": "merge-hub[bot]"}
    assert answer["rateLimit"]["cost"] == 1


def test_both_addresses_answer(repo: Any) -> None:
    answer = repo.alice.http.post(f"{repo.alice.server.url}/api/graphql", json={"query": "{ viewer { login } }"})

    assert answer.json() == {"data": {"viewer": {"login": "alice"}}}


def test_search_answers_with_pull_requests(repo: Any) -> None:
    number = repo.pull()

    answer = repo.alice.graphql(
        "query($q: String!) { search(type: ISSUE, query: $q, first: 5) { issueCount nodes { "
        "... on PullRequest { number } } } }",
        q=f"repo:{repo.name} is:pr",
    )

    assert answer["search"] == {"issueCount": 1, "nodes": [{"number": number}]}


def test_a_renamed_repository_is_followed_unless_told_otherwise(repo: Any) -> None:
    owner, name = repo.name.split("/")
    repo.alice.patch(repo.path, {"name": "renamed"})
    query = """query($owner: String!, $name: String!, $f: Boolean) {
      repository(owner: $owner, name: $name, followRenames: $f) { name }
    }"""

    answers = [
        repo.alice.query(query, owner=owner, name=name, f=follow)["data"]["repository"] for follow in (True, False)
    ]

    assert answers == [{"name": "renamed"}, None]


def test_objects_are_read_along_an_expression(repo: Any) -> None:
    query = """
    query($owner: String!, $name: String!) {
      repository(owner: $owner, name: $name) {
        object(expression: "main:README.md") { __typename oid ... on Blob { text byteSize isBinary } }
        tree: object(expression: "main:") { ... on Tree { entries { name type object { oid } } } }
        nothing: object(expression: "main:missing") { oid }
      }
    }"""

    answer = ask(repo, query)

    assert answer["object"]["text"] == "# web\n"
    assert answer["tree"]["entries"][0]["name"] == "README.md"
    assert answer["nothing"] is None


def test_fifty_pull_requests_are_told_in_well_under_a_second(repo: Any, run_git: Any) -> None:
    clone = repo.clone()
    for number in range(50):
        run_git(clone, "checkout", "--quiet", "-b", f"many-{number}", "origin/main")
        (clone / f"file-{number}.txt").write_text("x")
        run_git(clone, "add", ".")
        run_git(clone, "commit", "--quiet", "-m", f"Add {number}")
    run_git(clone, "push", "--quiet", "--all", "origin")
    for number in range(50):
        repo.pull(f"many-{number}")

    answers = [timed(repo) for _ in range(3)]

    # The quickest of three: the first reads git, the second computes mergeability, and the machine may be busy.
    assert min(seconds for seconds, _ in answers) < 1
    assert [len(pulls["nodes"]) for _, pulls in answers] == [50, 50, 50]


def timed(repo: Any) -> tuple[float, Any]:
    started = time.monotonic()
    pulls = ask(repo)["pullRequests"]
    return time.monotonic() - started, pulls
