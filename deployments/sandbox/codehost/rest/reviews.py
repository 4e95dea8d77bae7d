"""Reviews and requests for them."""

from deployments.sandbox.codehost.call import Call, Listing, Reply
from deployments.sandbox.codehost.errors import Refusal
from deployments.sandbox.codehost.render.accounts import known_user, team
from deployments.sandbox.codehost.render.issues import review_document
from deployments.sandbox.codehost.render.pulls import simple_pull
from deployments.sandbox.codehost.reviews import (
    dismiss_review,
    find_review,
    request_reviewers,
    submit_review,
    visible_reviews,
    withdraw_requests,
    write_review,
)
from deployments.sandbox.codehost.router import Routes

routes = Routes()
REVIEWS = "/repos/{owner}/{repo}/pulls/{pull_number}/reviews"
REQUESTED = "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers"


@routes.get(REVIEWS)
def list_reviews(call: Call) -> Listing:
    repository = call.repository()
    reviews = visible_reviews(repository, call.pull(repository), call.viewer)
    return Listing(reviews, lambda review: review_document(call.host, repository, review))


@routes.post(REVIEWS)
def create(call: Call) -> Reply:
    repository = call.repository()
    review = write_review(call.host, repository, call.pull(repository), call.viewer, call.body)
    return Reply(review_document(call.host, repository, review))


@routes.get(REVIEWS + "/{review_id}")
def show(call: Call) -> Reply:
    repository = call.repository()
    review = find_review(repository, call.pull(repository), call.number("review_id"), call.viewer)
    return Reply(review_document(call.host, repository, review))


@routes.delete(REVIEWS + "/{review_id}")
def delete_pending(call: Call) -> Reply:
    repository = call.repository()
    issue = call.pull(repository)
    review = find_review(repository, issue, call.number("review_id"), call.viewer)
    if review.state != "PENDING" or review.user != call.viewer.login:
        raise Refusal(422, "Unprocessable Entity", errors=["Can not delete a non-pending pull request review"])
    repository.reviews[issue.number].remove(review)
    repository.store.delete(review)
    return Reply(review_document(call.host, repository, review))


@routes.post(REVIEWS + "/{review_id}/events")
def submit(call: Call) -> Reply:
    repository = call.repository()
    issue = call.pull(repository)
    review = find_review(repository, issue, call.number("review_id"), call.viewer)
    submit_review(call.host, repository, issue, review, call.body)
    return Reply(review_document(call.host, repository, review))


@routes.put(REVIEWS + "/{review_id}/dismissals")
def dismiss(call: Call) -> Reply:
    repository = call.repository("write")
    issue = call.pull(repository)
    review = find_review(repository, issue, call.number("review_id"), call.viewer)
    message = call.body.text("message", resource="PullRequestReview")
    dismiss_review(call.host, repository, review, message=message, by=call.viewer.login)
    return Reply(review_document(call.host, repository, review))


@routes.get(REQUESTED)
def list_requested(call: Call) -> Reply:
    repository = call.repository()
    pull = call.pull(repository).pull
    teams = [call.host.team(repository.record.owner, slug) for slug in (pull.requested_teams if pull else [])]
    return Reply(
        {
            "users": [known_user(call.host, login) for login in (pull.requested_reviewers if pull else [])],
            "teams": [team(call.host, record) for record in teams if record is not None],
        }
    )


@routes.post(REQUESTED)
def request(call: Call) -> Reply:
    repository = call.repository("write")
    issue = call.pull(repository)
    request_reviewers(call.host, repository, issue, call.viewer, call.body)
    return Reply(simple_pull(call.host, repository, issue, call.viewer), 201)


@routes.delete(REQUESTED)
def withdraw(call: Call) -> Reply:
    repository = call.repository("write")
    issue = call.pull(repository)
    withdraw_requests(repository, issue, call.viewer, call.body)
    return Reply(simple_pull(call.host, repository, issue, call.viewer))
