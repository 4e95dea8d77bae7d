"""Pull requests."""

from deployments.sandbox.codehost.call import Call, Listing, Reply
from deployments.sandbox.codehost.errors import NotFound, Refusal
from deployments.sandbox.codehost.landing import merge_pull, update_branch
from deployments.sandbox.codehost.pulldata import pull_changes, pull_commits, pull_trees
from deployments.sandbox.codehost.pulls import edit_pull, find_pulls, open_pull
from deployments.sandbox.codehost.render.commits import commit_document, file_document
from deployments.sandbox.codehost.render.pulls import full_pull, simple_pull
from deployments.sandbox.codehost.render.repositories import repository_url
from deployments.sandbox.codehost.router import Routes

routes = Routes()
# GitHub's limits for what one pull request lists.
MOST_COMMITS, MOST_FILES = 250, 3000


@routes.get("/repos/{owner}/{repo}/pulls")
def list_pulls(call: Call) -> Listing:
    repository = call.repository()
    return Listing(
        find_pulls(repository, {**call.query, "state": call.state()}),
        lambda issue: simple_pull(call.host, repository, issue, call.viewer),
    )


@routes.post("/repos/{owner}/{repo}/pulls")
def create(call: Call) -> Reply:
    repository = call.repository()
    if repository.record.archived:
        raise Refusal(403, "Repository was archived so is read-only.")
    issue = open_pull(call.host, repository, call.viewer, call.body)
    return Reply(full_pull(call.host, repository, issue, call.viewer, asks=False), 201)


@routes.get("/repos/{owner}/{repo}/pulls/{pull_number}")
def show(call: Call) -> Reply:
    repository = call.repository()
    return Reply(full_pull(call.host, repository, call.pull(repository), call.viewer))


@routes.patch("/repos/{owner}/{repo}/pulls/{pull_number}")
def update(call: Call) -> Reply:
    repository = call.repository()
    issue = call.pull(repository)
    call.repository("read" if issue.user == call.viewer.login else "triage")
    edit_pull(call.host, repository, issue, call.viewer, call.body)
    return Reply(full_pull(call.host, repository, issue, call.viewer, asks=False))


@routes.get("/repos/{owner}/{repo}/pulls/{pull_number}/commits")
def list_commits(call: Call) -> Listing:
    repository = call.repository()
    pull = call.pull(repository).pull
    commits = pull_commits(repository, pull)[:MOST_COMMITS] if pull else []
    return Listing(commits, lambda commit: commit_document(call.host, repository, commit))


@routes.get("/repos/{owner}/{repo}/pulls/{pull_number}/files")
def list_files(call: Call) -> Listing:
    repository = call.repository()
    pull = call.pull(repository).pull
    if pull is None:
        raise NotFound
    patches = repository.diffs.patches(*pull_trees(repository, pull))
    return Listing(
        pull_changes(repository, pull)[:MOST_FILES],
        lambda change: file_document(call.host, repository, change, head=pull.head_sha, patch=patches.get(change.path)),
    )


@routes.get("/repos/{owner}/{repo}/pulls/{pull_number}/merge")
def check_merged(call: Call) -> Reply:
    pull = call.pull(call.repository()).pull
    if pull is None or pull.merged_at is None:
        raise NotFound
    return Reply(status=204)


@routes.put("/repos/{owner}/{repo}/pulls/{pull_number}/merge")
def merge(call: Call) -> Reply:
    repository = call.repository("write")
    sha = merge_pull(call.host, repository, call.pull(repository), call.viewer, call.body)
    return Reply({"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


@routes.put("/repos/{owner}/{repo}/pulls/{pull_number}/update-branch")
def update_head(call: Call) -> Reply:
    repository = call.repository("write")
    issue = call.pull(repository)
    update_branch(call.host, repository, issue, call.viewer, call.body)
    url = f"{repository_url(call.host, repository)}/pulls/{issue.number}"
    return Reply({"message": "Updating pull request branch.", "url": url}, 202)


@routes.get("/repos/{owner}/{repo}/pulls/{pull_number}/comments")
def list_review_comments(call: Call) -> Listing:
    """Comments on lines of code cannot be written here, so there are none."""
    call.pull(call.repository())
    return Listing([], lambda comment: comment)
