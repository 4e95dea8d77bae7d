"""
GitHub's search language, as far as it names plain facts.

A qualifier that is not known is refused, because to pass over it would find too much.
"""

import shlex
from collections.abc import Callable

from .host import Host
from .hosted import HostedRepository
from .model import Account, Issue
from .sync import synchronise

Found = tuple[HostedRepository, Issue]
Term = tuple[str, str]
MATCHERS: dict[str, Callable[[HostedRepository, Issue, str], bool]] = {
    "repo": lambda repository, _, value: repository.full_name.lower() == value.lower(),
    "org": lambda repository, _, value: repository.record.owner.lower() == value.lower(),
    "user": lambda repository, _, value: repository.record.owner.lower() == value.lower(),
    "state": lambda _, issue, value: issue.state == value,
    "author": lambda _, issue, value: issue.user.lower() == value.lower(),
    "label": lambda _, issue, value: value.lower() in {name.lower() for name in issue.labels},
    "base": lambda _, issue, value: issue.pull is not None and issue.pull.base_ref == value,
    "head": lambda _, issue, value: issue.pull is not None and issue.pull.head_ref == value,
    "is": lambda _, issue, value: _is(issue, value),
    "type": lambda _, issue, value: _is(issue, value),
    "draft": lambda _, issue, value: issue.pull is not None and issue.pull.draft == (value == "true"),
    "": lambda _, issue, value: value.lower() in f"{issue.title}\n{issue.body or ''}".lower(),
}
STATES = ("pr", "issue", "open", "closed", "merged", "unmerged", "draft")


def parse_query(text: str) -> list[tuple[bool, Term]]:
    """Terms with whether they must hold; `-` before a qualifier turns it round."""
    terms = []
    for word in shlex.split(text):
        wanted = not (word.startswith("-") and ":" in word)
        key, colon, value = word.lstrip("-").partition(":")
        if not colon:
            terms.append((True, ("", word)))
        elif key in MATCHERS and (key not in {"is", "type"} or value in STATES):
            terms.append((wanted, (key, value)))
        else:
            raise ValueError(word)
    return terms


def search_issues(host: Host, viewer: Account, terms: list[tuple[bool, Term]]) -> list[Found]:
    """Newest first."""
    found = []
    for repository in list(host.repositories.values()):
        if not host.may(viewer, repository, "read"):
            continue
        synchronise(host, repository)
        found += [
            (repository, issue)
            for issue in list(repository.issues.values())
            if all(MATCHERS[key](repository, issue, value) == wanted for wanted, (key, value) in terms)
        ]
    return sorted(found, key=lambda item: (item[1].created_at, item[1].id), reverse=True)


def _is(issue: Issue, value: str) -> bool:
    pull = issue.pull
    facts = {
        "pr": pull is not None,
        "issue": pull is None,
        "open": issue.state == "open",
        "closed": issue.state == "closed",
        "merged": pull is not None and pull.merged_at is not None,
        "unmerged": pull is not None and pull.merged_at is None,
        "draft": pull is not None and pull.draft,
    }
    return facts[value]
