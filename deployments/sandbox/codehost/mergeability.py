"""
Whether a pull request can be merged, learnt as late as on GitHub.

GitHub computes it in the background: the first question about a new head or base is answered with "unknown". Here the
first question answers so too, and the second computes.
"""

from .host import Host
from .hosted import HostedRepository
from .model import Issue
from .protection import context_state, demands_on, unmet_by_all


def mergeable(repository: HostedRepository, issue: Issue, *, asks: bool = True) -> bool | None:
    """An answer to a write does not ask: it repeats what is known."""
    pull = issue.pull
    if pull is None or issue.state != "open":
        return None
    question = (pull.head_sha, pull.base_sha)
    if repository.asked.get(issue.number) != question:
        if asks:
            repository.asked[issue.number] = question
        return None
    return repository.merger.merge(pull.base_sha, pull.head_sha).tree is not None


def mergeable_state(
    host: Host, repository: HostedRepository, issue: Issue, *, asks: bool = True
) -> tuple[bool | None, str]:
    can = mergeable(repository, issue, asks=asks)
    pull = issue.pull
    if pull is None or can is None:
        return None, "unknown"
    if not can:
        return False, "dirty"
    if pull.draft:
        return True, "draft"
    everybody = host.account("web-flow") or host.app
    demands = demands_on(host, repository, pull.base_ref, everybody)
    if unmet_by_all(host, repository, issue, demands):
        return True, "blocked"
    states = {context_state(repository, pull.head_sha, context) for context in demands.contexts}
    states |= {status.state for status in repository.statuses.get(pull.head_sha, [])[-1:]}
    return True, "unstable" if states - {"success"} else "clean"
