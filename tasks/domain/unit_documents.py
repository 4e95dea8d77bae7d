"""Units of change sets as plain JSON: what a repository is asked to look at or to land, and what it has ready."""

from collections.abc import Mapping

from pydantic import JsonValue

from tasks.domain.change_set_documents import reference_from
from tasks.domain.change_set_records import Part
from tasks.domain.change_sets import ChangeSet
from tasks.domain.gates import Companion
from tasks.domain.model import CommitSha, RepositoryName, TreeSha
from tasks.domain.run import Assignment, Result, dicts_in
from tasks.domain.units import Unit, unit_of

Json = dict[str, JsonValue]


def unit_document(unit: Unit) -> Json:
    return {
        "name": unit.name,
        "heads": {str(number): head for number, head in unit.heads.items()},
        "elsewhere": {str(reference): head for reference, head in unit.elsewhere.items()},
        "companions": [_companion_document(each) for each in unit.companions],
        "retry": unit.retry,
    }


def unit_from(document: Mapping[str, JsonValue]) -> Unit:
    retry = document["retry"]
    return Unit(
        str(document["name"]),
        {int(number): CommitSha(str(head)) for number, head in _mapping(document["heads"]).items()},
        {reference_from(each): CommitSha(str(head)) for each, head in _mapping(document["elsewhere"]).items()},
        tuple(_companion_from(each) for each in dicts_in(document["companions"])),
        None if retry is None else str(retry),
    )


def part_of(change_set: ChangeSet, repository: RepositoryName, team: str, result: Result) -> Part:
    """What is ready to land there, as `result` tells of it."""
    unit = _mapping(result["unit"])
    ready = _mapping(unit["ready"])
    return Part(
        team=team,
        repository=repository,
        repository_id=str(unit["repository_id"]),
        heads=tuple((each.reference.number, each.head) for each in change_set.within(repository)),
        base=CommitSha(str(ready["base"])),
        commit=CommitSha(str(ready["commit"])),
        tree=TreeSha(str(ready["tree"])),
    )


def unit_beside(change_set: ChangeSet, at: Assignment, ready: Mapping[Assignment, Result]) -> Unit:
    """What is of the set in one repository, with what is ready to land in all others as their results tell of it."""
    beside = sorted((_ready(result) for each, result in ready.items() if each != at), key=lambda each: each.repository)
    return unit_of(change_set, RepositoryName(str(ready[at]["repository"])), tuple(beside))


def same_candidates(one: Mapping[Assignment, Result], other: Mapping[Assignment, Result]) -> bool:
    return {_ready(result) for result in one.values()} == {_ready(result) for result in other.values()}


def _ready(result: Result) -> Companion:
    unit = _mapping(result["unit"])
    told = {"repository": result["repository"], "id": unit["repository_id"], **_mapping(unit["ready"])}
    return _companion_from(told)


def _companion_document(companion: Companion) -> Json:
    return {
        "repository": companion.repository,
        "id": companion.repository_id,
        "commit": companion.commit,
        "tree": companion.tree,
    }


def _companion_from(document: Mapping[str, JsonValue]) -> Companion:
    return Companion(
        RepositoryName(str(document["repository"])),
        str(document["id"]),
        CommitSha(str(document["commit"])),
        TreeSha(str(document["tree"])),
    )


def _mapping(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}
