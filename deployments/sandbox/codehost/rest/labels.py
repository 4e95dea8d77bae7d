"""Labels of a repository and of an issue."""

from typing import Any
from urllib.parse import unquote

from deployments.sandbox.codehost.call import Call, Listing, Reply
from deployments.sandbox.codehost.errors import Invalid, NotFound
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.labels import change_labels, checked_label, label_names
from deployments.sandbox.codehost.model import Issue, Label
from deployments.sandbox.codehost.render.repositories import label, labels
from deployments.sandbox.codehost.router import Routes

routes = Routes()
LABELS = "/repos/{owner}/{repo}/labels"
ON_ISSUE = "/repos/{owner}/{repo}/issues/{issue_number}/labels"


@routes.get(LABELS)
def list_labels(call: Call) -> Listing:
    repository = call.repository()
    return Listing(list(repository.labels.values()), lambda record: label(call.host, repository, record))


@routes.post(LABELS)
def create(call: Call) -> Reply:
    repository = call.repository("write")
    name = checked_label(call.body.text("name", resource="Label"))
    if name.lower() in repository.labels:
        raise Invalid.field("Label", "name", "already_exists")
    record = Label(
        id=call.host.store.new_id(),
        repository=repository.id,
        name=name,
        color=(call.body.optional_text("color") or "ededed").lstrip("#"),
        description=call.body.optional_text("description"),
    )
    repository.add(record)
    return Reply(label(call.host, repository, record), 201)


@routes.get(LABELS + "/{name:path}")
def show(call: Call) -> Reply:
    repository = call.repository()
    return Reply(label(call.host, repository, _label(call, repository)))


@routes.patch(LABELS + "/{name:path}")
def update(call: Call) -> Reply:
    repository = call.repository("write")
    record = _label(call, repository)
    old, new = record.name, checked_label(call.body.optional_text("new_name") or record.name)
    if new.lower() != old.lower() and new.lower() in repository.labels:
        raise Invalid.field("Label", "name", "already_exists")
    record.color = (call.body.optional_text("color") or record.color).lstrip("#")
    record.description = call.body.optional_text("description", record.description)
    record.name = new
    repository.save(record)
    repository.labels.pop(old.lower())
    repository.index(record)
    _rename_on_issues(repository, old, new)
    return Reply(label(call.host, repository, record))


@routes.delete(LABELS + "/{name:path}")
def delete(call: Call) -> Reply:
    repository = call.repository("write")
    record = _label(call, repository)
    repository.labels.pop(record.name.lower())
    repository.store.delete(record)
    _rename_on_issues(repository, record.name, None)
    return Reply(status=204)


def _label(call: Call, repository: HostedRepository) -> Label:
    found = repository.labels.get(unquote(call.parameters["name"]).lower())
    if found is None:
        raise NotFound
    return found


def _rename_on_issues(repository: HostedRepository, old: str, new: str | None) -> None:
    for issue in repository.issues.values():
        if old in issue.labels:
            issue.labels = [new if name == old else name for name in issue.labels if name != old or new]  # type: ignore[misc]
            repository.save(issue)


@routes.get(ON_ISSUE)
def list_on_issue(call: Call) -> Listing:
    repository = call.repository()
    return Listing(labels(call.host, repository, call.issue(repository).labels), lambda document: document)


@routes.post(ON_ISSUE)
def add(call: Call) -> Reply:
    repository = call.repository("triage")
    issue = call.issue(repository)
    change_labels(call.host, repository, issue, call.viewer, add=_names(call))
    return _shown(call, repository, issue)


@routes.put(ON_ISSUE)
def replace(call: Call) -> Reply:
    repository = call.repository("triage")
    issue = call.issue(repository)
    names = _names(call)
    kept = {name.lower() for name in names}
    gone = [name for name in issue.labels if name.lower() not in kept]
    change_labels(call.host, repository, issue, call.viewer, add=names, remove=gone)
    return _shown(call, repository, issue)


@routes.delete(ON_ISSUE)
def remove_all(call: Call) -> Reply:
    repository = call.repository("triage")
    issue = call.issue(repository)
    change_labels(call.host, repository, issue, call.viewer, remove=list(issue.labels))
    return Reply(status=204)


@routes.delete(ON_ISSUE + "/{name:path}")
def remove(call: Call) -> Reply:
    repository = call.repository("triage")
    issue = call.issue(repository)
    name = unquote(call.parameters["name"])
    if name.lower() not in {label.lower() for label in issue.labels}:
        raise NotFound("Label does not exist")
    change_labels(call.host, repository, issue, call.viewer, remove=[name])
    return _shown(call, repository, issue)


def _shown(call: Call, repository: HostedRepository, issue: Issue) -> Reply:
    return Reply(labels(call.host, repository, issue.labels))


def _names(call: Call) -> list[str]:
    """`{"labels": [...]}` or a bare list: GitHub takes both."""
    document: Any = call.body.document
    return label_names(document.get("labels", []) if isinstance(document, dict) else document)
