"""Parts of GraphQL answers, valid unless a test says otherwise."""

from collections.abc import Mapping, Sequence

HEAD = "a" * 40


def page(*nodes: object, cursor: str | None = None, **more: object) -> dict[str, object]:
    """`cursor` is where the list goes on, None where it ends."""
    return {"nodes": list(nodes), "pageInfo": {"hasNextPage": cursor is not None, "endCursor": cursor}, **more}


def user(login: str) -> dict[str, object]:
    return {"user": {"login": login}, "name": login, "email": f"{login}@example.org"}


def commit(
    sha: str, *authors: Mapping[str, object], committer: object = None, more_authors: str | None = None
) -> dict[str, object]:
    """Committed by its first author unless told otherwise."""
    return {
        "commit": {"oid": sha, "authors": page(*authors, cursor=more_authors), "committer": committer or authors[0]}
    }


def commits(*nodes: object, count: int | None = None, cursor: str | None = None) -> dict[str, object]:
    return page(*nodes, cursor=cursor, totalCount=len(nodes) if count is None else count)


def review(**more: object) -> dict[str, object]:
    return {
        "id": "PRR_1",
        "state": "APPROVED",
        "submittedAt": "2026-01-02T03:04:05Z",
        "authorCanPushToRepository": True,
        "viewerDidAuthor": False,
        "author": {"__typename": "User", "login": "bob"},
        "commit": {"oid": HEAD},
    } | more


def latest(*statuses: object, sha: str = HEAD, cursor: str | None = None) -> dict[str, object]:
    """The last commit of a pull request, and what was reported about it."""
    rollup = {"contexts": page(*statuses, cursor=cursor)} if statuses else None
    return {"nodes": [{"commit": {"oid": sha, "statusCheckRollup": rollup}}]}


def status(context: str = "ci/tests", state: str = "SUCCESS") -> dict[str, object]:
    return {"__typename": "StatusContext", "context": context, "state": state}


def check_run(name: str = "tests", **more: object) -> dict[str, object]:
    return {"__typename": "CheckRun", "name": name, "status": "COMPLETED", "conclusion": "SUCCESS"} | more


def pull_request(number: int = 1, /, **more: object) -> dict[str, object]:
    return {
        "number": number,
        "title": "A title",
        "body": "",
        "url": f"https://github.example/acme/api/pull/{number}",
        "isDraft": False,
        "state": "OPEN",
        "baseRefName": "main",
        "headRefOid": HEAD,
        "headRefName": "topic",
        "createdAt": "2026-01-02T03:04:05Z",
        "mergeable": "MERGEABLE",
        "author": {"__typename": "User", "login": "alice"},
        "headRepository": None,
        "labels": page(),
        "reviews": page(),
        "asked": page(),
        "commits": commits(commit(HEAD, user("alice"))),
        "retargeted": {"nodes": []},
        "latest": latest(),
    } | more


def named(*pull_requests: dict[str, object]) -> dict[str, object]:
    return {"data": {"repository": {"databaseId": 1, **{f"n{one['number']}": one for one in pull_requests}}}}


def continued(*, head: str = HEAD, **lists: object) -> dict[str, object]:
    return named({"number": 1, "headRefOid": head, **lists})


def shas(count: int) -> Sequence[str]:
    return [f"{place:040x}" for place in range(count)]
