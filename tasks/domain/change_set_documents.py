"""Change sets as plain JSON, which is how one repository's journey tells of its members and is told of the others."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from tasks.domain.change_set_records import record_document, record_from
from tasks.domain.change_sets import PENDING, ChangeSet, Member
from tasks.domain.cycles import folded
from tasks.domain.joint_refusals import JointRefusal
from tasks.domain.model import CommitSha, Login, Reference, RepositoryName
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.run import Result, dicts_in

Json = dict[str, JsonValue]


def change_set_document(change_set: ChangeSet) -> Json:
    return {
        "name": change_set.name,
        "members": [_member_document(member) for member in change_set.members],
        "not_seen": {str(repository): why for repository, why in change_set.unseen.items()},
        "records": {str(repository): record_document(each) for repository, each in change_set.records.items()},
    }


def change_sets_from(documents: JsonValue) -> tuple[ChangeSet, ...]:
    return tuple(
        ChangeSet(
            str(document["name"]),
            tuple(_member_from(member) for member in dicts_in(document["members"])),
            {RepositoryName(name): str(why) for name, why in _mapping(document["not_seen"]).items()},
            (),
            {RepositoryName(name): record_from(_mapping(each)) for name, each in _mapping(document["records"]).items()},
        )
        for document in dicts_in(documents)
    )


def told_from(documents: Any) -> tuple[ChangeSet, ...] | None:
    return None if documents is None else change_sets_from(documents)


def gathered(results: Iterable[Result]) -> tuple[ChangeSet, ...]:
    """
    The sets of all repositories, by name; what one that failed may hold of them is not known.

    Names that differ in case alone are one set, called as its first member calls it.
    """
    parts: dict[str, list[ChangeSet]] = {}
    unseen: dict[RepositoryName, str] = {}
    for result in results:
        if result["error"] is not None:
            unseen[RepositoryName(str(result["repository"]))] = "which failed in this run"
        for part in change_sets_from(result.get("change_sets")):
            parts.setdefault(part.name.casefold(), []).append(part)
    return tuple(joined_parts(parts[key], unseen) for key in sorted(parts))


def joined_parts(parts: Iterable[ChangeSet], unseen: Mapping[RepositoryName, str]) -> ChangeSet:
    """One set of what several repositories hold of it, with each need of another member spelled as that one is."""
    every = list(parts)
    members = sorted((member for part in every for member in part.members), key=lambda member: member.reference)
    spelled = {folded(member.reference): member.reference for member in members}
    known = tuple(
        replace(each, needs=tuple(spelled.get(folded(need), need) for need in each.needs)) for each in members
    )
    names = {member.reference: part.name for part in every for member in part.members}
    return ChangeSet(
        names[members[0].reference] if members else every[0].name,
        known,
        {**unseen, **{name: why for part in every for name, why in part.unseen.items()}},
        (),
        {repository: record for part in every for repository, record in part.records.items()},
    )


def reason_document(reason: Reason) -> Json:
    until = None if reason.until is None else reason.until.isoformat()
    return {"code": reason.code.value, "message": reason.message, "actor": reason.actor, "until": until}


def reasons_from(value: JsonValue) -> tuple[Reason, ...]:
    return tuple(
        Reason(ReasonCode(str(each["code"])), str(each["message"]), _text(each["actor"]), _moment(each.get("until")))
        for each in dicts_in(value)
    )


def reference_from(value: JsonValue) -> Reference:
    repository, _, number = str(value).rpartition("#")
    return Reference(RepositoryName(repository), int(number))


def _member_document(member: Member) -> Json:
    return {
        "repository": member.reference.repository,
        "number": member.reference.number,
        "head": member.head,
        "author": member.author,
        "needs": [str(need) for need in member.needs],
        "reasons": [reason_document(reason) for reason in member.against],
        **({} if member.retry is None else {"retry": member.retry}),
        **({"refusals": [_refusal_document(each) for each in member.refusals]} if member.refusals else {}),
    }


def _refusal_document(refusal: JointRefusal) -> Json:
    beside: list[JsonValue] = [[str(reference), head] for reference, head in sorted(refusal.beside)]
    return {"beside": beside, "retry": refusal.retry, "reason": reason_document(refusal.reason)}


def _refusal_from(document: Mapping[str, JsonValue]) -> JointRefusal:
    beside, (reason,) = document["beside"], reasons_from([document["reason"]])
    pairs = (pair for pair in (beside if isinstance(beside, list) else ()) if isinstance(pair, list))
    seen = frozenset((reference_from(pair[0]), CommitSha(str(pair[1]))) for pair in pairs)
    return JointRefusal(seen, _text(document["retry"]), reason)


def _member_from(document: Mapping[str, JsonValue]) -> Member:
    author, needs = _text(document["author"]), document["needs"]
    return Member(
        Reference(RepositoryName(str(document["repository"])), int(str(document["number"]))),
        CommitSha(str(document["head"])),
        None if author is None else Login(author),
        tuple(reference_from(need) for need in (needs if isinstance(needs, list) else ())),
        reasons_from(document["reasons"]),
        _text(document.get("retry")),
        tuple(_refusal_from(each) for each in dicts_in(document.get("refusals"))),
    )


def after_unit(change_set: ChangeSet, repository: RepositoryName, result: Result) -> ChangeSet:
    """The set with what was found against its members in one repository, when they were looked at to land."""
    error, kept = result["error"], _mapping(result.get("unit")).get("kept")
    pulls = {pull["number"]: pull for pull in dicts_in(result["pull_requests"])}
    found: dict[Reference, tuple[Reason, ...]] = {}
    for member in change_set.within(repository):
        pull = pulls.get(member.reference.number)
        if isinstance(error, dict):
            message = f"its repository failed: {error['message']}"
            found[member.reference] = (Reason(ReasonCode.REPOSITORY_FAILED, message),)
        elif pull is None and kept is not None:
            continue
        elif pull is None:
            message = "it was closed or merged when its change set was decided"
            found[member.reference] = (Reason(ReasonCode.CHANGED_MEANWHILE, message, member.author),)
        else:
            found[member.reference] = tuple(each for each in reasons_from(pull["reasons"]) if each != PENDING)
    return change_set.with_reasons(found)


def why_of(result: Result) -> str:
    """Why what was to be done there was not, as the result of the attempt tells it."""
    error, kept = result["error"], _mapping(result.get("unit")).get("kept")
    if kept is not None:
        return str(kept)
    if isinstance(error, dict):
        return f"{result['repository']} failed: {error['message']}"
    reasons = (reason for pull in dicts_in(result["pull_requests"]) for reason in reasons_from(pull["reasons"]))
    told = dict.fromkeys(reason.message for reason in reasons if reason != PENDING)
    return "; ".join(told) or "it was closed or merged by others"


def _moment(value: JsonValue) -> datetime | None:
    return None if value is None else datetime.fromisoformat(str(value))


def _text(value: JsonValue) -> str | None:
    return None if value is None else str(value)


def _mapping(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}
