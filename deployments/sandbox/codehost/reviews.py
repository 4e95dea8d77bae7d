"""Reviews: written, submitted, dismissed; and who is asked for one."""

from .body import Body
from .clock import now
from .errors import Invalid, NotFound, Refusal
from .host import Happening, Host
from .hosted import HostedRepository
from .model import Account, Issue, Pull, Review, ReviewState

RESULTS: dict[str, ReviewState] = {
    "APPROVE": "APPROVED",
    "REQUEST_CHANGES": "CHANGES_REQUESTED",
    "COMMENT": "COMMENTED",
}
PULL_REVIEW = "PullRequestReview"


def write_review(host: Host, repository: HostedRepository, issue: Issue, viewer: Account, body: Body) -> Review:
    """Without an event it stays pending, seen by its author alone."""
    pull = _pull(issue)
    event = body.one_of("event", tuple(RESULTS)) if body.raw("event") else None
    commit = body.optional_text("commit_id") or pull.head_sha
    if not _belongs(repository, commit):
        raise Invalid(message="commit_id is not part of the pull request")
    if any(review.state == "PENDING" and review.user == viewer.login for review in repository.reviews[issue.number]):
        raise Refusal(422, "Unprocessable Entity", errors=["User can only have one pending review per pull request"])
    text = body.optional_text("body") or ""
    if event:
        refuse_event(issue, viewer.login, event, text)
    review = Review(
        id=host.store.new_id(),
        repository=repository.id,
        number=issue.number,
        user=viewer.login,
        state="PENDING",
        body=text,
        commit_id=commit,
        created_at=now(),
    )
    if event is None:
        repository.add(review)
    else:
        _submit(host, repository, issue, review, event)
    return review


def submit_review(host: Host, repository: HostedRepository, issue: Issue, review: Review, body: Body) -> None:
    event = body.one_of("event", tuple(RESULTS))
    if review.state != "PENDING":
        raise Refusal(422, "Unprocessable Entity", errors=["Can not submit a review that is not pending"])
    text = body.optional_text("body") or review.body
    refuse_event(issue, review.user, event, text)
    review.body = text
    _submit(host, repository, issue, review, event)


def refuse_event(issue: Issue, login: str, event: str, text: str) -> None:
    own = issue.user.lower() == login.lower()
    if own and event == "APPROVE":
        raise Refusal(422, "Unprocessable Entity", errors=["Can not approve your own pull request"])
    if own and event == "REQUEST_CHANGES":
        raise Refusal(422, "Unprocessable Entity", errors=["Can not request changes on your own pull request"])
    if event in {"REQUEST_CHANGES", "COMMENT"} and not text:
        raise Refusal(422, "Unprocessable Entity", errors=["Body can't be blank"])


def _submit(host: Host, repository: HostedRepository, issue: Issue, review: Review, event: str) -> None:
    review.state = RESULTS[event]
    review.submitted_at = now()
    if review in repository.reviews[issue.number]:
        repository.save(review)
    else:
        repository.add(review)
    pull = _pull(issue)
    _fulfil_requests(host, repository, pull, review.user)
    repository.touch(issue)
    detail = {"review_id": review.id}
    host.announce(Happening(repository, "pull_request_review", "submitted", review.user, issue.number, detail))


def _fulfil_requests(host: Host, repository: HostedRepository, pull: Pull, reviewer: str) -> None:
    """Whoever reviews is asked no longer, and neither is a team on whose behalf they did."""
    pull.requested_reviewers = [login for login in pull.requested_reviewers if login != reviewer]
    teams = {slug: host.team(repository.record.owner, slug) for slug in pull.requested_teams}
    pull.requested_teams = [slug for slug, team in teams.items() if team is None or reviewer not in team.members]


def find_review(repository: HostedRepository, issue: Issue, number: int, viewer: Account) -> Review:
    for review in visible_reviews(repository, issue, viewer):
        if review.id == number:
            return review
    raise NotFound


def visible_reviews(repository: HostedRepository, issue: Issue, viewer: Account) -> list[Review]:
    return [
        review
        for review in list(repository.reviews[issue.number])
        if review.state != "PENDING" or review.user == viewer.login
    ]


def dismiss_review(host: Host, repository: HostedRepository, review: Review, *, message: str, by: str) -> None:
    if review.state not in {"APPROVED", "CHANGES_REQUESTED"}:
        raise Refusal(422, "Unprocessable Entity", errors=["Can not dismiss a review that is not an opinion"])
    issue = repository.issues[review.number]
    state, review.state = review.state, "DISMISSED"
    repository.save(review)
    detail = {"state": state.lower(), "review_id": review.id, "dismissal_message": message}
    repository.log_event(issue, "review_dismissed", by, dismissed_review=detail)
    repository.touch(issue)
    announced = {"review_id": review.id}
    host.announce(Happening(repository, "pull_request_review", "dismissed", by, issue.number, announced))


def request_reviewers(host: Host, repository: HostedRepository, issue: Issue, viewer: Account, body: Body) -> None:
    pull = _pull(issue)
    logins, slugs = body.texts("reviewers"), body.texts("team_reviewers")
    found = [host.account(login) for login in logins]
    if any(account is None or not host.may(account, repository, "read") for account in found):
        raise Refusal(
            422,
            "Reviews may only be requested from collaborators. One or more of the users or teams you "
            f"specified is not a collaborator of the {repository.full_name} repository.",
        )
    if any(host.team(repository.record.owner, slug) is None for slug in slugs):
        raise Refusal(422, "Could not resolve to a node with the global id of a team you specified.")
    if any(account is not None and account.login == issue.user for account in found):
        raise Refusal(422, "Review cannot be requested from pull request author.")
    for account in found:
        if account is not None and account.login not in pull.requested_reviewers:
            pull.requested_reviewers.append(account.login)
            repository.log_event(
                issue, "review_requested", viewer.login, requester=viewer.login, reviewer=account.login
            )
    pull.requested_teams = list(dict.fromkeys([*pull.requested_teams, *slugs]))
    repository.touch(issue)
    host.announce(Happening(repository, "pull_request", "review_requested", viewer.login, issue.number))


def withdraw_requests(repository: HostedRepository, issue: Issue, viewer: Account, body: Body) -> None:
    pull = _pull(issue)
    logins, slugs = {login.lower() for login in body.texts("reviewers")}, set(body.texts("team_reviewers"))
    for login in [login for login in pull.requested_reviewers if login.lower() in logins]:
        repository.log_event(issue, "review_request_removed", viewer.login, requester=viewer.login, reviewer=login)
    pull.requested_reviewers = [login for login in pull.requested_reviewers if login.lower() not in logins]
    pull.requested_teams = [slug for slug in pull.requested_teams if slug not in slugs]
    repository.touch(issue)


def _belongs(repository: HostedRepository, commit: str) -> bool:
    return repository.git.graph.get(commit) is not None


def _pull(issue: Issue) -> Pull:
    if issue.pull is None:
        raise NotFound
    return issue.pull
