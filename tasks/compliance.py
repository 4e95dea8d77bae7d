"""Compliance: every control of every policy, judged on what the code host says in the last moment before landing."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from config.schema import Stage
from tasks.approving import with_same_content
from tasks.circumstances import read_circumstances
from tasks.crash_points import CrashPoint, reached
from tasks.domain.approvals import short
from tasks.domain.audit import Event, EventType
from tasks.domain.checks.gating import Proof
from tasks.domain.checks.waiving import emergency_here
from tasks.domain.compliance import ComplianceReport, evaluate
from tasks.domain.decision_records import policy_decided, waivers_used
from tasks.domain.dependencies import parse
from tasks.domain.discovery import reasons_against
from tasks.domain.emergency_records import used_event
from tasks.domain.facts import MEDIA_TYPE, facts_of, written
from tasks.domain.freeze import Frost, frost_among
from tasks.domain.gates import Candidate, Evaluation, proof_of
from tasks.domain.journey import Cleared, Gated, Journey
from tasks.domain.membership import membership
from tasks.domain.memory import recall
from tasks.domain.model import Circumstances, CommitSha, PullRequest, Snapshot
from tasks.domain.not_before import reasons_of_time
from tasks.domain.ordering import reasons_of_dependencies, references_to_ask_again
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.records import Recorder
from tasks.domain.rules import Rules
from tasks.evidence import store_by_digest
from tasks.pausing import held_by_pauses
from tasks.ports import Services
from tasks.recording import recorder_for
from tasks.retrying import step


@step("compliance {journey.rules.repository}")
def check_compliance(journey: Journey, gated: Gated, services: Services) -> Cleared:
    """Reads again what is to land; if anybody in the batch may not, nobody lands before the others are gated alone."""
    if gated.evaluation is None:
        return Cleared(None, (), _frost(journey, gated, (), services.clock.now()).held)
    rules, members = journey.rules, gated.evaluation.candidate.members
    read = services.code_host.reread(journey.snapshot.repository, journey.snapshot.repository_id, members)
    compared = with_same_content(read, rules, journey.snapshot, services)
    current = _brought_along(compared, gated.evaluation.candidate.base, journey, services)
    now = _as_it_is_now(journey, current, gated.evaluation.candidate, services)
    proof = Proof(gated.evaluation, _recorded(journey, gated.evaluation, services))
    reports = tuple(evaluate(pull, rules, now.circumstances, proof) for pull in current)
    facts = store_by_digest(written(facts_of(current, rules, now.circumstances, proof)), services, MEDIA_TYPE)
    reached(CrashPoint.AFTER_FACTS)
    recorder, candidate = recorder_for(rules, journey.snapshot), gated.evaluation.candidate
    decided = [policy_decided(recorder, report, candidate, rules.policy_digest, facts) for report in reports]
    used = [event for report in reports for event in waivers_used(recorder, report, rules.waivers)]
    used += _emergencies(recorder, reports, rules, now.circumstances)
    services.log.append([*decided, *used])
    reached(CrashPoint.AFTER_COMPLIANCE)
    at = services.clock.now()
    frost = _frost(journey, gated, current, at)
    reasons = {
        pull.number: (*_against(journey, report, now), *reasons_of_time(pull, at), *frost.held.get(pull.number, ()))
        for report in reports
        for pull in [report.pull_request]
    }
    paused = held_by_pauses([pull for pull in journey.open if pull.number not in gated.reasons], rules, services)
    if paused:
        return Cleared(None, reports, {**paused, **{number: told for number, told in reasons.items() if told}})
    held = {number: against for number, against in reasons.items() if against}
    stays = None if held else gated.evaluation.candidate
    return Cleared(stays, reports, {**frost.held, **held}, now.circumstances, frost.passed)


def _emergencies(
    recorder: Recorder, reports: Iterable[ComplianceReport], rules: Rules, circumstances: Circumstances
) -> list[Event]:
    if rules.emergency is None:
        return []
    due = rules.emergency.review_due
    found = [
        used_event(recorder, report, emergency_here(report.pull_request, rules, circumstances), due)
        for report in reports
    ]
    return [event for event in found if event is not None]


def _frost(journey: Journey, gated: Gated, current: tuple[PullRequest, ...], at: datetime) -> Frost:
    """
    Whom freezes keep from landing that began since the plan was made, whether in the batch or open behind it.

    Those behind it are not gated any more. Whom gates have just refused is told that and nothing else.
    """
    read = {pull.number: pull for pull in current}
    pulls = [read.get(pull.number, pull) for pull in journey.open if pull.number not in gated.reasons]
    return frost_among(pulls, journey.dependencies, journey.rules, at)


def _as_it_is_now(
    journey: Journey, members: tuple[PullRequest, ...], candidate: Candidate, services: Services
) -> Snapshot:
    """
    What rules need to know, anew, and the state of the dependencies that may yet hold one of `members` up.

    Nothing is asked that no rule needs, and nothing of dependencies where none such is named.
    """
    snapshot = journey.snapshot
    references = references_to_ask_again(members, snapshot)
    return replace(
        snapshot,
        circumstances=read_circumstances(
            journey.rules, snapshot, members, candidate.base, services, about_to_land=candidate
        ),
        related={**snapshot.related, **(services.code_host.related(references) if references else {})},
    )


def _brought_along(
    read: tuple[PullRequest, ...], base: CommitSha, journey: Journey, services: Services
) -> tuple[PullRequest, ...]:
    """The code host calls merged what another one brought along with its commits: nobody has closed that."""
    if all(pull.open for pull in read):
        return read
    snapshot = journey.snapshot
    with services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        there = {
            pull.number
            for pull in read
            if pull.head == journey.pull_request(pull.number).head and mirror.contains(base, pull.head)
        }
    return tuple(replace(pull, open=pull.open or pull.number in there) for pull in read)


def _against(journey: Journey, report: ComplianceReport, snapshot: Snapshot) -> tuple[Reason, ...]:
    """`snapshot` holds the teams and the dependencies as they are now."""
    now, rules = report.pull_request, journey.rules
    reasons = [
        *_changes(journey, now),
        *reasons_of_dependencies(now, snapshot),
        *reasons_against(now, rules, snapshot.circumstances),
        *report.blocking_reasons,
    ]
    if not rules.audited:
        message = "global.yml disables the audit, and without a record nothing lands"
        reasons.append(Reason(ReasonCode.AUDIT_TRAIL_MISSING, message))
    if not reasons and rules.stage is not Stage.MERGE:
        reasons.append(Reason(ReasonCode.STAGE_GATE, f"it would land; {rules.team} is at stage {rules.stage.value}"))
    return tuple(dict.fromkeys(reasons))


def _changes(journey: Journey, now: PullRequest) -> list[Reason]:
    """What makes the plan's decisions void: they were about another head, or about other dependencies."""
    planned, repository = journey.pull_request(now.number), journey.snapshot.repository
    reasons = []
    if now.head != planned.head:
        message = f"{short(planned.head)} was gated, the head is now {short(now.head)}"
        reasons.append(Reason(ReasonCode.CHANGED_MEANWHILE, message, now.author))
    if parse(now.body, repository) != parse(planned.body, repository):
        reasons.append(Reason(ReasonCode.CHANGED_MEANWHILE, "what it depends on was changed", now.author))
    if membership(now.body) != membership(planned.body):
        reasons.append(Reason(ReasonCode.CHANGED_MEANWHILE, "what change set it is in was changed", now.author))
    return reasons


def _recorded(journey: Journey, evaluation: Evaluation, services: Services) -> frozenset[str]:
    """The gates whose pass on this very tree the audit log shows; what it showed when it was planned is read once."""
    news = services.log.events(
        repository_id=journey.snapshot.repository_id, types={EventType.GATE_FINISHED}, after=journey.memory.until
    )
    passes = {**journey.memory.gates.passes, **recall(news).gates.passes}
    candidate, environment = evaluation.candidate, services.gates.environment
    return frozenset(gate.name for gate in journey.rules.gates if proof_of(gate, candidate, environment) in passes)
