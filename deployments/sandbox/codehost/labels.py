"""Labels put on an issue and taken off, each with its event in the timeline."""

from collections.abc import Sequence
from typing import Any

from .errors import Invalid
from .host import Happening, Host
from .hosted import HostedRepository
from .model import Account, Issue

MOST_CHARACTERS = 50


def checked_label(name: str) -> str:
    if len(name) > MOST_CHARACTERS:
        message = f"name is too long (maximum is {MOST_CHARACTERS} characters)"
        raise Invalid.custom("Label", message, "name")
    return name


def label_names(items: Any) -> list[str]:
    """Names, or objects with a name."""
    if not isinstance(items, list):
        raise Invalid(message="Invalid request.\n\n'labels' is not an array.")
    names: list[Any] = [item.get("name") if isinstance(item, dict) else item for item in items]
    if not all(isinstance(name, str) and name for name in names):
        raise Invalid.field("Label", "name", "missing_field")
    return [checked_label(name) for name in names]


def change_labels(
    host: Host,
    repository: HostedRepository,
    issue: Issue,
    viewer: Account,
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
) -> None:
    """A label that the repository does not have is made. What is so already leaves no event."""
    leaving = {name.lower() for name in remove}
    for name in [name for name in issue.labels if name.lower() in leaving]:
        issue.labels.remove(name)
        _note(host, repository, issue, "unlabeled", viewer.login, name)
    for name in add:
        label = repository.label_named(name)
        if label.name not in issue.labels:
            issue.labels.append(label.name)
            _note(host, repository, issue, "labeled", viewer.login, label.name)
    repository.touch(issue)


def _note(host: Host, repository: HostedRepository, issue: Issue, event: str, login: str, name: str) -> None:
    label = repository.label_named(name)
    detail = {"name": label.name, "color": label.color}
    repository.log_event(issue, event, login, label=detail)
    kind = "pull_request" if issue.pull else "issues"
    host.announce(Happening(repository, kind, event, login, issue.number, {"label": detail}))
