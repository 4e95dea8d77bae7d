"""Sign-off: whether the named roles have signed this very plan; what lacks a signature is held, people are asked."""

from dataclasses import replace

from tasks.crash_points import CrashPoint, reached
from tasks.domain.frozen_plan import PASSING, asked_for, is_done, next_plan, plan_to_sign
from tasks.domain.gates import Candidate
from tasks.domain.journey import Cleared, Journey, Reasons
from tasks.domain.model import PullRequest
from tasks.domain.plan import conflict_reason
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.sign_off import Judgement, concerned, demanded, reasons_of_signatures, wrote
from tasks.domain.sign_off_records import MAIN, Asked, asked_event, voided_event
from tasks.ports import Services
from tasks.recording import recorder_for
from tasks.retrying import step
from tasks.signing import Waiting, has_landed, ledger_now, waiting_in

UNSIGNED = Reason(ReasonCode.SIGN_OFF_MISSING, "nobody was asked to sign its plan yet")
_OF_SIGNING = frozenset({ReasonCode.SIGN_OFF_MISSING, ReasonCode.PLAN_FROZEN})


def check_sign_off(journey: Journey, cleared: Cleared, services: Services, name: str = MAIN) -> Cleared:
    """
    Judges the signatures of what is to land on what the log holds at this moment; nobody lands while some are missing.

    `name` is that of a change set, where this is what is here of one. Where nobody has to sign nothing is looked at.
    """
    if cleared.candidate is None or not journey.rules.sign_offs:
        return cleared
    return judge_sign_off(journey, cleared, cleared.candidate, services, name)


@step("sign-off {journey.rules.repository}", name="sign-off")
def judge_sign_off(journey: Journey, cleared: Cleared, candidate: Candidate, services: Services, name: str) -> Cleared:
    pulls = [report.pull_request for report in cleared.reports]
    needy = concerned(pulls, len(candidate.members), journey.rules, cleared.circumstances)
    if not needy:
        return cleared
    waiting = waiting_in(journey, pulls, cleared.circumstances, name, services)
    held = {pull.number: told for pull in pulls if pull.number in needy and (told := _against(pull, waiting, journey))}
    if not held:
        return replace(cleared, sign_offs=waiting.judgement.accepted if waiting.judgement else ())
    return replace(cleared, candidate=None, reasons={**cleared.reasons, **held, **_behind(journey, held)})


def _against(pull: PullRequest, waiting: Waiting, journey: Journey) -> tuple[Reason, ...]:
    if waiting.asked is None:
        planned = any(member.number == pull.number for member in journey.plan.members)
        return (UNSIGNED,) if planned else (next_plan(None),)
    if not waiting.asked.holds(pull.number, pull.head):
        return (next_plan(waiting.asked),)
    if (gone := _gone(waiting.asked, journey)) is not None:
        return (Reason(ReasonCode.SIGN_OFF_MISSING, f"plan {waiting.asked.plan} is void: {gone}"),)
    return waiting.lacking.get(pull.number, ())


def _gone(asked: Asked, journey: Journey) -> str | None:
    """Who left the plan in this run, and why; None where all of it is landing, or has."""
    landed = has_landed(journey)
    for member in asked.members:
        told = [each for each in journey.reasons.get(member.number, ()) if each.code not in PASSING]
        if told and not landed(member.number, member.head):
            return f"#{member.number} left: {told[0].message}"
    return None


def _behind(journey: Journey, held: Reasons) -> Reasons:
    """Whoever conflicts with what waits waits behind it: to land first would make void what people sign."""
    pulls = {pull.number: pull for pull in journey.snapshot.pull_requests}
    return {pull.number: (conflict_reason(found, pulls),) for pull, found in journey.behind(held.keys())}


def ask_for_sign_offs(journey: Journey, services: Services, name: str = MAIN) -> Journey:
    """
    Freezes what lacks nothing but signatures into one plan and asks for them, once; the journey then names that plan.

    A plan that was asked for before and that somebody left in this run is void.
    """
    return put_question(journey, services, name) if journey.rules.sign_offs else journey


@step("ask for signatures {journey.rules.repository}", name="ask for signatures")
def put_question(journey: Journey, services: Services, name: str) -> Journey:
    held = {n for n, told in journey.reasons.items() if told and {reason.code for reason in told} <= _OF_SIGNING}
    ledger = ledger_now(journey.snapshot, services)
    before = ledger.asked.get(name.casefold())
    recorder = recorder_for(journey.rules, journey.snapshot)
    if before is not None and (gone := _gone(before, journey)) is not None:
        services.log.append([voided_event(recorder, before, gone)])
        ledger, before = ledger_now(journey.snapshot, services), None
    if before is not None and not is_done(before, has_landed(journey)):
        return _asked_again(journey, before, held, services)
    chosen = plan_to_sign(journey.plan, held)
    if chosen is None:
        return journey
    pulls = _pulls(journey, {member.number for member in chosen.plan.members})
    roles = demanded(pulls, len(pulls), journey.rules, journey.snapshot.circumstances)
    turn = ledger.turn_of(chosen.plan.digest)
    asked = asked_for(chosen, name, roles, wrote(pulls), turn, journey.rules)
    told = _ask(journey, asked, services)
    left_over = dict.fromkeys(chosen.left_over, (next_plan(asked),))
    reasons = {**journey.reasons, **dict.fromkeys(asked.numbers, told), **left_over}
    return replace(journey, plan=chosen.plan, reasons=reasons)


def _asked_again(journey: Journey, before: Asked, held: set[int], services: Services) -> Journey:
    """The same plan goes on waiting, maybe for more roles than it did: a label can ask for another."""
    pulls = [pull for pull in _pulls(journey, held) if before.holds(pull.number, pull.head)]
    roles = before.roles | demanded(pulls, len(before.members), journey.rules, journey.snapshot.circumstances)
    if roles != before.roles:
        _ask(journey, replace(before, roles=roles), services)
    return replace(journey, plan=replace(journey.plan, members=before.members))


def _ask(journey: Journey, asked: Asked, services: Services) -> tuple[Reason, ...]:
    """What is said of its members until somebody has signed."""
    told = reasons_of_signatures(asked, Judgement((), (), tuple(sorted(asked.roles))), journey.rules)
    message = "; ".join(reason.message for reason in told)
    services.log.append([asked_event(recorder_for(journey.rules, journey.snapshot), asked, message)])
    reached(CrashPoint.AFTER_SIGN_OFF_ASKED)
    return told


def _pulls(journey: Journey, numbers: set[int]) -> list[PullRequest]:
    return [pull for pull in journey.snapshot.pull_requests if pull.number in numbers]
