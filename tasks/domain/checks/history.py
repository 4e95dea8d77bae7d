"""The commits that a pull request adds, and how far the target branch has gone on without it."""

from datetime import datetime

from config.schema import FreshnessParameters
from tasks.domain.checks.judgement import Judgement, Satisfied, in_error, listed, violated
from tasks.domain.model import Contribution, PullRequest


def check_linear_history(pull: PullRequest, contribution: Contribution | None) -> Judgement:
    """Whatever git says it adds, be it more than the code host lists."""
    if contribution is None or not contribution.commits:
        return in_error("the commits that it adds are to be known, and none is", pull.author)
    if contribution.merges:
        named = listed([commit[:7] for commit in contribution.merges])
        return violated(f"it is to add no merge commit, and adds {named}", pull.author)
    return Satisfied(f"none of the {len(contribution.commits)} commits that it adds is a merge")


def check_freshness(
    parameters: FreshnessParameters, pull: PullRequest, contribution: Contribution | None, at: datetime | None
) -> Judgement:
    if contribution is None:
        return in_error("it is to be known how far it is behind its target branch, and is not", pull.author)
    behind, most = contribution.behind, parameters.max_commits_behind
    if most is not None and behind > most:
        return violated(f"it is {behind} of at most {most} commits behind its target branch", pull.author)
    days = parameters.max_days_behind
    if days is None or behind == 0:
        return Satisfied(f"it is {behind} commits behind its target branch")
    if at is None or contribution.behind_since is None:
        return in_error("it is to be known since when it is behind its target branch, and is not", pull.author)
    since = contribution.behind_since
    told = f"it lacks what its target branch has since {since:%Y-%m-%d}, and may for at most {days} days"
    return violated(told, pull.author) if (at.date() - since.date()).days > days else Satisfied(told)
