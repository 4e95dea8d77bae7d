"""The one way from the audit log to the signatures on a plan, each checked by OpenSSH and judged anew."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from tasks.domain.audit import EventType, RepositoryIdentity
from tasks.domain.frozen_plan import Landed, Reasons, is_done, next_plan, why_left, why_void
from tasks.domain.journey import Journey
from tasks.domain.memory import Memory
from tasks.domain.model import Circumstances, PullRequest, Snapshot
from tasks.domain.ordering import Ordered
from tasks.domain.plan import conflict_reason
from tasks.domain.rules import Rules
from tasks.domain.sign_off import Bench, Checked, Judgement, concerned, demanded, judge, reasons_of_signatures, wrote
from tasks.domain.sign_off_records import (
    MAIN,
    SIGN_OFF_EVENTS,
    Asked,
    Given,
    SignOffLedger,
    ledger_of,
    parse_given,
    voided_event,
)
from tasks.ports import Services, Signatures
from tasks.recording import recorder_for


def signatures_of(asked: Asked, repository_id: str, services: Services) -> tuple[Given, ...]:
    given = map(parse_given, services.log.events(repository_id=repository_id, types={EventType.SIGNATURE_GIVEN}))
    return tuple(each for each in given if each.plan == asked.plan)


def judged(given: Iterable[Given], bench: Bench, signatures: Signatures) -> Judgement:
    checked = [
        Checked(each, signatures.refusal(each.signed, each.signature, each.principal, bench.at)) for each in given
    ]
    return judge(checked, bench)


def bench_for(
    asked: Asked, members: Collection[PullRequest], rules: Rules, snapshot: Snapshot, services: Services
) -> Bench:
    """`members` are those of it that are open, as they are now; `snapshot` knows the circumstances of that."""
    about = RepositoryIdentity(id=snapshot.repository_id, name=snapshot.repository)
    roles = asked.roles | demanded(tuple(members), len(asked.members), rules, snapshot.circumstances)
    return Bench(asked, about, roles, asked.contributors | wrote(members), rules, services.clock.now())


@dataclass(frozen=True, slots=True)
class Waiting:
    """The plan that waits, if any; `lacking` is empty where all who must sign it have."""

    asked: Asked | None
    judgement: Judgement | None
    lacking: Reasons

    def first_of(self, ordered: Ordered) -> Ordered:
        """What waits goes first, so that nothing that came later lands what it then conflicts with."""
        if self.asked is None:
            return ordered
        asked = self.asked
        order = tuple(sorted(ordered.order, key=lambda pull: not asked.holds(pull.number, pull.head)))
        return replace(ordered, order=order)

    def held_in(self, journey: Journey) -> Reasons:
        """Who lacks signatures of those that are planned, and whoever conflicts with them."""
        planned = {pull.number for pull in journey.planned}
        lacking = {number: told for number, told in self.lacking.items() if number in planned}
        pulls = {pull.number: pull for pull in journey.snapshot.pull_requests}
        behind = {pull.number: (conflict_reason(found, pulls),) for pull, found in journey.behind(lacking.keys())}
        return {**lacking, **behind}


NOTHING = Waiting(None, None, {})


def newcomers_held(waiting: Waiting, candidates: Collection[int], snapshot: Snapshot, rules: Rules) -> Reasons:
    """Who came after the plan that waits and needs a signature too; nobody, where that one has all it needs."""
    if waiting.asked is None or not waiting.lacking:
        return {}
    pulls = [pull for pull in snapshot.pull_requests if pull.number in candidates]
    needy = concerned(pulls, 1, rules, snapshot.circumstances) - waiting.asked.numbers
    return dict.fromkeys(needy, (next_plan(waiting.asked),))


def ledger_now(snapshot: Snapshot, services: Services) -> SignOffLedger:
    return ledger_of(services.log.events(repository_id=snapshot.repository_id, types=SIGN_OFF_EVENTS))


def waiting_plan(
    rules: Rules, snapshot: Snapshot, memory: Memory, against: Reasons, services: Services, name: str = MAIN
) -> Waiting:
    """The plan that waits as it is now; one that is not any more what people were asked to sign is put down as void."""
    _void_of_sets(rules, snapshot, memory, services)
    asked = memory.sign_offs.asked.get(name.casefold())
    if asked is None or is_done(asked, memory.has_head_landed):
        return NOTHING
    because = why_void(asked, snapshot, memory.has_head_landed, rules, against)
    if because is not None:
        services.log.append([voided_event(recorder_for(rules, snapshot), asked, because)])
        return NOTHING
    members = [pull for pull in snapshot.pull_requests if asked.holds(pull.number, pull.head)]
    return _looked_at(asked, members, rules, snapshot, services)


def _void_of_sets(rules: Rules, snapshot: Snapshot, memory: Memory, services: Services) -> None:
    """What somebody left by closing or moving; nobody may ever look at the rest of that set again."""
    for name, asked in memory.sign_offs.asked.items():
        if name != MAIN and not is_done(asked, memory.has_head_landed):
            because = why_left(asked, snapshot, memory.has_head_landed, {})
            if because is not None:
                services.log.append([voided_event(recorder_for(rules, snapshot), asked, because)])


def _looked_at(
    asked: Asked, members: Collection[PullRequest], rules: Rules, snapshot: Snapshot, services: Services
) -> Waiting:
    bench = bench_for(asked, members, rules, snapshot, services)
    judgement = judged(signatures_of(asked, snapshot.repository_id, services), bench, services.signatures)
    told = reasons_of_signatures(asked, judgement, rules)
    return Waiting(asked, judgement, {pull.number: told for pull in members} if told else {})


def waiting_in(
    journey: Journey, members: Collection[PullRequest], circumstances: Circumstances, name: str, services: Services
) -> Waiting:
    """
    As the log has it at this moment; one that has landed waits no more.

    It is judged on `members` as they are now and on `circumstances`, those of the last moment before landing.
    """
    asked = ledger_now(journey.snapshot, services).asked.get(name.casefold())
    if asked is None or is_done(asked, has_landed(journey)):
        return NOTHING
    now = replace(journey.snapshot, circumstances=circumstances)
    return _looked_at(asked, members, journey.rules, now, services)


def has_landed(journey: Journey) -> Landed:
    """Before this run or in it."""
    return lambda number, head: (
        journey.memory.has_head_landed(number, head)
        or (number in journey.landed and journey.pull_request(number).head == head)
    )
