"""
Which plan waits for signatures, and whether it is still what people were asked to sign.

While a plan waits it is frozen: whoever comes later and needs a signature goes into the next one. It ends when all of
it has landed, or when a member moves or leaves, and then its signatures are void. What only a time or the world keeps
from landing has not left.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tasks.domain.approvals import short
from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.gates import definition_digest
from tasks.domain.model import CommitSha, Digest, Login, PullRequest, Snapshot
from tasks.domain.ordering import order_candidates
from tasks.domain.plan import Member, Plan
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.rules import Rules
from tasks.domain.sign_off_records import Asked

LARGEST = 64
"""Members of a plan that people are asked to sign: what they answer for fits on a page, and into an event."""

PASSING = frozenset(
    {
        ReasonCode.FROZEN,
        ReasonCode.NOT_BEFORE,
        ReasonCode.PAUSED,
        ReasonCode.SIGN_OFF_MISSING,
        ReasonCode.STAGE_OBSERVE,
        ReasonCode.STAGE_GATE,
        ReasonCode.BASE_RED,
        ReasonCode.BASE_MOVING,
        ReasonCode.GATE_ERRORED,
        ReasonCode.LANDING_REJECTED,
        ReasonCode.REPOSITORY_FAILED,
    }
)
"""Who is held for nothing but these has not left the plan."""

Landed = Callable[[int, CommitSha], bool]
Reasons = Mapping[int, tuple[Reason, ...]]


def terms_of(rules: Rules) -> Digest:
    """The gates and policies that a plan is made under."""
    gates = [[gate.name, definition_digest(gate)] for gate in rules.gates]
    return digest_of(canonical_json({"gates": gates, "policy_digest": rules.policy_digest, "target": rules.target}))


def is_done(asked: Asked, has_landed: Landed) -> bool:
    return all(has_landed(member.number, member.head) for member in asked.members)


def why_void(asked: Asked, snapshot: Snapshot, has_landed: Landed, rules: Rules, against: Reasons) -> str | None:
    """Why it is not what people were asked to sign; None where it still is. `against` is all that holds anybody."""
    if asked.terms != terms_of(rules):
        return "the gates, the policies or the target branch are other ones by now"
    if (why := why_left(asked, snapshot, has_landed, against)) is not None:
        return why
    waiting = [member for member in asked.members if not has_landed(member.number, member.head)]
    needs = order_candidates(snapshot, frozenset(member.number for member in waiting)).dependencies
    landed = asked.numbers - {member.number for member in waiting}
    for member in waiting:
        now = needs.get(member.number, frozenset()) & asked.numbers
        if now - landed != set(member.dependencies) - landed:
            return f"#{member.number} depends on others by now"
    return None


def why_left(asked: Asked, snapshot: Snapshot, has_landed: Landed, against: Reasons) -> str | None:
    """Who closed, moved, or is held by something that lasts; None where nobody is."""
    open_ = {pull.number: pull for pull in snapshot.pull_requests}
    told = (
        _why_left(member, open_.get(member.number), against.get(member.number, ()))
        for member in asked.members
        if not has_landed(member.number, member.head)
    )
    return next((why for why in told if why is not None), None)


def _why_left(member: Member, pull: PullRequest | None, against: Sequence[Reason]) -> str | None:
    if pull is None:
        return f"#{member.number} is not open any more"
    if pull.head != member.head:
        return f"#{member.number} moved from {short(member.head)} to {short(pull.head)}"
    lasting = next((reason for reason in against if reason.code not in PASSING), None)
    return None if lasting is None else f"#{member.number} left: {lasting.message}"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The plan that people are asked to sign; `plan.digest` names it. `left_over` needs signatures and is not in it."""

    plan: Plan
    left_over: tuple[int, ...]


def plan_to_sign(plan: Plan, waiting: Collection[int]) -> Chosen | None:
    """Those of `plan` that wait, as many as people are asked about at a time, in the order in which they land."""
    members = [member for member in plan.members if member.number in waiting][:LARGEST]
    if not members:
        return None
    numbers = {member.number for member in members}
    here = tuple(
        replace(member, dependencies=tuple(each for each in member.dependencies if each in numbers))
        for member in members
    )
    return Chosen(replace(plan, members=here), tuple(sorted(set(waiting) - numbers)))


def asked_for(
    chosen: Chosen, change_set: str, roles: Collection[str], contributors: frozenset[Login], turn: int, rules: Rules
) -> Asked:
    """Not on record yet."""
    return Asked(
        plan=chosen.plan.digest,
        change_set=change_set,
        target=chosen.plan.target,
        members=tuple(sorted(chosen.plan.members, key=lambda member: member.number)),
        terms=terms_of(rules),
        roles=frozenset(roles),
        contributors=contributors,
        turn=turn,
        since=datetime.max.replace(tzinfo=UTC),
        event="",
    )


def next_plan(asked: Asked | None) -> Reason:
    """Against whoever needs a signature and is not in the plan that waits."""
    which = "another plan" if asked is None else f"plan {asked.plan}"
    return Reason(ReasonCode.PLAN_FROZEN, f"{which} waits for signatures first; this goes into the next one")
