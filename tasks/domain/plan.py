"""
What a run is about to land: which pull requests, in which order, under which gates and policies.

The digest of a plan is what people sign. It covers what they answer for: members by number, with their heads and
dependencies. It covers neither the base nor the time nor the batches, nor the order that priority and age make of the
members, so that a signature outlives another run over the same facts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.dependencies import printable
from tasks.domain.gates import definition_digest
from tasks.domain.model import CommitSha, Digest, PullRequest, RepositoryName, Snapshot
from tasks.domain.ordering import Ordered, order_candidates, reasons_downstream, references_to_resolve
from tasks.domain.queue import Place
from tasks.domain.reasons import Reason, ReasonCode, outcome_of, told_moment
from tasks.domain.rules import Rules

__all__ = [
    "ConflictFound",
    "Member",
    "Ordered",
    "Plan",
    "conflict_reason",
    "make_plan",
    "order_candidates",
    "plan_document",
    "references_to_resolve",
    "statuses_document",
]

SCHEMA = "merge-hub-plan/1"
PATHS_NAMED = 5
PATH_LENGTH = 120


@dataclass(frozen=True, slots=True)
class ConflictFound:
    """
    `ahead` is the pull request that it conflicts with, None for the target branch itself.

    `unlisted` counts the files beyond `paths` where a record holds only some of them.
    """

    number: int
    ahead: int | None
    paths: tuple[str, ...]
    unlisted: int = 0

    @property
    def told(self) -> tuple[tuple[str, ...], int]:
        """The files that people are told of, in one line each, and how many more there are."""
        named = tuple(printable(path, PATH_LENGTH) for path in self.paths[:PATHS_NAMED])
        return named, len(self.paths) - len(named) + self.unlisted


@dataclass(frozen=True, slots=True)
class Member:
    number: int
    head: CommitSha
    dependencies: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """
    `members` are in landing order, by their `places`; `reasons` hold every candidate that is none.

    `waiting` names the pull request ahead that each conflicts with: if that one does not land, it may come back.
    `gates` are names with the digests of their definitions.
    """

    repository: RepositoryName
    repository_id: str
    team: str
    target: str
    members: tuple[Member, ...]
    waiting: Mapping[int, int]
    reasons: Mapping[int, tuple[Reason, ...]]
    gates: tuple[tuple[str, Digest], ...]
    policy_digest: str
    places: Mapping[int, Place] = field(default_factory=dict)

    @property
    def digest(self) -> Digest:
        signed = {
            "repository_id": self.repository_id,
            "target": self.target,
            "members": [member_document(member) for member in sorted(self.members, key=lambda member: member.number)],
            "gates": _gates_document(self.gates),
            "policy_digest": self.policy_digest,
        }
        return digest_of(canonical_json(signed))


def make_plan(rules: Rules, snapshot: Snapshot, ordered: Ordered, conflicts: Mapping[int, ConflictFound]) -> Plan:
    """`conflicts` are those found when the ordered pull requests were merged one after another, by number."""
    pull_requests = {pull_request.number: pull_request for pull_request in snapshot.pull_requests}
    numbers = [pull_request.number for pull_request in ordered.order]
    found = {number: conflicts[number] for number in numbers if number in conflicts}
    reasons = {number: [conflict_reason(conflict, pull_requests)] for number, conflict in found.items()}
    for number, held in reasons_downstream(ordered.dependencies, found, snapshot).items():
        reasons.setdefault(number, []).extend(held)
    reasons |= {number: list(given) for number, given in ordered.reasons.items()}

    if not any(gate.required for gate in rules.gates):
        nothing_proven = Reason(ReasonCode.NO_REQUIRED_GATE, f"no gate of team {rules.team} is required")
        for number in {*numbers, *reasons}:
            reasons.setdefault(number, []).append(nothing_proven)
    return Plan(
        repository=snapshot.repository,
        repository_id=snapshot.repository_id,
        team=rules.team,
        target=snapshot.target,
        members=tuple(_member(one, ordered) for one in ordered.order if one.number not in reasons),
        waiting={number: conflict.ahead for number, conflict in found.items() if conflict.ahead is not None},
        reasons={number: tuple(reasons[number]) for number in sorted(reasons)},
        gates=tuple((gate.name, definition_digest(gate)) for gate in rules.gates),
        policy_digest=rules.policy_digest,
        places=ordered.places,
    )


def plan_document(
    plan: Plan,
    rules: Rules,
    snapshot: Snapshot,
    held: Mapping[int, Sequence[Reason]] | None = None,
    change_sets: Sequence[Mapping[str, JsonValue]] = (),
) -> dict[str, JsonValue]:
    """
    What plan.json says; whoever has it can compute the digest again.

    `held` are the reasons against those that were no candidates. `change_sets` are those with members here, of which
    the plan lands none: a set lands as a whole, behind the rest.
    """
    reasons = {**(held or {}), **plan.reasons}
    pulls = {pull_request.number: pull_request for pull_request in snapshot.pull_requests}
    return {
        "schema": SCHEMA,
        "digest": plan.digest,
        "organization": rules.organization,
        "team": plan.team,
        "repository": plan.repository,
        "repository_id": plan.repository_id,
        "target": plan.target,
        "gates": _gates_document(plan.gates),
        "policy_digest": plan.policy_digest,
        "members": [
            {
                "position": position,
                "title": pulls[member.number].title,
                **member_document(member),
                **place_document(plan.places.get(member.number, Place(member.number))),
                "statuses": statuses_document(pulls[member.number]),
            }
            for position, member in enumerate(plan.members, start=1)
        ],
        "not_planned": [_reasons_document(pulls[number], reasons[number]) for number in sorted(reasons)],
        "change_sets": [dict(each) for each in change_sets],
    }


def statuses_document(pull_request: PullRequest) -> list[JsonValue]:
    """What others reported about its head, which decides nothing here; a name is empty where it is not told."""
    return [{"name": status.name, "state": status.state.value} for status in pull_request.statuses]


def _member(pull_request: PullRequest, ordered: Ordered) -> Member:
    dependencies = tuple(sorted(ordered.dependencies[pull_request.number]))
    return Member(pull_request.number, pull_request.head, dependencies)


def conflict_reason(conflict: ConflictFound, pull_requests: Mapping[int, PullRequest]) -> Reason:
    """
    Its own author is to act, whatever it conflicts with.

    Both author and text are true before the one ahead lands and after it, so that a rerun has nothing to record.
    """
    author = pull_requests[conflict.number].author
    where = _named(conflict)
    if conflict.ahead is None:
        return Reason(ReasonCode.CONFLICT_BASE, f"conflicts with the target branch in {where}", author)
    told = f"conflicts with #{conflict.ahead}, which goes first, in {where}: rebase it onto what lands"
    return Reason(ReasonCode.CONFLICT_AHEAD, told, author)


def _named(conflict: ConflictFound) -> str:
    told, more = conflict.told
    if not told:
        return "files that are not known"
    named = ", ".join(told)
    return f"{named} and {more} more" if more > 0 else named


def member_document(member: Member) -> dict[str, JsonValue]:
    return {"number": member.number, "head": member.head, "dependencies": list(member.dependencies)}


def place_document(place: Place) -> dict[str, JsonValue]:
    """Where its lane and its priority come from is empty where nobody asked for another than the ordinary."""
    return {
        "lane": place.lane.value,
        "lane_from": place.lane_from,
        "priority": place.priority,
        "priority_from": list[JsonValue](place.priority_from),
        "age_class": place.age,
    }


def _gates_document(gates: Sequence[tuple[str, Digest]]) -> list[JsonValue]:
    return [{"name": name, "definition": definition} for name, definition in gates]


def _reasons_document(pull_request: PullRequest, reasons: Sequence[Reason]) -> JsonValue:
    return {
        "number": pull_request.number,
        "outcome": outcome_of(reasons).value,
        "reasons": [
            {
                "code": reason.code.value,
                "message": reason.message,
                "actor": reason.actor,
                "until": None if reason.until is None else told_moment(reason.until),
            }
            for reason in reasons
        ],
        "statuses": statuses_document(pull_request),
    }
