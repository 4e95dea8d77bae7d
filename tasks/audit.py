"""Audit: the intent is durable before the landing, the outcome after it; no record, no merge."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from config.schema import Stage
from tasks.code_store import Mirror
from tasks.crash_points import CrashPoint, reached
from tasks.denials import record_denials
from tasks.departures import record_departures
from tasks.domain.anomalies.landing import landing_facts
from tasks.domain.approvals import count_approvals
from tasks.domain.audit import Event
from tasks.domain.bounds import TITLE_LENGTH
from tasks.domain.canonical import canonical_json
from tasks.domain.circumstances import circumstances_document
from tasks.domain.compliance import ComplianceReport
from tasks.domain.dependencies import printable
from tasks.domain.gates import Candidate, Evaluation, steps_of
from tasks.domain.journey import Batch, Cleared, Gated, Journey
from tasks.domain.land import Announced, Landed
from tasks.domain.landings import why_given_up
from tasks.domain.lineup import signs_of
from tasks.domain.model import CommitSha, Snapshot
from tasks.domain.plan import conflict_reason, place_document, statuses_document
from tasks.domain.queue import Place
from tasks.domain.records import Recorder
from tasks.domain.remembered import IntentRecord
from tasks.domain.rules import Rules
from tasks.emergencies import look_for_reviews
from tasks.evidence import store_by_digest
from tasks.explaining import keep_answers
from tasks.merging import close_landed
from tasks.ports import Services
from tasks.protecting import record_protection
from tasks.recording import recorder_for
from tasks.remembering import remembered
from tasks.retrying import step
from tasks.workspace import remove_abandoned


@step("intent {journey.rules.repository}")
def record_intent(
    journey: Journey, gated: Gated, cleared: Cleared, services: Services, change_set: str | None = None
) -> Announced | None:
    """Writes down what is about to land and why it may; None where nothing is."""
    if cleared.candidate is None or gated.evaluation is None:
        return None
    candidate, rules = cleared.candidate, journey.rules
    recorder = recorder_for(rules, journey.snapshot)
    signs = signs_of(journey, [report.pull_request for report in cleared.reports])
    skipping = _asking_to_skip(candidate, journey.snapshot, services)
    intents = []
    for report in cleared.reports:
        grounds = _grounds(journey, gated.evaluation, report, cleared)
        digest = store_by_digest(canonical_json(grounds), services, "application/json")
        reached(CrashPoint.AFTER_GROUNDS)
        pull = report.pull_request
        details: dict[str, JsonValue] = {
            "grounds": digest,
            "policy": rules.policy_digest,
            "title": printable(pull.title, TITLE_LENGTH),
            "author": pull.author,
            "opened_at": pull.created_at.isoformat(),
            "sign": signs[pull.number].value,
            "post_landing": [gate.name for gate in rules.post_landing],
            "class": "emergency" if report.for_emergency else "standard",
            **landing_facts(
                report, gated.evaluation, approvers=rules.approvers, skipping=skipping.get(pull.number, ())
            ),
        }
        intents.append(recorder.merge_intent(pull, candidate, rules.method, details))
    reached(CrashPoint.AFTER_EVIDENCE)
    services.log.append([*_held_behind(journey, candidate, recorder), *intents])
    reached(CrashPoint.AFTER_INTENT)
    return Announced(candidate, tuple(intents), change_set)


def _asking_to_skip(
    candidate: Candidate, snapshot: Snapshot, services: Services
) -> Mapping[int, tuple[CommitSha, ...]]:
    """By pull request, of what it brings; hardly ever anything, so that git is asked once."""
    with services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        if not mirror.asking_to_skip(after=candidate.base, until=candidate.commit):
            return {}
        places = (candidate.base, *mirror.line(after=candidate.base, until=candidate.commit))
        steps = steps_of(candidate, places).items()
        return {number: mirror.asking_to_skip(after=before, until=after) for number, (before, after) in steps}


def _held_behind(journey: Journey, candidate: Candidate, recorder: Recorder) -> list[Event]:
    """Once the one ahead has landed, nobody could tell a conflict with it from one with the target branch."""
    pulls = {pull.number: pull for pull in journey.snapshot.pull_requests}
    held = ((pull, found, conflict_reason(found, pulls)) for pull, found in journey.behind(candidate.members))
    return [recorder.change_evaluated(pull, reason.outcome, (reason,), found) for pull, found, reason in held]


def _grounds(
    journey: Journey, evaluation: Evaluation, report: ComplianceReport, cleared: Cleared
) -> dict[str, JsonValue]:
    """Everything that the decision to land rested on, without texts of reviews, and what others said of the head."""
    pull, candidate = report.pull_request, evaluation.candidate
    approvals = count_approvals(pull, approvers=journey.rules.approvers)
    return {
        "pull_request": pull.number,
        "head": pull.head,
        "contributors": list[JsonValue](sorted(pull.contributors)),
        "last_pusher": pull.last_pusher,
        "base": candidate.base,
        "candidate": candidate.commit,
        "tree": candidate.tree,
        "batch": list(candidate.members),
        "policy": journey.rules.policy_digest,
        "configuration": journey.rules.configuration_digest,
        "approvals": [
            {
                "reviewer": review.reviewer,
                "review": review.identifier,
                "commit": review.commit,
                "brings_the_same": review.commit != pull.head,
            }
            for review in approvals.counted
        ],
        **circumstances_document(cleared.circumstances, pull),
        "place": place_document(journey.plan.places.get(pull.number, Place(pull.number))),
        "freezes_passed": [
            {"name": each.freeze.name, "owner": each.freeze.owner, "because": each.because}
            for each in cleared.passed.get(pull.number, ())
        ],
        "sign_offs": [
            {
                "role": each.given.role,
                "person": each.given.principal,
                "plan": each.given.plan,
                "event": each.given.event,
            }
            for each in cleared.sign_offs
        ],
        "gates": [
            {"gate": result.gate, "required": result.required, "verdict": result.verdict.value, "log": result.log}
            for result in evaluation.results
        ],
        "findings": [
            {"rule": finding.rule, "result": finding.result, "because": finding.because} for finding in report.findings
        ],
        "statuses": statuses_document(pull),
    }


@step("outcomes {journey.rules.repository}")
def record_outcomes(journey: Journey, last: Batch, services: Services) -> Journey:
    """
    Writes down why each pull request that did not land did not, by policies too, and returns the journey at its end.

    `last` is the batch in which there was nothing left to gate.
    """
    concluded = journey.concluded(last)
    record_denials(concluded, services)
    recorder = recorder_for(journey.rules, journey.snapshot)
    services.log.append(
        [
            recorder.change_evaluated(
                pull,
                concluded.outcome(pull.number),
                concluded.reasons[pull.number],
                concluded.conflicts.get(pull.number),
            )
            for pull in concluded.snapshot.pull_requests
            if pull.number not in {*concluded.landed, *concluded.undecided}
        ]
    )
    reached(CrashPoint.AFTER_OUTCOME_RECORDS)
    keep_answers(concluded, services)
    return concluded


@step("recover {rules.repository}")
def close_open_intents(rules: Rules, snapshot: Snapshot, services: Services) -> None:
    """
    Finishes what a run left that died between announcing a landing and telling of it.

    What git shows on the target branch has landed. What is not there is left announced while the same head is open and
    the branch is where it was, since this run may land it; otherwise it is recorded as given up. Reviews that landings
    in emergencies still owe are looked for, and at stage `gate` what people did meanwhile with what was judged. How the
    target branch is guarded is recorded, where rules ask for it.
    """
    memory = remembered(snapshot.repository_id, services)
    if memory.open_intents:
        _close_records(memory.open_intents, rules, snapshot, services)
        memory = remembered(snapshot.repository_id, services)
    if rules.stage is Stage.MERGE:
        there = [landed for pull in snapshot.pull_requests if (landed := memory.landing_of(pull))]
        close_landed(rules, snapshot, there, services)
        remove_abandoned(services.home)
    look_for_reviews(rules, snapshot, services)
    record_departures(rules, snapshot, services)
    record_protection(rules, snapshot, services)
    reached(CrashPoint.AFTER_RECOVERY)


def _close_records(intents: Sequence[IntentRecord], rules: Rules, snapshot: Snapshot, services: Services) -> None:
    recorder = recorder_for(rules, snapshot)
    events = {event.id: event for event in services.log.events(repository_id=snapshot.repository_id)}
    with services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        tip = mirror.fetch(rules.target, ())
        found = {intent.event: _landed_as(intent, tip, mirror) for intent in intents}
    for intent in intents:
        landed = found[intent.event]
        if landed is not None:
            services.log.append([recorder.merge_completed(events[intent.event], landed)])
        elif message := why_given_up(intent, tip, still_open=_is_open(intent, snapshot), events=events.values()):
            services.log.append([recorder.merge_failed(events[intent.event], message, final=True)])
        else:
            continue
        reached(CrashPoint.AFTER_RECOVERED_LANDING)


def _is_open(intent: IntentRecord, snapshot: Snapshot) -> bool:
    return any((pull.number, pull.head) == (intent.number, intent.head) for pull in snapshot.pull_requests)


def _landed_as(intent: IntentRecord, tip: CommitSha, mirror: Mirror) -> Landed | None:
    commit = mirror.commit_with_tree(intent.tree, after=intent.base, until=tip, besides=intent.head)
    if commit is None:
        return None
    return Landed(intent.number, commit, intent.tree, intent.tree, intent.method)
